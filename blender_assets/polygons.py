"""Polygons in the plane."""

import numpy as np
from numpy.typing import NDArray


def signed_area(polygon_xy: NDArray[np.float64]) -> float:
    """Positive for a counter-clockwise polygon (shoelace formula)."""
    x, y = polygon_xy[:, 0], polygon_xy[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def is_inside(points_xy: NDArray[np.floating], polygon_xy: NDArray[np.floating]) -> NDArray[np.bool_]:
    """[n, 2] points -> [n], by the even-odd rule."""
    x, y = points_xy[:, 0:1], points_xy[:, 1:2]
    x0, y0 = polygon_xy[:, 0], polygon_xy[:, 1]
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    straddles = (y0 > y) != (y1 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing_x = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
    return np.sum(straddles & (x < crossing_x), axis=1) % 2 == 1


def edge_distance(points_xy: NDArray[np.floating], polygon_xy: NDArray[np.floating]) -> NDArray[np.floating]:
    """[n, 2] points -> [n] distance to the polygon's nearest edge, inside or outside."""
    start = polygon_xy[None]
    edge = np.roll(polygon_xy, -1, axis=0)[None] - start
    offset = points_xy[:, None] - start
    along = np.clip(np.sum(offset * edge, axis=-1) / np.sum(edge * edge, axis=-1), 0, 1)
    return np.linalg.norm(offset - along[..., None] * edge, axis=-1).min(axis=1)
