"""What the confined CycleGAN learns from: clean images, soiled ones that need no annotation, and masks to soil by."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from models.arithmetic.devices import choose_device, send
from models.configs import require
from models.soiling.dirty_gan.config import DirtyGanConfig
from models.soiling.dirty_gan.losses import DirtyBatch
from models.soiling.masks import check_masks, resize_mask, smooth
from models.training.randomness import sample_indices, stream_rng
from models.translation.image_pool import plan_exchange
from models.translation.image_sets import to_bchw
from models.translation.images import check_images, to_floats


@dataclass(frozen=True)
class DirtySets:
    """Images uint8 [n, h, w, 3] of one size, clean and soiled, unpaired; masks float32 [k, s, t] in 0..1 of any size."""

    clean_nhwc: np.ndarray
    soiled_nhwc: np.ndarray
    masks_kst: np.ndarray

    @property
    def image_hw(self) -> tuple[int, int]:
        height, width = self.clean_nhwc.shape[1:3]
        return int(height), int(width)


@dataclass(frozen=True)
class DirtySplits:
    """What the networks learn from, and what their figures are told by."""

    train: DirtySets
    val: DirtySets


def check_sets(splits: DirtySplits) -> None:
    """ValueError for sets that cannot be trained or validated on."""
    for name, sets in (("training", splits.train), ("validation", splits.val)):
        check_images(f"clean {name}", sets.clean_nhwc)
        check_images(f"soiled {name}", sets.soiled_nhwc)
        require(
            sets.clean_nhwc.shape[1:] == sets.soiled_nhwc.shape[1:],
            f"The clean and soiled {name} images must have one size, but are {list(sets.clean_nhwc.shape[1:3])} and "
            f"{list(sets.soiled_nhwc.shape[1:3])} (height, width).",
        )
        check_masks(name, sets.masks_kst)
        require(
            float(sets.masks_kst.max()) > 0,
            f"None of the {len(sets.masks_kst)} {name} masks has any soiling; one or more must.",
        )
    require(
        splits.train.image_hw == splits.val.image_hw,
        f"Training and validation images must have one size, but are {list(splits.train.image_hw)} and "
        f"{list(splits.val.image_hw)} (height, width).",
    )


def batch_drawer(
    config: DirtyGanConfig, sets: DirtySets, opacity: nn.Module, *, seed: int
) -> Callable[[int], DirtyBatch]:
    """Makes batch number n, of (seed, n) alone; soiled images get M's own masks."""
    device = choose_device(config.device)

    def draw(number: int) -> DirtyBatch:
        clean, masks, soiled = (
            _draw_part(config, name, part, seed=seed, number=number)
            for name, part in (
                ("clean", sets.clean_nhwc),
                ("masks", sets.masks_kst),
                ("soiled", sets.soiled_nhwc),
            )
        )
        images = to_floats(send(soiled, device))
        return DirtyBatch(
            clean_bchw=to_floats(send(clean, device)),
            masks_b1hw=resize_mask(send(masks, device), sets.image_hw),
            soiled_bchw=images,
            soiled_masks_b1hw=found_masks(opacity, images, config.smoothing_px),
            soiled_plan=_plan_pool(config, "soiled_pool", seed=seed, number=number),
            clean_plan=_plan_pool(config, "clean_pool", seed=seed, number=number),
        )

    return draw


def found_masks(opacity: nn.Module, images_bchw: Tensor, smoothing_px: float) -> Tensor:
    """m' = gaussian(M(y)) [b, 1, h, w] of images in -1..1, without gradient."""
    with torch.no_grad():
        return smooth(opacity(images_bchw), smoothing_px)


def _draw_part(config: DirtyGanConfig, name: str, values: np.ndarray, *, seed: int, number: int) -> Tensor:
    """[b, c, h, w] as stored, each flipped left to right or not."""
    count = config.batch_size
    chosen = sample_indices(seed, name, start=number * count, count=count, population=len(values))
    flips = stream_rng(seed, f"flip_{name}", number).random(count) < config.flip_probability
    batch = to_bchw(np.stack([values[index] for index in chosen]))
    return torch.stack([each.flip(-1) if flip else each for each, flip in zip(batch, flips, strict=True)])


def _plan_pool(config: DirtyGanConfig, name: str, *, seed: int, number: int) -> Tensor:
    """[b, 2] of this process's own pool, which is as old as the training."""
    plan = plan_exchange(
        number // config.processes,
        batch_size=config.batch_size,
        capacity=config.pool_images,
        rng=stream_rng(seed, name, number),
    )
    return send(torch.from_numpy(plan), choose_device(config.device))
