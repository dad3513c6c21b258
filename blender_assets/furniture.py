"""Chairs, built around the people who sit on them: swivel chairs, stacking chairs, stools and armchairs."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from blender_assets.shapes import Color, Part, Point, slab, tube

ChairKind = Literal["swivel", "stacking", "stool", "armchair"]
KIND_SHARES: dict[ChairKind, float] = {"swivel": 0.5, "stacking": 0.3, "stool": 0.08, "armchair": 0.12}
BASE_RADIUS_M = 0.27
SQUASH_M = 0.012  # the sitter sinks in
BEHIND_PELVIS_M = 0.16  # how far the seat reaches behind the sitter's origin
MAX_LEAN = 0.6  # of a back, metres to the rear per metre up
STOOL_LEAN = 0.25  # who leans back farther needs a back
ARMREST_GAP_M = 0.05
CHROME: Color = (0.42, 0.42, 0.43)
BLACK: Color = (0.012, 0.012, 0.013)


@dataclass(frozen=True)
class Chair:
    """vertices [v, 3] metres in the sitter's space (facing -y, pelvis over the origin), quads [f, 4], linear RGB [f, 3]."""

    kind: ChairKind
    vertices: NDArray[np.float32]
    quads: NDArray[np.int32]
    face_colors: NDArray[np.float32]


@dataclass(frozen=True)
class BackRest:
    """The line that a sitter's back leans on: y at the seat's height, and metres to the rear per metre up."""

    y_m: float
    lean: float

    def at(self, above_seat_m: float) -> float:
        return self.y_m + self.lean * above_seat_m


def seat_height(vertices: NDArray[np.floating]) -> float:
    """Metres from the floor to the lowest point of a sitting person, under the pelvis at the origin."""
    under_pelvis = np.hypot(vertices[:, 0], vertices[:, 1]) < 0.12
    return float(vertices[under_pelvis, 2].min())


def build_chair(sitter_vertices: NDArray[np.floating], rng: np.random.Generator) -> Chair:
    """A chair whose seat touches the sitter from below and whose back, if it has one, from behind."""
    seat_m = seat_height(sitter_vertices) + SQUASH_M
    kinds = list(KIND_SHARES)
    kind = kinds[int(rng.choice(len(kinds), p=list(KIND_SHARES.values())))]
    rest = lean_on(sitter_vertices, seat_m)
    if kind == "stool" and rest.lean > STOOL_LEAN:
        kind = "swivel"
    builders = {"swivel": _swivel, "stacking": _stacking, "stool": _stool, "armchair": _armchair}
    return _join(kind, builders[kind](sitter_vertices, seat_m, rest, rng))


def lean_on(vertices: NDArray[np.floating], seat_m: float) -> BackRest:
    """A line behind everything of the back, leaning as the back leans."""
    above = vertices[:, 2] - seat_m
    is_back = (above > 0.12) & (above < 0.55) & (np.abs(vertices[:, 0]) < 0.15)
    y, z = vertices[is_back, 1], above[is_back]
    low, high = (float(y[np.abs(z - level) < 0.06].max(initial=0.0)) for level in (0.18, 0.46))
    lean = float(np.clip((high - low) / 0.28, 0.08, MAX_LEAN))
    behind = float((y - lean * z).max(initial=0.0))
    # Whoever bends forward leaves the back where it was.
    return BackRest(max(behind, BEHIND_PELVIS_M - 0.04) + 0.01, lean)


def draw_fabric(rng: np.random.Generator) -> Color:
    """Mostly black to grey, at times a colour."""
    shade = float(rng.uniform(0.01, 0.13))
    if rng.random() < 0.65:
        return _tinted(shade, rng.uniform(0.9, 1.1, 3))
    return _tinted(shade, rng.choice([[0.5, 0.8, 2.0], [2.2, 0.5, 0.4], [0.6, 1.5, 0.8], [1.8, 1.2, 0.6]]))


def _tinted(shade: float, tint: NDArray[np.floating]) -> Color:
    red, green, blue = (float(shade * c) for c in tint)
    return red, green, blue


