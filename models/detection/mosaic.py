"""Mosaics: training images put together from windows of four images of a batch, at full scale."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from models.detection.augmentation import SMALLEST_VISIBLE_PART
from models.detection.boxes import area
from models.detection.data import Annotation

_CENTRE_PART = (0.3, 0.7)  # of the image's sides, between which the four windows meet

Window = tuple[int, int, int, int]


def mix_batch(
    images_bchw: Tensor, annotations: Sequence[Annotation], *, probability: float, rng: np.random.Generator
) -> tuple[Tensor, list[Annotation]]:
    """Each image, with this probability, as a mosaic of itself and three others of the batch.

    After Bochkovskiy et al. (2020), but nothing is scaled: a fixed camera sees objects in their own sizes. The batch
    has at least four images.
    """
    images, mixed = list(images_bchw), list(annotations)
    for index in range(len(images)):
        # Different ones: an object across two windows of one image would be whole and yet have two boxes.
        others = rng.permutation(np.delete(np.arange(len(images)), index))[:3]
        is_mixed = rng.random() < probability
        windows = draw_windows((images_bchw.shape[-2], images_bchw.shape[-1]), rng)
        if is_mixed:
            parts = [index, *others.tolist()]
            images[index] = join_images([images_bchw[part] for part in parts], windows)
            mixed[index] = join_annotations([annotations[part] for part in parts], windows)
    return torch.stack(images), mixed


def draw_windows(image_hw: tuple[int, int], rng: np.random.Generator) -> tuple[Window, ...]:
    """left, top, right, bottom of the four windows: they meet in one point and cover the image."""
    height, width = image_hw
    part_x, part_y = rng.uniform(*_CENTRE_PART, size=2)
    x, y = round(part_x * width), round(part_y * height)
    return (0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height)


def join_images(images_chw: Sequence[Tensor], windows: Sequence[Window]) -> Tensor:
    """One image that shows each of these through its own window."""
    joined = images_chw[0].clone()
    for image, (left, top, right, bottom) in zip(images_chw, windows, strict=True):
        joined[:, top:bottom, left:right] = image[:, top:bottom, left:right]
    return joined


def join_annotations(annotations: Sequence[Annotation], windows: Sequence[Window]) -> Annotation:
    """What is seen through the windows; a box of which too little is left becomes an ignored region."""
    seen = [_clip(*pair) for pair in zip(annotations, windows, strict=True)]
    return Annotation(
        np.concatenate([each.boxes_xyxy for each in seen]),
        np.concatenate([each.labels for each in seen]),
        np.concatenate([each.ignore_xyxy for each in seen]),
    )


def _clip(annotation: Annotation, window: Window) -> Annotation:
    left, top, right, bottom = window
    low, high = (left, top, left, top), (right, bottom, right, bottom)
    boxes = annotation.boxes_xyxy.clip(low, high).astype(np.float32)
    regions = annotation.ignore_xyxy.clip(low, high).astype(np.float32)
    is_seen = area(boxes) > 0
    is_object = is_seen & (area(boxes) >= SMALLEST_VISIBLE_PART * area(annotation.boxes_xyxy))
    ignored = np.concatenate((regions[area(regions) > 0], boxes[is_seen & ~is_object]))
    return Annotation(boxes[is_object], annotation.labels[is_object], ignored)
