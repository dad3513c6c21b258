"""A plain office chair, built around the person who sits on it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEAT_THICKNESS_M = 0.06
BASE_RADIUS_M = 0.27


@dataclass(frozen=True)
class Chair:
    """vertices [v, 3] metres in the sitter's space (facing -y, pelvis over the origin), quads [f, 4]."""

    vertices: NDArray[np.float32]
    quads: NDArray[np.int32]
    color: tuple[float, float, float]
    has_back: bool


Part = tuple[NDArray[np.float64], NDArray[np.int64]]


def seat_height(vertices: NDArray[np.floating]) -> float:
    """Metres from the floor to the lowest point of a sitting person, under the pelvis at the origin."""
    under_pelvis = np.hypot(vertices[:, 0], vertices[:, 1]) < 0.12
    return float(vertices[under_pelvis, 2].min())


def build_chair(sitter_vertices: NDArray[np.floating], rng: np.random.Generator) -> Chair:
    """A chair whose seat touches the sitter from below and whose back touches from behind."""
    top_m = seat_height(sitter_vertices) + 0.012
    has_back = bool(rng.random() < 0.75)
    width_m, depth_m = rng.uniform(0.40, 0.48), rng.uniform(0.40, 0.46)
    # The seat starts a little behind the pelvis and reaches forward under the thighs.
    parts = [
        _slab((0.0, 0.16 - depth_m / 2, top_m - SEAT_THICKNESS_M / 2), width_m, depth_m, SEAT_THICKNESS_M)
    ]
    if has_back:
        parts += _back(sitter_vertices, top_m, width_m * rng.uniform(0.8, 1.0))
    centre_y = 0.16 - depth_m / 2
    parts.append(_tube((0, centre_y, 0.06), (0, centre_y, top_m - SEAT_THICKNESS_M), 0.025))
    parts += _star_base(centre_y, num_legs=5)
    vertices, quads = _join(parts)
    shade = rng.uniform(0.01, 0.12)
    red, green, blue = (float(c) for c in shade * rng.uniform(0.7, 1.3, 3))
    return Chair(vertices.astype(np.float32), quads.astype(np.int32), (red, green, blue), has_back)


def _back(sitter_vertices: NDArray[np.floating], seat_m: float, width_m: float) -> list[Part]:
    z = sitter_vertices[:, 2]
    leaning = (z > seat_m + 0.15) & (z < seat_m + 0.5) & (np.abs(sitter_vertices[:, 0]) < 0.15)
    behind_y = max(float(sitter_vertices[leaning, 1].max()) if leaning.any() else 0.0, 0.14) + 0.035
    panel = _slab((0.0, behind_y, seat_m + 0.33), width_m, 0.04, 0.36)
    post = _tube((0.0, behind_y + 0.02, seat_m + 0.2), (0.0, 0.05, seat_m - SEAT_THICKNESS_M), 0.02)
    return [panel, post]


def _star_base(centre_y: float, *, num_legs: int) -> list[Part]:
    parts = []
    for angle in 2 * np.pi * np.arange(num_legs) / num_legs:
        tip = (BASE_RADIUS_M * np.cos(angle), centre_y + BASE_RADIUS_M * np.sin(angle), 0.055)
        parts.append(_tube((0, centre_y, 0.09), tip, 0.02))
        parts.append(_slab((tip[0], tip[1], 0.028), 0.05, 0.05, 0.056))
    return parts


def _slab(centre: tuple[float, float, float], width: float, depth: float, height: float) -> Part:
    """A box with corners cut in plan, so that it does not look like a brick: rings of 16 points."""
    angles = 2 * np.pi * (np.arange(16) + 0.5) / 16
    direction = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    # A superellipse of exponent 6 is a rectangle with round corners.
    outline = direction / np.power(np.sum(np.abs(direction) ** 6, axis=1, keepdims=True), 1 / 6)
    outline = outline * [width / 2, depth / 2]
    bevel = min(0.012, height / 4)
    inset = 1 - bevel / (min(width, depth) / 2)
    levels = [(-height / 2, inset), (-height / 2 + bevel, 1), (height / 2 - bevel, 1), (height / 2, inset)]
    rings = [np.column_stack([outline * s, np.full(16, z)]) for z, s in levels]
    vertices, quads = _skin(rings)
    return vertices + np.array(centre), quads


def _tube(start: tuple[float, float, float], end: tuple[float, float, float], radius: float) -> Part:
    a, b = np.array(start, dtype=float), np.array(end, dtype=float)
    axis = (b - a) / np.linalg.norm(b - a)
    side = np.cross(axis, [1.0, 0.0, 0.0] if abs(axis[0]) < 0.9 else [0.0, 1.0, 0.0])
    side /= np.linalg.norm(side)
    angles = 2 * np.pi * np.arange(8) / 8
    circle = radius * (np.outer(np.cos(angles), side) + np.outer(np.sin(angles), np.cross(axis, side)))
    return _skin([a + circle, b + circle])


def _skin(rings: list[NDArray[np.float64]]) -> Part:
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


def _join(parts: list[Part]) -> Part:
    offsets = np.cumsum([0] + [len(vertices) for vertices, _ in parts[:-1]])
    quads = [quads + offset for (_, quads), offset in zip(parts, offsets, strict=True)]
    return np.concatenate([vertices for vertices, _ in parts]), np.concatenate(quads)
