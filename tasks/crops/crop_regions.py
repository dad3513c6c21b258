"""Which pixels of a crop belong to its person, and which lie in that person's head box."""

from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from tasks.datasets.annotations import AnnotatedImage, Annotation, RotatedBox
from tasks.formats.crops import HEAD, PERSON
from tasks.images.files import read_mask


def read_outlines(folder: Path, image: AnnotatedImage) -> dict[int, np.ndarray]:
    """bool [h, w] of what is seen of each person, by person number; empty where nothing tells.

    From the instance mask; without one, from the segmentations of person boxes.
    """
    if image.mask_name is not None:
        mask = read_mask(folder / image.mask_name)
        return {int(number): mask == number for number in np.unique(mask) if number > 0}
    persons = [box for box in image.boxes("person") if box.segmentation is not None]
    return {person.person_id: _decode(person) for person in persons}


def crop_regions(
    outline: np.ndarray | None, head: Annotation, crop_to_image: np.ndarray, size_px: int
) -> np.ndarray:
    """uint8 [size, size]: the bits PERSON and HEAD, as seen through the crop.

    `outline` is bool [h, w] over the image, None where it is not known. Beyond the image's border nobody is.
    """
    regions = HEAD * _in_box(_box_of(head), crop_to_image, size_px)
    if outline is not None:
        seen = cv2.warpAffine(
            outline.astype(np.uint8),
            crop_to_image,
            (size_px, size_px),
            flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
        )
        regions = regions | PERSON * seen
    return regions.astype(np.uint8)


def _box_of(head: Annotation) -> RotatedBox:
    """The turned box where there is one: an upright box around a turned head holds much of its neighbours."""
    if head.rotated_box is not None:
        return head.rotated_box
    left, top, right, bottom = head.box_xyxy
    return ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top, 0.0)


def _in_box(box: RotatedBox, crop_to_image: np.ndarray, size_px: int) -> np.ndarray:
    """uint8 [size, size]: 1 for pixels whose centre lies in the box."""
    center_x, center_y, width, height, clockwise_deg = box
    rows, columns = np.mgrid[:size_px, :size_px]
    indices = np.stack([columns, rows, np.ones_like(rows)], axis=-1)
    # Indices have pixel centres at 0, boxes at 0.5.
    offset = indices @ crop_to_image.T + 0.5 - (center_x, center_y)
    cosine, sine = np.cos(np.radians(clockwise_deg)), np.sin(np.radians(clockwise_deg))
    across, along = offset @ (cosine, sine), offset @ (-sine, cosine)
    return ((np.abs(across) <= width / 2) & (np.abs(along) <= height / 2)).astype(np.uint8)


def _decode(person: Annotation) -> np.ndarray:
    assert person.segmentation is not None
    return coco_mask.decode(cast(Any, person.segmentation.record())).astype(bool)
