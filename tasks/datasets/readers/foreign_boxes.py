"""Boxes that others annotated: whose they are, and whether they lie in their image.

Also understands the rotated boxes of the ceiling-fisheye sets (CEPDOF, HABBOF, MW-R): five values
[centre x, centre y, width, height, degrees clockwise].
"""

import math
from collections.abc import Sequence
from typing import Any

from blender_assets.both_sides.text_reading import shown
from tasks.datasets.annotations import LEAST_SIDE_PX, Box, RotatedBox, Target
from tasks.datasets.readers.foreign_values import number

TARGET_NAMES: dict[str, Target] = {
    "head": "head",
    "heads": "head",
    "person": "person",
    "persons": "person",
    "people": "person",
    "human": "person",
    "humans": "person",
    "pedestrian": "person",
    "pedestrians": "person",
}
_OUTSIDE_TOLERANCE_PX = 2.0
_LARGEST_PX = 1e7  # of a number in a box; beyond it arithmetic is no longer that of pixels
NO_AREA = "less than a pixel wide or high"  # in the place of a category: why a box is left out


def target_of(name: Any) -> Target | None:
    """What boxes of a category, class or object of this name are of; None for others than heads and persons."""
    return TARGET_NAMES.get(str(name).strip().lower())


def checked_box(place: str, bbox: Any, size: tuple[int, int]) -> Box | None:
    """The upright box xyxy, clipped to its image of `size` (width, height), of 4 or 5 numbers as COCO has them.

    None for a box without area. ValueError, which begins with `place`, for what is no box, or none in the image.
    """
    values = box_values(bbox)
    if values is None:
        raise ValueError(
            f"{place} has the bbox {shown(bbox)}; allowed are 4 numbers [left, top, width, height] or, for rotated boxes, "
            "5 numbers [centre x, centre y, width, height, degrees clockwise]"
        )
    if values[2] < 0 or values[3] < 0:
        raise ValueError(
            f"{place} has a bbox of width {values[2]:g} and height {values[3]:g}; both must be positive"
        )
    if values[2] == 0 or values[3] == 0:
        return None
    if len(values) == 5:
        return _clipped(ellipse_box(*values), size, place)
    box = (values[0], values[1], values[0] + values[2], values[1] + values[3])
    excess = max(-box[0], -box[1], box[2] - size[0], box[3] - size[1])
    if excess > _OUTSIDE_TOLERANCE_PX:
        raise ValueError(
            f"{place} has the bbox {shown(bbox)}, which reaches {excess:.1f} px outside its image of "
            f"{size[0]} x {size[1]}; clip it to the image"
        )
    return _clipped(box, size, place)


def box_values(bbox: Any) -> list[float] | None:
    """Four or five finite numbers; None for anything else."""
    if not isinstance(bbox, list) or len(bbox) not in (4, 5):
        return None
    values = [found for item in bbox if (found := number(item)) is not None and abs(found) <= _LARGEST_PX]
    return values if len(values) == len(bbox) else None


def rotated_box(bbox: Any) -> RotatedBox | None:
    """Five numbers as a rotated box; None for four."""
    values = box_values(bbox)
    if values is None or len(values) != 5:
        return None
    return (values[0], values[1], values[2], values[3], values[4])


def ellipse_box(center_x: float, center_y: float, width: float, height: float, clockwise_deg: float) -> Box:
    """The upright box around the ellipse inscribed in a rotated box: nearer to a person's outline than the
    upright box around the rotated box itself."""
    cosine, sine = math.cos(math.radians(clockwise_deg)), math.sin(math.radians(clockwise_deg))
    half_x = math.hypot(width / 2 * cosine, height / 2 * sine)
    half_y = math.hypot(width / 2 * sine, height / 2 * cosine)
    return (center_x - half_x, center_y - half_y, center_x + half_x, center_y + half_y)


def bounds_xywh(xs: Sequence[float], ys: Sequence[float]) -> list[float]:
    """The box [left, top, width, height] around an outline's points."""
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]


def _clipped(box: Box, size: tuple[int, int], place: str) -> Box | None:
    """None where less than a pixel's width is left of a box that touches the image."""
    left, top = max(box[0], 0.0), max(box[1], 0.0)
    right, bottom = min(box[2], float(size[0])), min(box[3], float(size[1]))
    if min(right - left, bottom - top) < -_OUTSIDE_TOLERANCE_PX:
        raise ValueError(f"{place} lies outside its image of {size[0]} x {size[1]}; remove it")
    return (left, top, right, bottom) if min(right - left, bottom - top) >= LEAST_SIDE_PX else None
