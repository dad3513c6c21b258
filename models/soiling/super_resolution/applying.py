"""Images at four times their width and height by a trained network: the part that validation and users share."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from models.arithmetic.devices import autocast
from models.configs import DeviceName, Precision, from_plain, require
from models.soiling.super_resolution.config import FACTOR, SuperResolutionConfig
from models.soiling.super_resolution.network import EDSR, reduce_images
from models.training.checkpoints import State, require_kind
from models.training.kept_networks import place_best_network
from models.translation.image_sets import to_bchw
from models.translation.images import to_bytes, to_floats

KIND = "super_resolution"  # of a state


@dataclass(frozen=True)
class Enlarger:
    """A network in evaluation mode on its device."""

    config: SuperResolutionConfig
    network: nn.Module
    device: torch.device

    def __call__(self, images_bchw: Tensor) -> Tensor:
        """Float32 [b, 3, 4 h, 4 w] in -1..1 of images in -1..1 [b, 3, h, w] on the network's device."""
        with autocast(self.device, self.config.arithmetic):
            return self.network(images_bchw).float().clamp(-1, 1)


def load_enlarger(state: State, *, device: DeviceName = "auto", precision: Precision = "auto") -> Enlarger:
    """The best checkpoint in `state`; ValueError if there is none yet. `precision` is this machine's."""
    require_kind(state, KIND)
    config = replace(from_plain(SuperResolutionConfig, state["config"]), device=device, precision=precision)
    network, place = place_best_network(state, lambda: EDSR(config), config)
    return Enlarger(config, network, place)


def enlarge(enlarger: Enlarger, images_nhwc: np.ndarray, *, batch_size: int = 8) -> np.ndarray:
    """uint8 [n, 4 h, 4 w, 3] of images uint8 [n, h, w, 3]; colours only, opacity is never enlarged by a network."""
    count, height, width = images_nhwc.shape[:3]
    enlarged = np.empty((count, FACTOR * height, FACTOR * width, 3), np.uint8)
    with torch.inference_mode():
        for start in range(0, count, batch_size):
            part = to_floats(to_bchw(images_nhwc[start : start + batch_size]).to(enlarger.device))
            enlarged[start : start + batch_size] = _to_nhwc(enlarger(part))
    return enlarged


def reduce(images_nhwc: np.ndarray, *, batch_size: int = 32) -> np.ndarray:
    """uint8 [n, h / 4, w / 4, 3] as U's training reduces; ValueError where 4 does not divide a side."""
    count, height, width = images_nhwc.shape[:3]
    require(
        height % FACTOR == 0 and width % FACTOR == 0,
        f"Images of {width} x {height} px cannot be reduced by {FACTOR}; crop them to "
        f"{width // FACTOR * FACTOR} x {height // FACTOR * FACTOR}.",
    )
    reduced = np.empty((count, height // FACTOR, width // FACTOR, 3), np.uint8)
    for start in range(0, count, batch_size):
        part = to_floats(to_bchw(images_nhwc[start : start + batch_size]))
        reduced[start : start + batch_size] = _to_nhwc(reduce_images(part))
    return reduced


def _to_nhwc(images_bchw: Tensor) -> np.ndarray:
    return to_bytes(images_bchw).permute(0, 2, 3, 1).cpu().numpy()
