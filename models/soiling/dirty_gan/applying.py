"""Soils and cleans images in masks by trained networks; pixels where a mask is 0 stay as they are, bit for bit."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from models.arithmetic.devices import autocast
from models.configs import DeviceName, Precision, from_plain, require
from models.soiling.dirty_gan.config import DirtyGanConfig
from models.soiling.dirty_gan.confinement import confine
from models.soiling.dirty_gan.data import found_masks
from models.soiling.dirty_gan.networks import CLEANER, SOILER, build_networks
from models.soiling.masks import check_masks, resize_mask
from models.training.checkpoints import State, require_kind
from models.training.kept_networks import place_best_network
from models.translation.image_sets import to_bchw
from models.translation.images import check_images, to_bytes, to_floats

KIND = "dirty_gan"  # of a state


@dataclass(frozen=True)
class DirtyGan:
    """Networks in evaluation mode on their device."""

    config: DirtyGanConfig
    networks: nn.ModuleDict
    device: torch.device

    def soil(self, images_bchw: Tensor, mask_b1hw: Tensor) -> Tensor:
        """x_s, float32 [b, 3, h, w] in -1..1 of images in -1..1; sides are multiples of 4."""
        return self._confine(SOILER, images_bchw, mask_b1hw)

    def clean(self, images_bchw: Tensor, mask_b1hw: Tensor) -> Tensor:
        """x_c, as `soil`; the mask is what soiling is to be taken from."""
        return self._confine(CLEANER, images_bchw, mask_b1hw)

    def _confine(self, name: str, images_bchw: Tensor, mask_b1hw: Tensor) -> Tensor:
        with autocast(self.device, self.config.arithmetic):
            return confine(self.networks[name], images_bchw, mask_b1hw, self.config.mask_input).image_bchw


def load_dirty_gan(state: State, *, device: DeviceName = "auto", precision: Precision = "auto") -> DirtyGan:
    """The weights that `state` keeps; ValueError if there are none yet. `precision` is this machine's."""
    require_kind(state, KIND)
    config = replace(from_plain(DirtyGanConfig, state["config"]), device=device, precision=precision)
    networks, place = place_best_network(state, lambda: build_networks(config), config)
    return DirtyGan(config, networks, place)


def soil_images(
    gan: DirtyGan, images_nhwc: np.ndarray, masks_nst: np.ndarray, *, batch_size: int = 8
) -> np.ndarray:
    """Images uint8 [n, h, w, 3] soiled by masks float32 [n, s, t] in 0..1, which are brought to the images' size.

    ValueError for images or masks that do not fit; sides are multiples of 4. The exact opacity is `resize_mask` of the mask.
    """
    check_images("clean", images_nhwc)
    check_masks("drawn", masks_nst)
    require(
        len(images_nhwc) == len(masks_nst),
        f"There are {len(images_nhwc)} images but {len(masks_nst)} masks; give a mask for each image.",
    )
    size = (int(images_nhwc.shape[1]), int(images_nhwc.shape[2]))
    parts = []
    with torch.inference_mode():
        for start in range(0, len(images_nhwc), batch_size):
            images, masks = (
                to_bchw(values[start : start + batch_size]).to(gan.device)
                for values in (images_nhwc, masks_nst)
            )
            parts.append(_to_nhwc(gan.soil(to_floats(images), resize_mask(masks, size))))
    return np.concatenate(parts)


def clean_images(
    gan: DirtyGan, images_nhwc: np.ndarray, opacity: nn.Module, *, batch_size: int = 8
) -> np.ndarray:
    """Images uint8 [n, h, w, 3] without the soiling that M finds: x_c with m' = gaussian(M(x_s))."""
    check_images("soiled", images_nhwc)
    parts = []
    with torch.inference_mode():
        for start in range(0, len(images_nhwc), batch_size):
            images = to_floats(to_bchw(images_nhwc[start : start + batch_size]).to(gan.device))
            masks = found_masks(opacity, images, gan.config.smoothing_px)
            parts.append(_to_nhwc(gan.clean(images, masks)))
    return np.concatenate(parts)


def _to_nhwc(images_bchw: Tensor) -> np.ndarray:
    return to_bytes(images_bchw).permute(0, 2, 3, 1).cpu().numpy()