def _swivel(
    sitter: NDArray[np.floating], seat_m: float, rest: BackRest, rng: np.random.Generator
) -> list[Part]:
    """An office chair: cushion, back on a post, five legs on castors, armrests where the arms leave room."""
    width, depth, fabric = rng.uniform(0.44, 0.5), rng.uniform(0.42, 0.47), draw_fabric(rng)
    frame = BLACK if rng.random() < 0.7 else CHROME
    y = BEHIND_PELVIS_M - depth / 2
    tall = rng.uniform(0.36, 0.52)
    parts = [slab((0, y, seat_m - 0.035), (width, depth, 0.07), fabric)]
    parts.append(_back_panel(rest, seat_m, (width * rng.uniform(0.82, 0.98), 0.045, tall), 0.15, fabric))
    foot = (0.0, rest.at(0.18) + 0.05, seat_m + 0.18)
    parts.append(tube([(0, 0.06, seat_m - 0.08), (0, foot[1], seat_m - 0.06), foot], 0.02, frame))
    parts.append(tube([(0, y, 0.06), (0, y, seat_m - 0.07)], 0.027, frame))
    parts += _star_base(y, frame)
    if rng.random() < 0.6:
        parts += _armrests(sitter, seat_m, width / 2 + 0.035, y, frame)
    return parts


def _stacking(
    sitter: NDArray[np.floating], seat_m: float, rest: BackRest, rng: np.random.Generator
) -> list[Part]:
    """A thin shell or plywood on four bent tubes."""
    width, depth = rng.uniform(0.41, 0.46), rng.uniform(0.4, 0.44)
    wood, white = (0.4, 0.25, 0.12), (0.6, 0.6, 0.58)
    shell = draw_fabric(rng) if rng.random() < 0.5 else (wood if rng.random() < 0.5 else white)
    frame = CHROME if rng.random() < 0.7 else BLACK
    front, rear, x = BEHIND_PELVIS_M - depth + 0.03, BEHIND_PELVIS_M - 0.03, width / 2 - 0.02
    parts = [
        slab((0, BEHIND_PELVIS_M - depth / 2, seat_m - 0.012), (width, depth, 0.024), shell),
        _back_panel(rest, seat_m, (width * 0.94, 0.022, rng.uniform(0.2, 0.3)), 0.2, shell),
    ]
    for side in (-1, 1):
        post = [(side * x, rear + 0.04, 0.003), (side * x, rear, seat_m - 0.035)]
        parts.append(tube([*post, (side * x, rest.at(0.3) + 0.03, seat_m + 0.3)], 0.012, frame))
        parts.append(tube([(side * x, front - 0.03, 0.003), (side * x, front, seat_m - 0.03)], 0.012, frame))
        parts.append(
            tube([(side * x, front, seat_m - 0.035), (side * x, rear, seat_m - 0.035)], 0.012, frame)
        )
    return parts


