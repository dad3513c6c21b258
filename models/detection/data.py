"""Annotated images at network size, and what a detector finds in one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.configs import require


@dataclass(frozen=True)
class Detections:
    """What was found in one image, best first: boxes float32 [k, 4] in pixels, scores [k] in 0..1, class
    labels [k].
    """

    boxes_xyxy: np.ndarray
    scores: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class DetectionSet:
    """Images uint8 [n, h, w, 3] (an array or a memmap) and, an entry each, their boxes in pixels of these
    images.

    `ignore_xyxy`: regions that are neither object nor background. `labels`: class of each box; None means
    all 0.
    """

    images_nhwc: np.ndarray
    boxes_xyxy: Sequence[np.ndarray]
    ignore_xyxy: Sequence[np.ndarray] | None = None
    labels: Sequence[np.ndarray] | None = None

    def __len__(self) -> int:
        return len(self.images_nhwc)

    def boxes(self, index: int) -> np.ndarray:
        """Boxes of one image, float32 [k, 4]."""
        return _as_boxes(self.boxes_xyxy[index])

    def ignored(self, index: int) -> np.ndarray:
        """Ignored regions of one image, float32 [k, 4]."""
        return _as_boxes(() if self.ignore_xyxy is None else self.ignore_xyxy[index])

    def classes(self, index: int) -> np.ndarray:
        """Class of each box of one image, int64 [k]."""
        if self.labels is None:
            return np.zeros(len(self.boxes_xyxy[index]), np.int64)
        return np.asarray(self.labels[index], np.int64)


def check_set(name: str, data: DetectionSet, *, num_classes: int) -> None:
    """ValueError, naming the first image at fault, unless `data` can be trained or validated on."""
    images = data.images_nhwc
    require(
        images.ndim == 4 and images.shape[-1] == 3 and images.dtype == np.uint8 and len(images) > 0,
        f"The {name} images must be uint8 [n, height, width, 3] with n >= 1, but were {images.dtype} "
        f"{list(images.shape)}.",
    )
    for part, entries in (("boxes", data.boxes_xyxy), ("ignored", data.ignore_xyxy), ("labels", data.labels)):
        if entries is not None and len(entries) != len(images):
            raise ValueError(f"The {name} set has {len(images)} images, but {part} for {len(entries)}.")
    for index in range(len(images)):
        _check_boxes(f"{name} image {index}", data, index=index, num_classes=num_classes)
    require(
        any(len(boxes) for boxes in data.boxes_xyxy),
        f"The {name} set has no boxes in its {len(images)} images; at least one is needed.",
    )


def _check_boxes(where: str, data: DetectionSet, *, index: int, num_classes: int) -> None:
    boxes, labels = data.boxes(index), data.classes(index)
    require(bool(np.isfinite(boxes).all()), f"A box of {where} is not finite: {boxes.tolist()}.")
    bad = boxes[(boxes[:, 2] <= boxes[:, 0]) | (boxes[:, 3] <= boxes[:, 1])]
    require(
        len(bad) == 0,
        f"A box of {where} is empty: {bad[:1].tolist()}; boxes are [left, top, right, bottom] in pixels.",
    )
    require(
        len(labels) == len(boxes) and bool(np.all((labels >= 0) & (labels < num_classes))),
        f"The labels of {where} must be one of 0..{num_classes - 1} for each of its {len(boxes)} boxes, "
        f"but were {labels.tolist()}.",
    )


def _as_boxes(boxes: object) -> np.ndarray:
    return np.asarray(boxes, np.float32).reshape(-1, 4)
