"""The shapes that furniture is made of: quads over rings of points, each part with one colour. Metres, z up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Color = tuple[float, float, float]
Point = tuple[float, float, float]
RING = 16


@dataclass(frozen=True)
class Part:
    """vertices [v, 3], quads [f, 4]; colour is linear RGB."""

    vertices: NDArray[np.float64]
    quads: NDArray[np.int64]
    color: Color


def slab(centre: Point, size: Point, color: Color, *, lean_rad: float = 0.0, power: float = 6.0) -> Part:
    """A box with round corners in plan; a power of 2 makes it a disc. lean_rad tips its top towards +y."""
    width, depth, height = size
    angles = 2 * np.pi * (np.arange(RING) + 0.5) / RING
    # A superellipse of exponent 6 is a rectangle with round corners; this way its points gather there.
    x, y = (np.sign(f) * np.abs(f) ** (2 / power) for f in (np.cos(angles), np.sin(angles)))
    outline = np.stack([x, y], axis=1) * [width / 2, depth / 2]
    bevel = min(0.012, height / 4, min(width, depth) / 4)
    inset = 1 - bevel / (min(width, depth) / 2)
    levels = [(-height / 2, inset), (-height / 2 + bevel, 1), (height / 2 - bevel, 1), (height / 2, inset)]
    vertices, quads = _skin([np.column_stack([outline * s, np.full(RING, z)]) for z, s in levels])
    c, s = np.cos(lean_rad), np.sin(lean_rad)
    return Part(vertices @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) + np.array(centre), quads, color)


def tube(points: Sequence[Point], radius: float, color: Color) -> Part:
    """A round bar along points; bends are mitred by the mean of their directions."""
    path = np.array(points, dtype=float)
    steps = np.diff(path, axis=0)
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    along = np.concatenate([steps[:1], steps[:-1] + steps[1:], steps[-1:]])
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.cross(along[0], [1.0, 0.0, 0.0] if abs(along[0, 0]) < 0.9 else [0.0, 1.0, 0.0])
    angles = 2 * np.pi * np.arange(8) / 8
    rings = []
    for point, axis in zip(path, along, strict=True):
        side = side - (side @ axis) * axis
        side /= np.linalg.norm(side)
        circle = np.outer(np.cos(angles), side) + np.outer(np.sin(angles), np.cross(axis, side))
        rings.append(point + radius * circle)
    return Part(*_skin(rings), color)


def _skin(rings: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Joins rings of n points by quads and closes both ends with strips of quads."""
    n = len(rings[0])
    k = np.arange(n)
    sides = [
        np.stack([k, (k + 1) % n, (k + 1) % n + n, k + n], axis=1) + level * n
        for level in range(len(rings) - 1)
    ]
    strip = np.arange(n // 2 - 1)
    bottom = np.stack([strip, strip + 1, n - 2 - strip, n - 1 - strip], axis=1)[:, ::-1]
    top = bottom[:, ::-1] + (len(rings) - 1) * n
    return np.concatenate(rings), np.concatenate([*sides, bottom, top])
