"""Annotations that lie as their augmented images do."""

import numpy as np

from models.augmentation.geometric import Placement, place_boxes
from models.detection.boxes import area
from models.detection.config import AugmentationConfig
from models.detection.data import Annotation

SMALLEST_VISIBLE_PART = 0.4  # of a box; one that a rotation leaves with less is ignored


def draw_zooms(config: AugmentationConfig, rng: np.random.Generator, *, count: int) -> list[float]:
    """The factor by which each image is drawn larger; its logarithm is even."""
    return [float(2 ** (config.zoom * part)) for part in rng.uniform(-1, 1, count)]


def place_annotation(
    annotation: Annotation, placement: Placement, *, image_hw: tuple[int, int]
) -> Annotation:
    """The annotation laid as `placement` says and clipped; a box of which too little is left becomes an ignored
    region.
    """
    boxes = place_boxes(annotation.boxes_xyxy, placement, image_hw=image_hw)
    height, width = placement.size_after(image_hw)
    clipped = np.clip(boxes, 0, (width, height, width, height)).astype(np.float32)
    is_inside = area(clipped) >= SMALLEST_VISIBLE_PART * area(boxes)
    regions = place_boxes(annotation.ignore_xyxy, placement, image_hw=image_hw)
    return Annotation(
        clipped[is_inside], annotation.labels[is_inside], np.concatenate((regions, clipped[~is_inside]))
    )
