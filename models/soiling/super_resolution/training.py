"""Trains super resolution on clean images reduced by 4, and keeps the weights with the best PSNR in validation.

What the seed trained its own on it does not say.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from models.arithmetic.devices import autocast, choose_device, send
from models.augmentation.config import GeometricConfig
from models.augmentation.geometric import draw_placement, place_image
from models.configs import require, to_plain
from models.soiling.super_resolution.applying import KIND, Enlarger
from models.soiling.super_resolution.config import FACTOR, SuperResolutionConfig
from models.soiling.super_resolution.network import EDSR, enlarge_bicubic, psnr_db, reduce_images
from models.training.checkpoints import State
from models.training.randomness import sample_indices, stream_rng
from models.training.supervised import Choice, Hooks, Losses, Task, start_network, train_network
from models.translation.image_sets import to_bchw
from models.translation.images import to_floats
from models.translation.losses import pixel_distance


@dataclass(frozen=True)
class CleanSets:
    """Images uint8 [n, h, w, 3] to learn from and to validate on, arrays or memmaps."""

    train_nhwc: np.ndarray
    val_nhwc: np.ndarray


def train_super_resolution(
    config: SuperResolutionConfig, sets: CleanSets, *, seed: int, resume: State | None, hooks: Hooks
) -> State:
    """The finished state, for `load_enlarger`.

    Raises ValueError for sets or a `resume` that do not fit, TrainingDivergedError if a loss is not finite.
    """
    config = config.settled()
    task = super_resolution_task(config, sets, seed=seed)
    return train_network(task, config, seed=seed, resume=resume, hooks=hooks)


def super_resolution_task(config: SuperResolutionConfig, sets: CleanSets, *, seed: int) -> Task[Tensor]:
    """A new network with the batches and figures that it learns by; ValueError for sets that do not fit."""
    _check("training", sets.train_nhwc, least_px=config.crop_px)
    _check("validation", sets.val_nhwc, least_px=4 * FACTOR)
    device = choose_device(config.device)
    return Task(
        kind=KIND,
        network=start_network(partial(EDSR, config), config, seed=seed),
        draw=lambda number: draw_batch(config, sets.train_nhwc, seed=seed, number=number),
        losses=partial(find_losses, config),
        validate=lambda network: validate(Enlarger(config, network, device), sets.val_nhwc),
        choice=Choice("psnr_db", is_higher_better=True),
        identity={"config": to_plain(config)},
    )


def draw_batch(config: SuperResolutionConfig, images_nhwc: np.ndarray, *, seed: int, number: int) -> Tensor:
    """Crops float [b, 3, crop_px, crop_px] in -1..1, flipped and turned by quarters as in the paper."""
    count, rng = config.batch_size, stream_rng(seed, "augment", number)
    chosen = sample_indices(seed, "train", start=number * count, count=count, population=len(images_nhwc))
    images = to_bchw(np.stack([images_nhwc[index] for index in chosen]))
    image_hw = (images.shape[-2], images.shape[-1])
    lay = GeometricConfig(rotation="quarter_turn", crop_hw=(config.crop_px, config.crop_px))
    placed = [place_image(image, draw_placement(lay, rng, image_hw=image_hw)) for image in images]
    return to_floats(send(torch.stack(placed), choose_device(config.device)))


def find_losses(config: SuperResolutionConfig, network: nn.Module, images_bchw: Tensor) -> Losses:
    """L1 between images and what is made of them reduced (Lim et al. 2017, section 3.2)."""
    with autocast(images_bchw.device, config.arithmetic):
        enlarged = network(reduce_images(images_bchw))
    return {"pixel": pixel_distance(enlarged, images_bchw)}


def validate(enlarger: Enlarger, images_nhwc: np.ndarray) -> dict[str, float]:
    """Means over whole images: PSNR, that of bicubic interpolation, and by how much the network is better."""
    ours, bicubic = [], []
    for image in images_nhwc:
        pixels = to_floats(to_bchw(_cut(image)[None]).to(enlarger.device))
        reduced = reduce_images(pixels)
        ours.append(psnr_db(enlarger(reduced), pixels).item())
        bicubic.append(psnr_db(enlarge_bicubic(reduced), pixels).item())
    mean, base = float(np.mean(ours)), float(np.mean(bicubic))
    return {"psnr_db": mean, "bicubic_psnr_db": base, "gain_db": mean - base}


def _cut(image_hwc: np.ndarray) -> np.ndarray:
    """Sides that 4 divides."""
    height, width = (side // FACTOR * FACTOR for side in image_hwc.shape[:2])
    return image_hwc[:height, :width]


def _check(name: str, images_nhwc: np.ndarray, *, least_px: int) -> None:
    require(
        images_nhwc.ndim == 4
        and images_nhwc.shape[-1] == 3
        and images_nhwc.dtype == np.uint8
        and len(images_nhwc) > 0,
        f"The {name} images must be uint8 [n, height, width, 3] with n >= 1, but were {images_nhwc.dtype} "
        f"{list(images_nhwc.shape)}.",
    )
    height, width = images_nhwc.shape[1:3]
    require(
        min(height, width) >= least_px,
        f"The {name} images are {width} x {height} px, but {least_px} px a side is the least; take larger ones, or "
        "lower crop_px.",
    )
