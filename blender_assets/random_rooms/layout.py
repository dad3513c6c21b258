"""Where everything stands in a random room: what is drawn, not how it is built. Metres, floor at z = 0."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from blender_assets.sample_site.solids import Color, Material

Kind = Literal["desk", "table", "shelf", "sofa", "plant", "chair", "bin", "backpack", "crate"]
# width along x, depth along y, how many at most, least and most height of those that vary
SIZES_M: dict[Kind, tuple[tuple[float, float], tuple[float, float]]] = {
    "desk": ((1.2, 1.8), (0.65, 0.9)),
    "table": ((0.9, 2.8), (0.8, 1.3)),
    "shelf": ((0.8, 1.2), (0.34, 0.34)),
    "sofa": ((1.4, 2.4), (0.85, 0.95)),
    "plant": ((0.5, 0.5), (0.5, 0.5)),
    "chair": ((0.6, 0.6), (0.6, 0.6)),
    "bin": ((0.3, 0.3), (0.3, 0.3)),
    "backpack": ((0.36, 0.36), (0.3, 0.3)),
    "crate": ((0.4, 0.9), (0.35, 0.7)),
}
MOST: dict[Kind, int] = {
    "desk": 6, "table": 2, "shelf": 4, "sofa": 2, "plant": 4, "chair": 8, "bin": 3, "backpack": 3, "crate": 3,
}  # fmt: skip
AGAINST_WALL: tuple[Kind, ...] = ("shelf", "sofa")
_TRIES = 25


@dataclass(frozen=True)
class Piece:
    """A piece of furniture: its footprint turned counter-clockwise about its middle."""

    kind: Kind
    xy: tuple[float, float]
    size_m: tuple[float, float]
    degrees: float
    seed: int

    def corners(self) -> np.ndarray:
        """Footprint [4, 2], counter-clockwise."""
        half = np.array(self.size_m) / 2
        c, s = np.cos(np.radians(self.degrees)), np.sin(np.radians(self.degrees))
        signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        return (signs * half) @ np.array([[c, s], [-s, c]]) + np.array(self.xy)


@dataclass(frozen=True)
class Window:
    """Daylight in the wall at y = depth: middle and size."""

    x: float
    z: float
    size_m: tuple[float, float]


@dataclass(frozen=True)
class Room:
    """Everything that stays of a room; `daylight` and `lamp` are powers in watts per window and per lamp."""

    size_m: tuple[float, float]
    ceiling_m: float
    floor: tuple[Color, Material]
    walls: tuple[Color, Color]
    pieces: tuple[Piece, ...]
    windows: tuple[Window, ...]
    lamps_xy: tuple[tuple[float, float], ...]
    lamp: tuple[float, Color]
    daylight: tuple[float, Color]
    seed: int


def draw_room(rng: np.random.Generator) -> Room:
    """A room with walls, floor, light and furniture of its own."""
    size_m = (float(rng.uniform(4.0, 11.0)), float(rng.uniform(4.0, 9.0)))
    ceiling_m = float(rng.uniform(2.6, 4.2))
    floors: tuple[Material, ...] = ("carpet", "parquet", "matte", "gloss")
    return Room(
        size_m=size_m,
        ceiling_m=ceiling_m,
        floor=(draw_color(rng, (0.03, 0.6)), floors[rng.integers(len(floors))]),
        walls=(draw_color(rng, (0.3, 0.8)), draw_color(rng, (0.08, 0.8))),
        pieces=draw_pieces(size_m, rng),
        windows=draw_windows(size_m, ceiling_m, rng),
        lamps_xy=draw_lamps(size_m, rng),
        lamp=(float(rng.uniform(12, 60)), draw_light_color(rng)),
        daylight=(float(rng.choice([0.0, 30.0, 120.0])), (0.8, 0.9, 1.0)),
        seed=int(rng.integers(2**31)),
    )


def draw_color(rng: np.random.Generator, brightness: tuple[float, float]) -> Color:
    """Linear RGB, rarely a strong one."""
    tint = rng.normal(0, rng.choice([0.04, 0.12, 0.35], p=[0.5, 0.35, 0.15]), 3)
    color = np.clip(rng.uniform(*brightness) * np.exp(tint - tint.mean()), 0.015, 0.85)
    return float(color[0]), float(color[1]), float(color[2])


def draw_light_color(rng: np.random.Generator) -> Color:
    """From warm to neutral."""
    warmth = float(rng.uniform(0, 1))
    return 1.0, 0.97 - 0.2 * warmth, 0.94 - 0.42 * warmth


def draw_pieces(size_m: tuple[float, float], rng: np.random.Generator) -> tuple[Piece, ...]:
    """Furniture that stands free of each other, the largest first."""
    pieces: list[Piece] = []
    share = rng.uniform(0.2, 1.0)
    for kind, most in MOST.items():
        for _ in range(int(rng.integers(0, round(most * share) + 1))):
            piece = _draw_free(kind, size_m, pieces, rng)
            if piece is not None:
                pieces.append(piece)
    return tuple(pieces)


def draw_windows(
    size_m: tuple[float, float], ceiling_m: float, rng: np.random.Generator
) -> tuple[Window, ...]:
    count = int(rng.integers(0, 4))
    width = size_m[0] / max(count, 1) * float(rng.uniform(0.4, 0.8))
    height = float(rng.uniform(1.0, ceiling_m - 1.3))
    return tuple(
        Window((k + 0.5) * size_m[0] / count, 0.9 + height / 2, (min(width, 2.6), height))
        for k in range(count)
    )


def draw_lamps(size_m: tuple[float, float], rng: np.random.Generator) -> tuple[tuple[float, float], ...]:
    """A regular grid of lamps."""
    across, along = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    return tuple(
        ((i + 0.5) * size_m[0] / across, (j + 0.5) * size_m[1] / along)
        for i in range(across)
        for j in range(along)
    )


def _draw_free(
    kind: Kind, size_m: tuple[float, float], others: list[Piece], rng: np.random.Generator
) -> Piece | None:
    (least_width, most_width), (least_depth, most_depth) = SIZES_M[kind]
    size = (float(rng.uniform(least_width, most_width)), float(rng.uniform(least_depth, most_depth)))
    for _ in range(_TRIES):
        piece = _draw_piece(kind, size, size_m, rng)
        if _is_inside(piece, size_m) and not any(_touches(piece, other) for other in others):
            return piece
    return None


def _draw_piece(
    kind: Kind, size: tuple[float, float], room_m: tuple[float, float], rng: np.random.Generator
) -> Piece:
    """Against the wall at y = 0, x = 0 or x = width where the kind stands so, else anywhere; fronts look inwards."""
    x, y = float(rng.uniform(0, room_m[0])), float(rng.uniform(0, room_m[1]))
    degrees = float(rng.choice([0, 90, 180, 270])) + float(rng.normal(0, 2))
    if kind in AGAINST_WALL:
        gap = size[1] / 2 + 0.02
        places = ((x, gap, 180.0), (gap, y, 90.0), (room_m[0] - gap, y, -90.0))
        x, y, degrees = places[rng.integers(len(places))]
    elif kind in ("plant", "chair", "bin", "backpack", "crate"):
        degrees = float(rng.uniform(0, 360))
    return Piece(kind, (x, y), size, degrees, int(rng.integers(2**31)))


def _is_inside(piece: Piece, room_m: tuple[float, float]) -> bool:
    corners = piece.corners()
    return bool((corners >= 0).all() and (corners <= np.array(room_m)).all())


def _touches(piece: Piece, other: Piece, *, gap_m: float = 0.1) -> bool:
    """Whether two rectangles come nearer than the gap along every axis of either (separating axes)."""
    first, second = piece.corners(), other.corners()
    for corners in (first, second):
        for edge in (corners[1] - corners[0], corners[2] - corners[1]):
            axis = edge / np.linalg.norm(edge)
            a, b = first @ axis, second @ axis
            if a.max() + gap_m < b.min() or b.max() + gap_m < a.min():
                return False
    return True
