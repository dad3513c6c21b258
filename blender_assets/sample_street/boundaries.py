"""Walls and fences along plots, from the origin along y."""

import numpy as np

from blender_assets.sample_street.solids import Solid, boxes, long_box

_STEP_M = 2.0


def draw_wall(length_m: float, rng: np.random.Generator) -> list[Solid]:
    """Masonry with a coping and pillars."""
    height = float(rng.uniform(1.1, 2.3))
    color = np.array([0.42, 0.36, 0.3]) * rng.uniform(0.5, 1.3) * rng.uniform(0.85, 1.15, 3)
    y = np.arange(0.0, length_m, 3.6)
    zeros = np.zeros(len(y))
    pillars = boxes(
        np.stack([zeros - 0.2, y, zeros - 0.2], axis=1),
        np.stack([zeros + 0.2, y + 0.4, zeros + height + 0.12], axis=1),
        color * 0.85,
        "plaster",
    )
    return [
        long_box((-0.14, 0, -0.2), (0.14, length_m, height), color, "plaster", step_m=_STEP_M),
        long_box((-0.2, 0, height), (0.2, length_m, height + 0.08), color * 0.6, "plaster", step_m=_STEP_M),
        pillars,
    ]


def draw_fence(length_m: float, rng: np.random.Generator) -> list[Solid]:
    """Upright bars or boards between two rails."""
    height = float(rng.uniform(0.9, 1.7))
    is_wooden = rng.random() < 0.5
    width, gap = (0.11, 0.035) if is_wooden else (0.03, 0.09)
    shade = rng.uniform(0.1, 0.5)
    color = (
        np.array([0.42, 0.28, 0.16]) * (0.4 + shade)
        if is_wooden
        else np.array([0.1, 0.12, 0.11]) * (0.3 + 2 * shade)
    )
    y = np.arange(0.0, length_m - width, width + gap)
    zeros = np.zeros(len(y))
    bars = boxes(
        np.stack([zeros - 0.015, y, zeros + 0.02], axis=1),
        np.stack([zeros + 0.015, y + width, zeros + height], axis=1),
        color,
        "paint" if is_wooden else "metal",
    )
    rails = [
        long_box((-0.03, 0, z), (0.03, length_m, z + 0.07), color * 0.9, "metal", step_m=_STEP_M)
        for z in (0.18, height - 0.2)
    ]
    posts = np.append(np.arange(0.0, length_m, 2.4), length_m - 0.1)
    flat = np.zeros(len(posts))
    stakes = boxes(
        np.stack([flat - 0.05, posts, flat - 0.2], axis=1),
        np.stack([flat + 0.05, posts + 0.1, flat + height + 0.08], axis=1),
        color * 0.8,
        "metal",
    )
    return [bars, *rails, stakes]
