"""Outlines of people standing in a photo, drawn by the site's own camera: is the scale right?"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from blender_assets.lens.camera import Camera
from blender_assets.site import PointPx

FIGURE_M = 1.75
# Rings of a grown person: height, half width and half depth as shares of the whole height.
_BODY = (
    (0.0, 0.075, 0.07),
    (0.26, 0.085, 0.065),
    (0.5, 0.105, 0.075),
    (0.62, 0.1, 0.07),
    (0.76, 0.135, 0.07),
    (0.82, 0.12, 0.06),
    (0.86, 0.035, 0.035),
)  # fmt: skip
_HEAD = (
    (0.865, 0.03, 0.03),
    (0.89, 0.047, 0.05),
    (0.93, 0.052, 0.06),
    (0.975, 0.042, 0.048),
    (1.0, 0.01, 0.01),
)
_AROUND = 16
_MOST, _LEAST_APART_M = 12, 1.4
_GRID_M, _STEP_M = 10.0, 0.7


@dataclass(frozen=True)
class Figure:
    """Outlines in pixels of the image, and where the feet are."""

    body_px: list[PointPx]
    head_px: list[PointPx]
    foot_px: PointPx


def figures_on(
    camera: Camera, floor_px: Sequence[PointPx], blocked_px: Sequence[Sequence[PointPx]]
) -> list[Figure]:
    """Figures spread over the floor polygon, none within the `blocked_px` polygons; fewer where there is no room."""
    found: list[Figure] = []
    taken = np.empty((0, 2))
    for spot in _free_spots(camera, _polygon(floor_px), [_polygon(polygon) for polygon in blocked_px]):
        if len(taken) and np.linalg.norm(taken - spot, axis=1).min() < _LEAST_APART_M:
            continue
        figure = figure_at(camera, spot)
        if figure is not None:
            found.append(figure)
            taken = np.vstack([taken, spot])
    # Every k-th, so that those far away are among them.
    return found[:: max(1, -(-len(found) // _MOST))]


def figure_at(camera: Camera, spot_m: NDArray[np.float64], height_m: float = FIGURE_M) -> Figure | None:
    """A person who stands at x, y of the floor and faces the camera; None where it is not wholly seen."""
    body, head = (_outline(camera, spot_m, rings, height_m) for rings in (_BODY, _HEAD))
    foot = camera.project([[*spot_m, 0.0]])
    if body is None or head is None or not camera.sees(foot)[0]:
        return None
    return Figure(body, head, (round(float(foot[0, 0]), 1), round(float(foot[0, 1]), 1)))


def _free_spots(
    camera: Camera, outline: NDArray[np.float32], blocked: Sequence[NDArray[np.float32]]
) -> NDArray[np.float64]:
    """[n, 2] metres of a grid on the floor, nearest first, whose image is within the outline and in no blocked one."""
    steps = np.arange(-_GRID_M, _GRID_M + 1e-9, _STEP_M)
    spots = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    spots = spots[np.argsort(np.linalg.norm(spots, axis=1), kind="stable")]
    feet = camera.project(np.column_stack([spots, np.zeros(len(spots))]))
    seen = camera.sees(feet)
    is_free = [
        bool(is_seen) and _holds(outline, foot) and not any(_holds(polygon, foot) for polygon in blocked)
        for is_seen, foot in zip(seen, feet.tolist(), strict=True)
    ]
    return spots[is_free]


def _outline(
    camera: Camera, spot_m: NDArray[np.float64], rings: Sequence[tuple[float, ...]], height_m: float
) -> list[PointPx] | None:
    """The hull of the rings' image; a person is wide across the direction to the camera."""
    away = float(np.linalg.norm(spot_m))
    forward = spot_m / away if away > 1e-6 else np.array([0.0, 1.0])
    across = np.array([-forward[1], forward[0]])
    turns = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    points = [
        [
            *(spot_m + height_m * (width * np.cos(turn) * across + depth * np.sin(turn) * forward)),
            height * height_m,
        ]
        for height, width, depth in rings
        for turn in turns
    ]
    pixels = camera.project(np.array(points))
    if np.isnan(pixels).any() or not camera.sees(pixels).all():
        return None
    hull = cv2.convexHull(pixels.astype(np.float32))[:, 0]
    return [(round(float(x), 1), round(float(y), 1)) for x, y in hull]


def _polygon(points: Sequence[PointPx]) -> NDArray[np.float32]:
    return np.array(points, dtype=np.float32).reshape(-1, 1, 2)


def _holds(polygon: NDArray[np.float32], point: PointPx) -> bool:
    return cv2.pointPolygonTest(polygon, point, measureDist=False) >= 0
