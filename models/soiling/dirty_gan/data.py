"""What the confined CycleGAN learns from: clean images, soiled ones that need no annotation, and masks to soil by."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

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

Choice = tuple[int, bool]  # the number of an image or mask, and whether it is flipped left to right


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
    parts = {"clean": sets.clean_nhwc, "masks": sets.masks_kst, "soiled": sets.soiled_nhwc}
    find = _remembering(partial(found_masks, opacity, smoothing_px=config.smoothing_px))

    def draw(number: int) -> DirtyBatch:
        chosen = {
            name: _choose(config, name, len(part), seed=seed, number=number) for name, part in parts.items()
        }
        clean, masks, soiled = (send(_pick(parts[name], chosen[name]), device) for name in parts)
        images = to_floats(soiled)
        return DirtyBatch(
            clean_bchw=to_floats(clean),
            masks_b1hw=resize_mask(masks, sets.image_hw),
            soiled_bchw=images,
            soiled_masks_b1hw=find(chosen["soiled"], images),
            soiled_plan=_plan_pool(config, "soiled_pool", seed=seed, number=number),
            clean_plan=_plan_pool(config, "clean_pool", seed=seed, number=number),
        )

    return draw


def found_masks(opacity: nn.Module, images_bchw: Tensor, smoothing_px: float) -> Tensor:
    """m' = gaussian(M(y)) [b, 1, h, w] of images in -1..1, without gradient."""
    with torch.no_grad():
        return smooth(opacity(images_bchw), smoothing_px)


def _remembering(
    find: Callable[[Tensor], Tensor],
) -> Callable[[list[Choice], Tensor], Tensor]:
    """M is fixed, so each image, flipped or not, is shown to it once; the host keeps its mask, 4 bytes a pixel.

    One at a time: an image's mask must not depend on what stands beside it in a batch, or resumed trainings differ.
    """
    known: dict[Choice, Tensor] = {}

    def find_or_recall(choices: list[Choice], images_bchw: Tensor) -> Tensor:
        for choice, image in zip(choices, images_bchw, strict=True):
            if choice not in known:
                known[choice] = find(image[None]).cpu()
        return torch.cat([known[choice] for choice in choices]).to(images_bchw.device)

    return find_or_recall


def _choose(config: DirtyGanConfig, name: str, population: int, *, seed: int, number: int) -> list[Choice]:
    count = config.batch_size
    indices = sample_indices(seed, name, start=number * count, count=count, population=population)
    flips = stream_rng(seed, f"flip_{name}", number).random(count) < config.flip_probability
    return [(int(index), bool(flip)) for index, flip in zip(indices, flips, strict=True)]


def _pick(values: np.ndarray, choices: list[Choice]) -> Tensor:
    """[b, c, h, w] as stored."""
    batch = to_bchw(np.stack([values[index] for index, _ in choices]))
    return torch.stack(
        [each.flip(-1) if flip else each for each, (_, flip) in zip(batch, choices, strict=True)]
    )


def _plan_pool(config: DirtyGanConfig, name: str, *, seed: int, number: int) -> Tensor:
    """[b, 2] of this process's own pool, which is as old as the training."""
    plan = plan_exchange(
        number // config.processes,
        batch_size=config.batch_size,
        capacity=config.pool_images,
        rng=stream_rng(seed, name, number),
    )
    return send(torch.from_numpy(plan), choose_device(config.device))