def _stool(
    sitter: NDArray[np.floating], seat_m: float, rest: BackRest, rng: np.random.Generator
) -> list[Part]:
    """A round seat on four splayed legs with a ring."""
    seat = draw_fabric(rng) if rng.random() < 0.5 else (0.4, 0.25, 0.12)
    frame = CHROME if rng.random() < 0.5 else BLACK
    diameter = rng.uniform(0.34, 0.4)
    parts = [slab((0, 0.0, seat_m - 0.02), (diameter, diameter, 0.04), seat, power=2.0)]
    corners = [(x, y) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    for x, y in corners:
        parts.append(tube([(0.17 * x, 0.17 * y, 0.003), (0.1 * x, 0.1 * y, seat_m - 0.035)], 0.012, frame))
    z = 0.4 * seat_m
    ring: list[Point] = [(0.143 * x, 0.143 * y, z) for x, y in (*corners, corners[0])]
    return parts + [tube([a, b], 0.009, frame) for a, b in pairwise(ring)]


def _armchair(
    sitter: NDArray[np.floating], seat_m: float, rest: BackRest, rng: np.random.Generator
) -> list[Part]:
    """A low upholstered chair; its sides rise only as far as the sitter's arms let them."""
    fabric = draw_fabric(rng)
    width, depth = rng.uniform(0.52, 0.6), rng.uniform(0.5, 0.56)
    y, thick = BEHIND_PELVIS_M - depth / 2 + 0.03, 0.16
    parts = [slab((0, y, seat_m - thick / 2), (width, depth, thick), fabric)]
    parts.append(_back_panel(rest, seat_m, (width, 0.11, rng.uniform(0.4, 0.55)), 0.0, fabric))
    top = max(_arm_room(sitter, seat_m, width / 2 - 0.02), seat_m - 0.02)
    for side in (-1, 1):
        low = 0.1
        size = (0.1, depth + 0.04, top - low)
        parts.append(slab((side * (width / 2 + 0.05), y, (top + low) / 2), size, fabric))
        for end in (-1, 1):
            at = (side * (width / 2 + 0.02), y + end * (depth / 2 - 0.05))
            parts.append(tube([(*at, 0.0), (*at, seat_m - thick + 0.01)], 0.018, BLACK))
    return parts


def _back_panel(rest: BackRest, seat_m: float, size: Point, above_seat_m: float, color: Color) -> Part:
    """A panel that starts above_seat_m over the seat and leans as the sitter does, its front touching the back."""
    middle = above_seat_m + size[2] / 2
    centre = (0.0, rest.at(middle) + size[1] / 2, seat_m + middle)
    return slab(centre, size, color, lean_rad=float(np.arctan(rest.lean)))


def _arm_room(sitter: NDArray[np.floating], seat_m: float, inner_m: float) -> float:
    """Metres above the floor up to which nothing of the sitter is where armrests go, at most 22 cm over the seat."""
    x, y, z = np.abs(sitter[:, 0]), sitter[:, 1], sitter[:, 2]
    is_over = (x > inner_m) & (x < inner_m + 0.2) & (y > -0.35) & (y < 0.3) & (z > seat_m - 0.1)
    return float(min(z[is_over].min(initial=np.inf) - ARMREST_GAP_M / 2, seat_m + 0.22))


def _armrests(sitter: NDArray[np.floating], seat_m: float, x: float, y: float, frame: Color) -> list[Part]:
    top = _arm_room(sitter, seat_m, x - 0.04)
    if top < seat_m + 0.12:
        return []
    parts = []
    for side in (-1, 1):
        parts.append(slab((side * x, y + 0.05, top - 0.015), (0.07, 0.24, 0.03), BLACK))
        post = [
            (side * (x - 0.05), y, seat_m - 0.06),
            (side * x, y, seat_m - 0.06),
            (side * x, y, top - 0.02),
        ]
        parts.append(tube(post, 0.016, frame))
    return parts


def _star_base(centre_y: float, frame: Color) -> list[Part]:
    parts = []
    for angle in 2 * np.pi * (np.arange(5) + 0.25) / 5:
        x, y = BASE_RADIUS_M * np.cos(angle), centre_y + BASE_RADIUS_M * np.sin(angle)
        parts.append(tube([(0, centre_y, 0.09), (x, y, 0.06)], 0.02, frame))
        parts.append(slab((x, y, 0.028), (0.05, 0.05, 0.056), BLACK, power=2.0))
    return parts


def _join(kind: ChairKind, parts: list[Part]) -> Chair:
    offsets = np.cumsum([0] + [len(part.vertices) for part in parts[:-1]])
    quads = [part.quads + offset for part, offset in zip(parts, offsets, strict=True)]
    return Chair(
        kind=kind,
        vertices=np.concatenate([part.vertices for part in parts]).astype(np.float32),
        quads=np.concatenate(quads).astype(np.int32),
        face_colors=np.concatenate([np.tile(part.color, (len(part.quads), 1)) for part in parts]).astype(
            np.float32
        ),
    )
