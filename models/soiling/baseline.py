"""Soiling at a quarter of width and height, enlarged and blended into whole images: the seed's baseline (section 2).

Shapes: b batch, h x w pixels, multiples of 16; images are floats in -1..1, masks in 0..1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.configs import require
from models.soiling.dirty_gan.confinement import blend
from models.soiling.masks import SMOOTHING_PX, resize_mask, smooth
from models.soiling.super_resolution.config import FACTOR
from models.soiling.super_resolution.network import reduce_images
from models.translation.image_sets import to_bchw
from models.translation.images import to_bytes, to_floats

Images = Callable[[Tensor], Tensor]
_SIDES = 4 * FACTOR  # generators halve a quarter of an image twice


@dataclass(frozen=True)
class Baseline:
    """Networks as functions of images [b, 3, h, w] in -1..1.

    `translate` is a CycleGAN from clean to soiled of all pixels, `opacity` M, which gives [b, 1, h, w], `enlarge` U, which
    gives [b, 3, 4 h, 4 w].
    """

    translate: Images
    opacity: Images
    enlarge: Images
    smoothing_px: float = SMOOTHING_PX  # of M's answers, at a quarter of the size


def soil_by_baseline(baseline: Baseline, images_bchw: Tensor) -> tuple[Tensor, Tensor]:
    """(1 - m) I + m U(I_s) [b, 3, h, w] and m [b, 1, h, w] = gaussian(M(I_s)).

    Unlike the seed's m, which U enlarges too, ours is enlarged bilinearly: opacity has no texture to be invented.
    """
    _check_size(images_bchw)
    soiled = baseline.translate(reduce_images(images_bchw))
    mask = smooth(baseline.opacity(soiled), baseline.smoothing_px)
    return blend_enlarged(images_bchw, soiled, mask, baseline.enlarge)


def soil_at_quarter_size(
    images_bchw: Tensor, mask_b1hw: Tensor, *, soil: Callable[[Tensor, Tensor], Tensor], enlarge: Images
) -> tuple[Tensor, Tensor]:
    """The same by `DirtyGan.soil`, for whole images of a network that was trained at a quarter of their size.

    The mask, of any size, is brought to a quarter of the image's and from there to its own, which is what is returned.
    """
    _check_size(images_bchw)
    reduced = reduce_images(images_bchw)
    mask = resize_mask(mask_b1hw, (reduced.shape[-2], reduced.shape[-1]))
    return blend_enlarged(images_bchw, soil(reduced, mask), mask, enlarge)


def blend_enlarged(
    images_bchw: Tensor, soiled_bchw: Tensor, mask_b1hw: Tensor, enlarge: Images
) -> tuple[Tensor, Tensor]:
    """What is soiled at a quarter of the size, in whole images; the mask with it, enlarged bilinearly."""
    mask = resize_mask(mask_b1hw, (images_bchw.shape[-2], images_bchw.shape[-1]))
    return blend(images_bchw, enlarge(soiled_bchw), mask), mask


def soil_images_by_baseline(
    baseline: Baseline, images_nhwc: np.ndarray, device: torch.device, *, batch_size: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [n, h, w, 3] soiled, and their masks float32 [n, h, w]."""
    soiled, masks = [], []
    with torch.inference_mode():
        for start in range(0, len(images_nhwc), batch_size):
            images = to_floats(to_bchw(images_nhwc[start : start + batch_size]).to(device))
            blended, mask = soil_by_baseline(baseline, images)
            soiled.append(to_bytes(blended).permute(0, 2, 3, 1).cpu().numpy())
            masks.append(mask[:, 0].cpu().numpy())
    return np.concatenate(soiled), np.concatenate(masks)


def _check_size(images_bchw: Tensor) -> None:
    height, width = images_bchw.shape[-2:]
    require(
        height % _SIDES == 0 and width % _SIDES == 0,
        f"Images of {width} x {height} px do not have sides that are multiples of {_SIDES}; crop them to "
        f"{width // _SIDES * _SIDES} x {height // _SIDES * _SIDES}.",
    )
