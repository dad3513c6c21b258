"""Where everything stands in the office: walls, desks, the meeting corner, seats, clutter by time of day."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from blender_assets.sample_site import furniture as f
from blender_assets.sample_site.solids import Color, Material, Solid, box, sheet, turned

TimeOfDay = Literal["morning", "noon", "evening"]
TIMES: tuple[TimeOfDay, ...] = ("morning", "noon", "evening")
WIDTH_M, DEPTH_M, CEILING_M = 8.6, 6.4, 2.86
PARQUET_FROM_X = 4.9
DESK_SIZE_M = (1.5, 0.75)
CLUSTER_CENTRES = ((2.15, 1.75), (2.15, 4.65))
TABLE_CENTRE, TABLE_SIZE_M = (6.55, 3.6), (2.3, 1.1)
WINDOW_X, WINDOW_SIZE_M, WINDOW_SILL_M = (1.5, 4.3, 7.1), (1.9, 1.4), 0.92
DECOR_SEED = 11  # the room itself is the same in every run


@dataclass(frozen=True)
class Seat:
    xy: tuple[float, float]
    facing_deg: float  # counter-clockwise from +x
    is_at_desk: bool


@dataclass(frozen=True)
class Surface:
    """A desk or table top: its rectangle and height."""

    name: str
    centre: tuple[float, float]
    size_m: tuple[float, float]
    height_m: float

    def corners(self) -> np.ndarray:
        """[4, 3] metres, counter-clockwise."""
        half = np.array(self.size_m) / 2
        signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        return np.column_stack([np.array(self.centre) + signs * half, np.full(4, self.height_m)])


@dataclass(frozen=True)
class Obstacle:
    """A rectangle of floor where nobody stands."""

    low: tuple[float, float]
    high: tuple[float, float]


def desk_rows() -> list[tuple[tuple[float, float], float]]:
    """Centre of each desk and the direction in degrees that its sitter faces."""
    width, depth = DESK_SIZE_M
    rows = []
    for x, y in CLUSTER_CENTRES:
        for side in (-1, 1):
            rows.append(((x + side * (width / 2 + 0.02), y - depth / 2), 90.0))
            rows.append(((x + side * (width / 2 + 0.02), y + depth / 2), -90.0))
    return rows


def list_surfaces() -> list[Surface]:
    desks = [
        Surface(f"desk {k + 1}", centre, DESK_SIZE_M, f.DESK_HEIGHT_M)
        for k, (centre, _) in enumerate(desk_rows())
    ]
    return [*desks, Surface("meeting table", TABLE_CENTRE, TABLE_SIZE_M, f.TABLE_HEIGHT_M)]


def list_seats() -> list[Seat]:
    seats = []
    for (x, y), facing in desk_rows():
        back = 0.6 if facing > 0 else -0.6
        seats.append(Seat((x, y - back), facing, True))
    (x, y), reach = TABLE_CENTRE, TABLE_SIZE_M[1] / 2 + 0.24
    for offset in (-0.75, 0.0, 0.75):
        seats += [Seat((x + offset, y - reach), 90.0, False), Seat((x + offset, y + reach), -90.0, False)]
    return seats


def list_obstacles() -> list[Obstacle]:
    """Furniture that a standing person keeps off; chairs are in it with their seats."""
    found = []
    for surface in list_surfaces():
        corners = surface.corners()
        found.append(Obstacle(tuple(corners[0, :2].tolist()), tuple(corners[2, :2].tolist())))
    for seat in list_seats():
        x, y = seat.xy
        found.append(Obstacle((x - 0.27, y - 0.27), (x + 0.27, y + 0.27)))
    shelves = [Obstacle((8.1, 0.4), (WIDTH_M, 3.4)), Obstacle((3.2, 0.0), (4.7, 0.4))]
    plants = [Obstacle((x - 0.3, y - 0.3), (x + 0.3, y + 0.3)) for x, y in ((4.3, 5.9), (8.1, 5.9))]
    return [*found, *shelves, *plants]


def wall(low: tuple[float, float, float], high: tuple[float, float, float], color: Color) -> Solid:
    ends = np.array([low, high])
    size, centre = ends[1] - ends[0], ends.mean(axis=0)
    return box((size[0], size[1], size[2]), (centre[0], centre[1], centre[2]), color)


def floor_panel(x0: float, x1: float, color: Color, material: Material) -> Solid:
    panel = sheet((x0, 0, 0), (x1 - x0, 0, 0), (0, DEPTH_M, 0), cells=(1, 1), material=material)
    return Solid(panel.vertices, panel.quads, np.array([color]), material)


def build_shell() -> list[Solid]:
    """Floor, walls with window holes, ceiling, skirting, radiators, window frames."""
    plaster, accent = (0.68, 0.66, 0.61), (0.16, 0.27, 0.31)
    parts = [
        floor_panel(0, PARQUET_FROM_X, (0.14, 0.145, 0.15), "carpet"),
        floor_panel(PARQUET_FROM_X, WIDTH_M, (0.34, 0.21, 0.12), "parquet"),
        wall((-0.1, -0.1, CEILING_M), (WIDTH_M + 0.1, DEPTH_M + 0.1, CEILING_M + 0.1), (0.8, 0.8, 0.79)),
        wall((-0.1, 0, 0), (0, DEPTH_M, CEILING_M), accent),
        wall((WIDTH_M, 0, 0), (WIDTH_M + 0.1, DEPTH_M, CEILING_M), plaster),
        wall((-0.1, -0.1, 0), (WIDTH_M + 0.1, 0, CEILING_M), plaster),
        wall((-0.1, DEPTH_M, 0), (WIDTH_M + 0.1, DEPTH_M + 0.1, WINDOW_SILL_M), plaster),
        wall(
            (-0.1, DEPTH_M, WINDOW_SILL_M + WINDOW_SIZE_M[1]),
            (WIDTH_M + 0.1, DEPTH_M + 0.1, CEILING_M),
            plaster,
        ),
        wall((0, 0, 0), (WIDTH_M, 0.012, 0.08), f.WHITE),
        wall((0, DEPTH_M - 0.012, 0), (WIDTH_M, DEPTH_M, 0.08), f.WHITE),
        wall((PARQUET_FROM_X - 0.02, 0, 0), (PARQUET_FROM_X + 0.02, DEPTH_M, 0.004), f.STEEL),
    ]
    edges = [
        0.0,
        *(edge for x in WINDOW_X for edge in (x - WINDOW_SIZE_M[0] / 2, x + WINDOW_SIZE_M[0] / 2)),
        WIDTH_M,
    ]
    top = WINDOW_SILL_M + WINDOW_SIZE_M[1]
    for left, right in zip(edges[::2], edges[1::2], strict=True):
        parts.append(wall((left, DEPTH_M, WINDOW_SILL_M), (right, DEPTH_M + 0.1, top), plaster))
    for x in WINDOW_X:
        parts += window_fittings(x)
    return parts


def window_fittings(x: float) -> list[Solid]:
    width, height = WINDOW_SIZE_M
    middle = WINDOW_SILL_M + height / 2
    radiator = [
        box((0.04, 0.06, 0.5), (x + k, DEPTH_M - 0.07, 0.4), f.WHITE) for k in np.arange(-0.6, 0.61, 0.06)
    ]
    frame = [
        box((0.05, 0.06, height), (x + k, DEPTH_M + 0.04, middle), f.WHITE)
        for k in (-width / 2, 0.0, width / 2)
    ]
    sill = box((width + 0.1, 0.22, 0.03), (x, DEPTH_M - 0.06, WINDOW_SILL_M), f.WHITE)
    return [*radiator, *frame, sill]


def build_furniture() -> list[Solid]:
    """Everything that does not change over the day, chairs excepted."""
    rng = np.random.default_rng(DECOR_SEED)
    parts: list[Solid] = []
    for (x, y), facing in desk_rows():
        turn = facing - 90
        parts += turned(f.desk(*DESK_SIZE_M, f.WHITE if x < 2 else f.BEECH), degrees=turn, at=(x, y, 0))
        parts += turned(
            f.monitor(rng),
            degrees=turn + float(rng.normal(0, 6)),
            at=(x, y + np.copysign(0.17, facing), f.DESK_HEIGHT_M),
        )
    parts += turned(f.meeting_table(*TABLE_SIZE_M), at=(*TABLE_CENTRE, 0))
    parts += turned(
        [box((3.0, 2.6, 0.012), (0, 0, 0.006), (0.2, 0.06, 0.05), "carpet")], at=(*TABLE_CENTRE, 0)
    )
    for y in (0.9, 1.85, 2.8):
        parts += turned(f.shelf(rng), degrees=-90, at=(WIDTH_M - 0.17, y, 0))
    parts += turned(f.shelf(rng, height_m=1.1), degrees=180, at=(3.95, 0.17, 0))
    for x, y in ((4.3, 5.9), (8.1, 5.9)):
        parts += turned(f.plant(rng), at=(x, y, 0))
    parts += build_wall_decor(rng)
    return parts


def build_wall_decor(rng: np.random.Generator) -> list[Solid]:
    whiteboard = [
        box((1.6, 0.03, 1.0), (0, 0, 1.5), (0.82, 0.82, 0.82), "gloss"),
        box((1.6, 0.07, 0.02), (0, -0.03, 0.99), f.STEEL),
    ]
    scribble = [
        box(
            (float(rng.uniform(0.2, 0.6)), 0.004, 0.012),
            (float(rng.uniform(-0.4, 0.4)), -0.017, 1.1 + 0.09 * k),
            (0.02, 0.03, 0.25),
        )
        for k in range(8)
    ]
    door = [
        box((0.95, 0.05, 2.05), (0, 0, 1.025), f.OAK, "wood"),
        box((0.12, 0.06, 0.02), (0.35, -0.05, 1.05), f.STEEL, "metal"),
    ]
    parts = turned([*whiteboard, *scribble], degrees=-90, at=(WIDTH_M - 0.03, 4.6, 0))
    parts += turned(door, degrees=180, at=(5.6, 0.03, 0))
    for y in (1.0, 2.4, 4.2):
        parts += turned([f.poster(rng, width_m=0.6, height_m=0.8)], degrees=90, at=(0.01, y, 1.2))
    for x in (1.2, 2.2, 7.3):
        parts += turned([f.poster(rng, width_m=0.5, height_m=0.7)], degrees=180, at=(x, 0.01, 1.3))
    for x in (2.9, 5.7):
        parts += turned([f.poster(rng, width_m=0.45, height_m=0.6)], at=(x, DEPTH_M - 0.01, 1.35))
    return parts


def build_clutter(time: TimeOfDay, day: int = 0) -> list[Solid]:
    """Chairs as they were left, and the small things that move over a day and from day to day."""
    moment = [DECOR_SEED, TIMES.index(time)]
    rng = np.random.default_rng([*moment, day] if day else moment)
    parts: list[Solid] = []
    for seat in list_seats():
        at = (seat.xy[0] + float(rng.normal(0, 0.03)), seat.xy[1] + float(rng.normal(0, 0.03)), 0.0)
        color: Color = (0.03, 0.035, 0.045) if seat.is_at_desk else (0.24, 0.1, 0.04)
        parts += turned(f.chair(color), degrees=seat.facing_deg + 90 + float(rng.normal(0, 9)), at=at)
    for (x, y), facing in desk_rows():
        parts += turned(desk_clutter(rng), degrees=facing - 90, at=(x, y, f.DESK_HEIGHT_M))
    for _ in range(5):
        piece = (f.papers, f.laptop, f.mug, f.bottle)[rng.integers(4)](rng)
        spot = np.array(TABLE_CENTRE) + rng.uniform(-1, 1, 2) * [0.95, 0.38]
        parts += turned(piece, degrees=float(rng.uniform(0, 360)), at=(spot[0], spot[1], f.TABLE_HEIGHT_M))
    for x, y in ((0.25, 3.2), (3.6, 3.2), (5.1, 5.9)):
        parts += turned(f.bin_(rng), at=(x + float(rng.normal(0, 0.05)), y, 0))
    for x, y in ((3.75, 1.4), (5.2, 4.5), (3.8, 4.9)):
        if rng.random() < 0.6:
            parts += turned(f.backpack(rng), degrees=float(rng.uniform(0, 360)), at=(x, y, 0))
    return parts


def desk_clutter(rng: np.random.Generator) -> list[Solid]:
    """On a desk top whose sitter is at -y."""
    parts = turned(
        f.keyboard_and_mouse(), degrees=float(rng.normal(0, 4)), at=(float(rng.normal(0, 0.05)), -0.16, 0)
    )
    pieces = (f.papers, f.book_stack, f.mug, f.bottle, f.laptop)
    for side in (-1, 1):
        if rng.random() < 0.8:
            piece = pieces[rng.integers(len(pieces))](rng)
            at = (side * float(rng.uniform(0.45, 0.58)), float(rng.uniform(-0.15, 0.15)), 0.0)
            parts += turned(piece, degrees=float(rng.normal(0, 20)), at=at)
    return parts
