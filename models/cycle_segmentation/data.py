"""What a cycle learns from: images with labels, and, where there are any, images and label maps alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from models.arithmetic.devices import send
from models.configs import require
from models.cycle_segmentation.config import CycleSegmentationConfig
from models.cycle_segmentation.losses import CycleBatch
from models.segmentation.config import SegmentationConfig
from models.segmentation.data import SegmentationSet, check_set
from models.segmentation.drawing import draw_batch
from models.segmentation.images import normalise
from models.training.randomness import stream_rng
from models.translation.image_pool import plan_exchange

SMALLEST_SIDE_PX = 32  # a smaller image leaves the discriminator without a patch


@dataclass(frozen=True)
class CycleSets:
    """Paired images and labels to learn from and to validate on; label 255 is void.

    Images uint8 [n, h, w, 3] without labels take part in the forward cycle, label maps uint8 [n, h, w] without images in
    the backward one. Without a crop they have the size of the paired ones.
    """

    paired: SegmentationSet
    val: SegmentationSet
    images_only: np.ndarray | None = None
    labels_only: np.ndarray | None = None


def check_sets(config: CycleSegmentationConfig, sets: CycleSets) -> np.ndarray:
    """Pixels of each class of the paired labels [num_classes]; ValueError for sets that cannot be trained on."""
    pixels = check_set("training", sets.paired, num_classes=config.num_classes)
    check_set("validation", sets.val, num_classes=config.num_classes)
    if config.cycle is None:
        require(
            sets.images_only is None and sets.labels_only is None,
            "Images without labels and label maps without images take part in cycles, but cycle is null; leave them out.",
        )
        return pixels
    height, width = crop_hw(config, sets)
    require(
        min(height, width) >= SMALLEST_SIDE_PX,
        f"The training images or crops are {width} x {height} px, but {SMALLEST_SIDE_PX} px a side is the least that the "
        "discriminator can judge.",
    )
    for name, data in unpaired_sets(sets).items():
        check_set(name, data, num_classes=config.num_classes)
        require(
            config.augmentation.geometric.crop_hw is not None or data.image_hw == sets.paired.image_hw,
            f"{name} are {data.image_hw[1]} x {data.image_hw[0]} px, but the paired images {width} x {height}; give them "
            "one size, or set augmentation.geometric.crop_hw.",
        )
    return pixels


def crop_hw(config: CycleSegmentationConfig, sets: CycleSets) -> tuple[int, int]:
    """Height and width of a batch."""
    return config.augmentation.geometric.crop_hw or sets.paired.image_hw


def unpaired_sets(sets: CycleSets) -> dict[str, SegmentationSet]:
    """By their names, with empty partners that take no memory."""
    found = {}
    if sets.images_only is not None:
        labels = np.broadcast_to(np.uint8(0), sets.images_only.shape[:3])
        found["images_only"] = SegmentationSet(sets.images_only, labels)
    if sets.labels_only is not None:
        images = np.broadcast_to(np.uint8(0), (*sets.labels_only.shape, 3))
        found["labels_only"] = SegmentationSet(images, sets.labels_only)
    return found


def batch_drawer(
    config: CycleSegmentationConfig, sets: CycleSets, *, seed: int
) -> Callable[[int], CycleBatch]:
    """Makes batch number n, of (seed, n) alone. What has no partner is drawn by streams of its own."""
    unpaired = unpaired_sets(sets)
    own_seeds = {name: int(stream_rng(seed, name, 0).integers(2**31)) for name in unpaired}
    paired_config, unpaired_config = config.segmenter, _unpaired_config(config)

    def draw(number: int) -> CycleBatch:
        images, labels = draw_batch(paired_config, sets.paired, seed=seed, number=number)
        num_paired = len(labels)
        for name, data in unpaired.items():
            more = draw_batch(unpaired_config, data, seed=own_seeds[name], number=number)
            if name == "images_only":
                images = torch.cat((images, more[0]))
            else:
                labels = torch.cat((labels, more[1]))
        plan = _plan_pool(config, seed=seed, number=number, count=len(labels))
        images = normalise(images, paired_config.normalisation)
        return CycleBatch(images, labels, num_paired, send(plan, images.device))

    return draw


def _unpaired_config(config: CycleSegmentationConfig) -> SegmentationConfig:
    count = config.batch_size if config.cycle is None else config.cycle.unpaired_batch_size
    return replace(config.segmenter, batch_size=count)


def _plan_pool(config: CycleSegmentationConfig, *, seed: int, number: int, count: int) -> Tensor:
    """[count, 2] of this process's own pool, which is as old as the training."""
    capacity = 0 if config.cycle is None else config.cycle.pool_images
    rng = stream_rng(seed, "pool", number)
    return torch.from_numpy(
        plan_exchange(number // config.processes, batch_size=count, capacity=capacity, rng=rng)
    )
