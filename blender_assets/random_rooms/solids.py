"""A drawn room as solids: shell, furniture with what lies on it, and the panes of its windows."""

import numpy as np

from blender_assets.random_rooms.layout import Kind, Piece, Room, Window, draw_color
from blender_assets.sample_site import furniture as f
from blender_assets.sample_site.solids import Solid, box, sheet, turned

# Height of the top and whether it is closed down to the floor, for what people cannot walk through.
TOPS_M: dict[Kind, tuple[float, bool]] = {
    "desk": (f.DESK_HEIGHT_M, False),
    "table": (f.TABLE_HEIGHT_M, False),
    "shelf": (1.9, True),
    "sofa": (0.75, True),
    "plant": (0.9, True),
    "chair": (0.95, True),
    "crate": (0.5, True),
}
_PANES = (12, 8)


def build_room(room: Room) -> list[Solid]:
    """Everything that is not light."""
    rng = np.random.default_rng(room.seed)
    solids = [*_build_shell(room), *_build_decor(room, rng)]
    for piece in room.pieces:
        parts = build_piece(piece)
        solids += turned(parts, degrees=piece.degrees, at=(*piece.xy, 0.0))
    return solids


def build_piece(piece: Piece) -> list[Solid]:
    """Around its own origin, front towards -y."""
    rng = np.random.default_rng(piece.seed)
    width, depth = piece.size_m
    match piece.kind:
        case "desk":
            parts = f.desk(width, depth, f.WHITE if rng.random() < 0.5 else draw_color(rng, (0.05, 0.6)))
            screen = turned(
                f.monitor(rng), degrees=float(rng.normal(0, 8)), at=(0, depth / 5, f.DESK_HEIGHT_M)
            )
            return [*parts, *screen, *_lay_things(rng, piece, f.DESK_HEIGHT_M)]
        case "table":
            return [*f.meeting_table(width, depth), *_lay_things(rng, piece, f.TABLE_HEIGHT_M)]
        case "shelf":
            return f.shelf(rng, width_m=width)
        case "sofa":
            return build_sofa(rng, width, depth)
        case "plant":
            return f.plant(rng, height_m=float(rng.uniform(0.9, 1.7)))
        case "chair":
            return f.chair(draw_color(rng, (0.02, 0.5)))
        case "bin":
            return f.bin_(rng)
        case "backpack":
            return f.backpack(rng)
        case "crate":
            return [box((width, depth, 0.5), (0, 0, 0.25), draw_color(rng, (0.05, 0.5)), "wood")]


def build_sofa(rng: np.random.Generator, width_m: float, depth_m: float) -> list[Solid]:
    """Seat, back and arms of one fabric, with a cushion or two."""
    color = draw_color(rng, (0.03, 0.5))
    parts = [
        box((width_m - 0.3, depth_m - 0.2, 0.24), (0, -0.1, 0.3), color, "fabric"),
        box((width_m, 0.2, 0.55), (0, depth_m / 2 - 0.1, 0.47), color, "fabric"),
        *(
            box((0.16, depth_m - 0.2, 0.45), (side * (width_m / 2 - 0.08), -0.1, 0.37), color, "fabric")
            for side in (-1, 1)
        ),
    ]
    for _ in range(int(rng.integers(0, 3))):
        at = (float(rng.uniform(-0.3, 0.3)) * width_m, depth_m / 2 - 0.3, 0.42)
        cushion = box((0.4, 0.12, 0.38), (0, 0, 0.19), f.any_color(rng), "fabric")
        parts += turned([cushion], degrees=float(rng.normal(0, 12)), at=at)
    return parts


def build_panes(room: Room) -> list[Solid]:
    """The bright panes of the windows, a little inside the wall at y = depth."""
    power, color = room.daylight
    return [_build_pane(window, room, np.array(color) * max(power, 4.0) / 60.0) for window in room.windows]


def _build_pane(window: Window, room: Room, color: np.ndarray) -> Solid:
    width, height = window.size_m
    corner = (window.x - width / 2, room.size_m[1] - 0.01, window.z - height / 2)
    pane = sheet(corner, (width, 0, 0), (0, 0, height), cells=_PANES, material="sky")
    rise = np.repeat(np.linspace(0, 1, _PANES[1]), _PANES[0])[:, None]
    return Solid(pane.vertices, pane.quads, color * np.where(rise < 0.4, 0.4, 0.7 + 0.6 * rise), "sky")


def _build_shell(room: Room) -> list[Solid]:
    (width, depth), top = room.size_m, room.ceiling_m
    main, accent = room.walls
    floor_color, floor_material = room.floor
    ground = sheet((0, 0, 0), (width, 0, 0), (0, depth, 0), cells=(1, 1), material=floor_material)
    return [
        Solid(ground.vertices, ground.quads, np.array([floor_color]), floor_material),
        box((width, depth, 0.1), (width / 2, depth / 2, top + 0.05), (0.8, 0.8, 0.79)),
        box((0.1, depth, top), (-0.05, depth / 2, top / 2), accent),
        box((0.1, depth, top), (width + 0.05, depth / 2, top / 2), main),
        box((width, 0.1, top), (width / 2, -0.05, top / 2), main),
        box((width, 0.1, top), (width / 2, depth + 0.05, top / 2), main),
        box((width, 0.012, 0.08), (width / 2, 0.006, 0.04), f.WHITE),
    ]


def _build_decor(room: Room, rng: np.random.Generator) -> list[Solid]:
    """A rug, and pictures on the walls."""
    width, depth = room.size_m
    parts: list[Solid] = []
    if rng.random() < 0.5:
        size = (float(rng.uniform(1.2, 3.0)), float(rng.uniform(1.0, 2.2)), 0.012)
        at = (float(rng.uniform(0.3, 0.7)) * width, float(rng.uniform(0.3, 0.7)) * depth, 0.0)
        rug = box(size, (0, 0, 0.006), draw_color(rng, (0.03, 0.4)), "carpet")
        parts += turned([rug], degrees=float(rng.uniform(0, 360)), at=at)
    for _ in range(int(rng.integers(0, 4))):
        picture = f.poster(rng, width_m=float(rng.uniform(0.4, 0.9)), height_m=float(rng.uniform(0.5, 0.9)))
        parts += turned([picture], degrees=180, at=(float(rng.uniform(0.1, 0.9)) * width, 0.015, 1.2))
    return parts


def _lay_things(rng: np.random.Generator, piece: Piece, height_m: float) -> list[Solid]:
    """Papers, books, mugs, bottles and laptops on a top."""
    makers = (f.papers, f.book_stack, f.mug, f.bottle, f.laptop)
    parts: list[Solid] = []
    for _ in range(int(rng.integers(0, 5))):
        spot = rng.uniform(-0.38, 0.38, 2) * piece.size_m
        thing = makers[rng.integers(len(makers))](rng)
        parts += turned(thing, degrees=float(rng.uniform(0, 360)), at=(spot[0], spot[1], height_m))
    return parts
