"""Solids of quads with a surface, face colours and the light that faces give off, in numpy.

Street coordinates: metres, x to the right of the road's middle, y along the street, z up from the road.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Surface = Literal[
    "asphalt", "marking", "paving", "plaster", "roof", "glass", "metal", "paint", "rubber", "cloth",
    "leaf", "bark", "grass", "lamp", "headlight", "signal",
]  # fmt: skip
SURFACES: tuple[Surface, ...] = get_args(Surface)
Floats = NDArray[np.float64]
_BOX_SIGNS = np.array([[x, y, z] for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)], dtype=float)
_BOX_QUADS = np.array(
    [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [1, 3, 7, 5], [3, 2, 6, 7], [2, 0, 4, 6]], dtype=np.int32
)


@dataclass(frozen=True)
class Solid:
    vertices: Floats  # [v, 3]
    quads: NDArray[np.int32]  # [f, 4]
    colors: Floats  # [f, 3] linear RGB
    surface: Surface
    glow: Floats  # [f, 3] linear RGB; a lamp gives it off while it is on

    def moved(self, move: Callable[[Floats], Floats]) -> "Solid":
        """The same solid with its vertices [v, 3] mapped."""
        return replace(self, vertices=move(self.vertices))


def solid(
    vertices: ArrayLike,
    quads: ArrayLike,
    color: ArrayLike,
    surface: Surface,
    glow: ArrayLike = (0.0, 0.0, 0.0),
) -> Solid:
    """Colours and glow are one for all or one a face."""
    faces = np.asarray(quads, dtype=np.int32).reshape(-1, 4)
    shape = (len(faces), 3)
    return Solid(
        np.asarray(vertices, dtype=float).reshape(-1, 3),
        faces,
        np.broadcast_to(np.asarray(color, dtype=float), shape).copy(),
        surface,
        np.broadcast_to(np.asarray(glow, dtype=float), shape).copy(),
    )


def boxes(
    low: ArrayLike, high: ArrayLike, color: ArrayLike, surface: Surface, glow: ArrayLike = (0.0, 0.0, 0.0)
) -> Solid:
    """Axis-aligned boxes between corners [n, 3]; colours and glow are one for all or [n, 3]."""
    least, most = np.broadcast_arrays(np.atleast_2d(low).astype(float), np.atleast_2d(high).astype(float))
    count = len(least)
    centres, halves = (least + most) / 2, (most - least) / 2
    vertices = centres[:, None] + halves[:, None] * _BOX_SIGNS
    quads = _BOX_QUADS[None] + 8 * np.arange(count)[:, None, None]
    per_face = [
        np.repeat(np.broadcast_to(np.asarray(v, float), (count, 3)), 6, axis=0) for v in (color, glow)
    ]
    return solid(vertices, quads, per_face[0], surface, per_face[1])


def long_box(low: ArrayLike, high: ArrayLike, color: ArrayLike, surface: Surface, *, step_m: float) -> Solid:
    """One box cut along y into pieces of about step_m, so that it can follow a bend."""
    (x0, y0, z0), (x1, y1, z1) = np.asarray(low, float), np.asarray(high, float)
    rings = np.linspace(y0, y1, max(2, int(np.ceil((y1 - y0) / step_m)) + 1))
    section = np.array([[x0, z0], [x1, z0], [x1, z1], [x0, z1]])
    return loft([section] * len(rings), rings, color, surface)


def loft(
    sections: Sequence[ArrayLike], y: ArrayLike, color: ArrayLike, surface: Surface, *, is_capped: bool = True
) -> Solid:
    """A skin over closed sections (x, z) [k, 2], even k, that stand at y [n]; caps close both ends."""
    rings = np.stack([np.asarray(section, float) for section in sections])
    count, points = rings.shape[:2]
    along = np.broadcast_to(np.asarray(y, float)[:, None], (count, points))
    vertices = np.stack([rings[..., 0], along, rings[..., 1]], axis=-1)
    row, column = np.meshgrid(np.arange(count - 1), np.arange(points), indexing="ij")
    first, after = row * points + column, row * points + (column + 1) % points
    quads = np.stack([first, after, after + points, first + points], axis=-1).reshape(-1, 4)
    if is_capped:
        k = np.arange(points // 2 - 1)
        cap = np.stack([k, k + 1, points - 2 - k, points - 1 - k], axis=-1)
        quads = np.concatenate([quads, cap, cap + (count - 1) * points])
    return solid(vertices, quads, color, surface)


def tube(
    start: ArrayLike,
    end: ArrayLike,
    radius_m: float | tuple[float, float],
    color: ArrayLike,
    surface: Surface,
) -> Solid:
    """A round bar of 8 sides between two points, with one radius or one for each end, and flat ends."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    along = (b - a) / np.linalg.norm(b - a)
    helper = np.array([1.0, 0, 0]) if abs(along[0]) < 0.9 else np.array([0, 1.0, 0])
    side = np.cross(along, helper)
    side /= np.linalg.norm(side)
    angle = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    ring = np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * np.cross(along, side)
    first, last = (radius_m, radius_m) if isinstance(radius_m, float | int) else radius_m
    vertices = np.concatenate([a + ring * first, b + ring * last])
    k = np.arange(8)
    quads = np.stack([k, (k + 1) % 8, (k + 1) % 8 + 8, k + 8], axis=1)
    caps = [[0, 1, 2, 3], [0, 3, 4, 7], [4, 5, 6, 7]]
    return solid(vertices, np.concatenate([quads, caps, np.array(caps) + 8]), color, surface)


def ring(
    centre: ArrayLike, radius_m: float, thick_m: float, color: ArrayLike, surface: Surface, *, sides: int = 16
) -> Solid:
    """A tyre standing in the y-z plane: a square bar bent to a circle."""
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    direction = np.stack([np.zeros(sides), np.cos(angle), np.sin(angle)], axis=1)
    corners = [
        (-thick_m, radius_m - thick_m),
        (thick_m, radius_m - thick_m),
        (thick_m, radius_m),
        (-thick_m, radius_m),
    ]
    vertices = np.stack([direction * r + np.array([x, 0, 0]) for x, r in corners], axis=1) + np.asarray(
        centre
    )
    row, column = np.meshgrid(np.arange(sides), np.arange(4), indexing="ij")
    after, right = (row + 1) % sides, (column + 1) % 4
    quads = np.stack([row * 4 + column, row * 4 + right, after * 4 + right, after * 4 + column], axis=-1)
    return solid(vertices, quads, color, surface)


def strip(x: tuple[float, float], y: ArrayLike, z: float, color: ArrayLike, surface: Surface) -> Solid:
    """A flat band between two x that follows y [n]."""
    along = np.asarray(y, float)
    count = len(along)
    vertices = np.stack([np.tile(x, count), np.repeat(along, 2), np.full(2 * count, z)], axis=1)
    k = 2 * np.arange(count - 1)
    return solid(vertices, np.stack([k, k + 1, k + 3, k + 2], axis=1), color, surface)


def turned(solids: Iterable[Solid], *, degrees: float, at: ArrayLike = (0.0, 0.0, 0.0)) -> list[Solid]:
    """Turned counter-clockwise about z, then shifted."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    return [each.moved(lambda points: points @ matrix + np.asarray(at, float)) for each in solids]


def mirrored(solids: Iterable[Solid]) -> list[Solid]:
    """The mirror image across the middle of the street."""
    return [each.moved(lambda points: points * [-1.0, 1.0, 1.0]) for each in solids]
