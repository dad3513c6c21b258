"""Where people are in the image: boxes x0, y0, x1, y1 of whole pixels, never empty, and how they move."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from blender_assets.lens.camera import Camera
from blender_assets.placement import PlacedPerson

PixelBox = tuple[int, int, int, int]
MARGIN_PX = 3  # pixel filter and rounding
LEAST_PX = 16  # Blender refuses to render a few pixels


def people_box(camera: Camera, people: Sequence[PlacedPerson]) -> PixelBox:
    """Around people and their chairs, the whole image where a part of them has no place in it."""
    points = [person.vertices for person in people]
    points += [person.chair_vertices for person in people if person.chair_vertices is not None]
    if not points:
        return (0, 0, LEAST_PX, LEAST_PX)
    pixels = camera.project(np.concatenate(points))
    if np.isnan(pixels).any():
        return (0, 0, camera.width_px, camera.height_px)
    low, high = np.floor(pixels.min(axis=0)), np.ceil(pixels.max(axis=0))
    return _clip(low - MARGIN_PX, high + MARGIN_PX, camera.width_px, camera.height_px)


def motion_px(camera: Camera, person: PlacedPerson, distance_m: float) -> tuple[float, float]:
    """How far the middle of a person moves in the image, (dx, dy), who walks distance_m straight ahead."""
    middle = (person.vertices.min(axis=0) + person.vertices.max(axis=0)) / 2
    ahead = np.array([np.cos(person.spot.facing_rad), np.sin(person.spot.facing_rad), 0.0])
    start, end = camera.project(middle + np.array([[-0.5], [0.5]]) * distance_m * ahead)
    shift = np.nan_to_num(end - start)
    return float(shift[0]), float(shift[1])


def mask_box(mask: NDArray[np.bool_]) -> PixelBox:
    """Around what is True in mask [h, w]."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return (0, 0, LEAST_PX, LEAST_PX)
    low, high = np.array([columns[0], rows[0]]), np.array([columns[-1] + 1, rows[-1] + 1])
    return _clip(low - MARGIN_PX, high + MARGIN_PX, mask.shape[1], mask.shape[0])


def _clip(low: NDArray, high: NDArray, width_px: int, height_px: int) -> PixelBox:
    size = np.array([width_px, height_px])
    start = np.clip(low, 0, size - LEAST_PX).astype(int)
    end = np.clip(high, start + LEAST_PX, size).astype(int)
    return int(start[0]), int(start[1]), int(end[0]), int(end[1])
