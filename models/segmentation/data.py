"""Images with a label for every pixel."""

from dataclasses import dataclass

import numpy as np

from models.augmentation.config import IGNORE_LABEL
from models.configs import require

SMALLEST_SIDE_PX = 16


@dataclass(frozen=True)
class SegmentationSet:
    """Images uint8 [n, h, w, 3] and label maps uint8 [n, h, w], arrays or memmaps; label 255 is ignored."""

    images_nhwc: np.ndarray
    labels_nhw: np.ndarray

    def __len__(self) -> int:
        return len(self.images_nhwc)

    @property
    def image_hw(self) -> tuple[int, int]:
        height, width = self.images_nhwc.shape[1:3]
        return int(height), int(width)


@dataclass(frozen=True)
class Splits:
    """What a network learns from, and by what its best weights are chosen; their sizes may differ.

    `guessed`: images whose labels a segmenter gave (`pseudo_label`), which share the batches with those of `train`.
    """

    train: SegmentationSet
    val: SegmentationSet
    guessed: SegmentationSet | None = None


def count_pixels(labels_nhw: np.ndarray) -> np.ndarray:
    """How many pixels have each label, int64 [256]; a map at a time, so that a memmap need not fit in memory."""
    counts = np.zeros(256, np.int64)
    for labels in labels_nhw:
        counts += np.bincount(np.ravel(labels), minlength=256)
    return counts


def check_set(name: str, data: SegmentationSet, *, num_classes: int) -> np.ndarray:
    """Known pixels of each class [num_classes]; ValueError unless `data` can be trained or validated on."""
    images, labels = data.images_nhwc, data.labels_nhw
    require(
        images.ndim == 4 and images.shape[-1] == 3 and images.dtype == np.uint8 and len(images) > 0,
        f"The {name} images must be uint8 [n, height, width, 3] with n >= 1, but were {images.dtype} "
        f"{list(images.shape)}.",
    )
    require(
        labels.shape == images.shape[:3] and labels.dtype == np.uint8,
        f"The {name} label maps must be uint8 {list(images.shape[:3])} as the images are, but were {labels.dtype} "
        f"{list(labels.shape)}.",
    )
    require(
        min(data.image_hw) >= SMALLEST_SIDE_PX,
        f"The {name} images are {data.image_hw[1]} x {data.image_hw[0]} px, but {SMALLEST_SIDE_PX} px a side is the "
        "least.",
    )
    return _check_labels(name, labels, num_classes=num_classes)


def _check_labels(name: str, labels_nhw: np.ndarray, *, num_classes: int) -> np.ndarray:
    counts = count_pixels(labels_nhw)
    unknown = np.flatnonzero(counts[num_classes:IGNORE_LABEL]) + num_classes
    if len(unknown):
        first = next(index for index, labels in enumerate(labels_nhw) if np.any(labels == unknown[0]))
        raise ValueError(
            f"The labels of {name} image {first} must be in 0..{num_classes - 1} or {IGNORE_LABEL}, which is "
            f"ignored, but one is {unknown[0]}; map it to a class or to {IGNORE_LABEL}."
        )
    known = counts[:num_classes]
    require(
        int(known.sum()) > 0,
        f"The {name} set has no labelled pixel in its {len(labels_nhw)} images; at least one is needed.",
    )
    return known
