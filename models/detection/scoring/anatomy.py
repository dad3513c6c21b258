"""What kind of error each detection and each box of an image is, after Hoiem et al. (2012)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.detection.boxes import iou
from models.detection.scoring.metrics import IGNORED, assign_boxes

NEAR_IOU = 0.1
Kind = Literal["true", "ignored", "duplicate", "localisation", "background"]
ERRORS = ("missed", "background", "localisation", "duplicate")


@dataclass(frozen=True)
class Anatomy:
    """Of one image: the box that each detection took, int [k], below 0 for none; its kind [k]; missed boxes, bool [m]."""

    box_of: np.ndarray
    kinds: tuple[Kind, ...]
    is_missed: np.ndarray

    def count(self, error: str) -> int:
        """How many errors of one of the kinds in ERRORS there are."""
        return int(self.is_missed.sum()) if error == "missed" else sum(kind == error for kind in self.kinds)


def dissect(
    found_xyxy: np.ndarray, boxes_xyxy: np.ndarray, ignore_xyxy: np.ndarray, *, iou_threshold: float
) -> Anatomy:
    """Sort the detections, best score first, and boxes of one image.

    A false detection is a duplicate where it overlaps a box, taken by a better one, by the threshold or more; one of
    localisation from an IoU of 0.1 on; else it lies on the background.
    """
    box_of = assign_boxes(found_xyxy, boxes_xyxy, ignore_xyxy, iou_threshold=iou_threshold)
    overlap = iou(found_xyxy.astype(np.float64), boxes_xyxy.astype(np.float64)).max(axis=1, initial=0)
    pairs = zip(box_of, overlap, strict=True)
    kinds: tuple[Kind, ...] = tuple(_kind(int(box), float(value), iou_threshold) for box, value in pairs)
    is_missed = np.ones(len(boxes_xyxy), bool)
    is_missed[box_of[box_of >= 0]] = False
    return Anatomy(box_of, kinds, is_missed)


def count_errors(images: Sequence[Anatomy]) -> dict[str, int]:
    """Errors of each kind over all images."""
    return {error: sum(image.count(error) for image in images) for error in ERRORS}


def _kind(box: int, overlap: float, iou_threshold: float) -> Kind:
    if box >= 0:
        return "true"
    if box == IGNORED:
        return "ignored"
    if overlap >= iou_threshold:
        return "duplicate"
    return "localisation" if overlap >= NEAR_IOU else "background"
