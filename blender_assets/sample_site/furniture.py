"""The furniture and clutter of the office, each piece around its own origin, front towards -y."""

import numpy as np

from blender_assets.sample_site.solids import Color, Solid, box, cylinder, lathe, sheet, tipped, turned

DESK_HEIGHT_M, TABLE_HEIGHT_M, SEAT_HEIGHT_M = 0.73, 0.74, 0.46
BLACK: Color = (0.015, 0.015, 0.017)
STEEL: Color = (0.45, 0.45, 0.46)
WHITE: Color = (0.66, 0.66, 0.64)
OAK: Color = (0.42, 0.27, 0.15)
BEECH: Color = (0.55, 0.4, 0.25)


def any_color(rng: np.random.Generator, *, darkest: float = 0.02, brightest: float = 0.6) -> Color:
    hue = rng.uniform(0.25, 1.0, 3)
    red, green, blue = rng.uniform(darkest, brightest) * (0.55 * hue.mean() + 0.45 * hue)
    return float(red), float(green), float(blue)


def desk(width_m: float, depth_m: float, top_color: Color) -> list[Solid]:
    top_z = DESK_HEIGHT_M
    parts = [
        box(
            (width_m, depth_m, 0.028),
            (0, 0, top_z - 0.014),
            top_color,
            "wood" if top_color != WHITE else "matte",
        )
    ]
    for x in (-width_m / 2 + 0.06, width_m / 2 - 0.06):
        parts.append(box((0.05, depth_m - 0.1, 0.03), (x, 0, 0.02), STEEL, "metal"))
        parts += [box((0.05, 0.05, top_z - 0.06), (x, y, top_z / 2), STEEL, "metal") for y in (-0.2, 0.2)]
    parts.append(box((width_m - 0.2, 0.015, 0.35), (0, depth_m / 2 - 0.03, 0.5), WHITE))
    return parts


def monitor(rng: np.random.Generator) -> list[Solid]:
    """A screen that faces -y, standing on z = 0 of its own."""
    width, height, bottom = 0.56, 0.33, 0.13
    screen = sheet(
        (-width / 2, -0.021, bottom), (width, 0, 0), (0, 0, height), cells=(14, 9), material="screen"
    )
    parts = [
        box((width + 0.02, 0.03, height + 0.02), (0, -0.003, bottom + height / 2), BLACK, "gloss"),
        box((0.05, 0.03, 0.2), (0, 0.03, 0.12), STEEL, "metal"),
        box((0.24, 0.18, 0.012), (0, 0.03, 0.006), STEEL, "metal"),
    ]
    return [*parts, color_screen(screen, rng, columns=14)]


def color_screen(screen: Solid, rng: np.random.Generator, *, columns: int) -> Solid:
    """Windows of text on a desktop: a few rectangles of cells on a plain colour."""
    rows = len(screen.quads) // columns
    image = np.tile(rng.uniform(0.02, 0.25) * np.array([0.7, 0.9, 1.2]), (rows, columns, 1))
    for _ in range(4):
        row, column = rng.integers(rows), rng.integers(columns)
        tone = rng.choice([0.9, 0.75, 0.05, 0.3])
        image[row : row + rng.integers(2, 6), column : column + rng.integers(3, 9)] = tone
    flicker = rng.uniform(0.7, 1.0, (rows, columns, 1))
    return Solid(screen.vertices, screen.quads, (image * flicker).reshape(-1, 3), "screen")


def keyboard_and_mouse() -> list[Solid]:
    keys = [
        box((0.022, 0.014, 0.006), (x, y, 0.02), (0.05, 0.05, 0.055))
        for x in np.arange(-0.2, 0.21, 0.027)
        for y in (-0.045, -0.015, 0.015, 0.045)
    ]
    mouse = lathe([(0.001, 0.0), (0.032, 0.004), (0.03, 0.02), (0.001, 0.034)], (0.33, 0, 0), BLACK, "gloss")
    return [box((0.45, 0.15, 0.016), (0, 0, 0.008), BLACK), *keys, mouse]


def laptop(rng: np.random.Generator) -> list[Solid]:
    lid = sheet((-0.155, 0.1, 0.03), (0.31, 0, 0), (0, 0, 0.19), cells=(10, 6), material="screen")
    back = box((0.33, 0.012, 0.22), (0, 0.112, 0.12), (0.3, 0.3, 0.31), "metal")
    shown = [
        tipped(part, degrees=15, pivot=(0, 0.1, 0.02)) for part in (color_screen(lid, rng, columns=10), back)
    ]
    base = [
        box((0.33, 0.23, 0.018), (0, 0, 0.009), (0.3, 0.3, 0.31), "metal"),
        box((0.28, 0.1, 0.002), (0, 0.03, 0.019), BLACK),
    ]
    return [*base, *shown]


def mug(rng: np.random.Generator) -> list[Solid]:
    profile = [(0.001, 0.0), (0.035, 0.0), (0.04, 0.095), (0.036, 0.095), (0.034, 0.075), (0.001, 0.075)]
    color = any_color(rng, darkest=0.2, brightest=0.8)
    return [
        lathe(profile, (0, 0, 0), color, "gloss"),
        cylinder(0.033, 0.07, 0.076, (0, 0), (0.03, 0.015, 0.008)),
    ]


def bottle(rng: np.random.Generator) -> list[Solid]:
    profile = [(0.001, 0.0), (0.034, 0.0), (0.034, 0.16), (0.012, 0.2), (0.012, 0.23), (0.001, 0.23)]
    return [lathe(profile, (0, 0, 0), any_color(rng, brightest=0.5), "gloss")]


def papers(rng: np.random.Generator) -> list[Solid]:
    sheets = []
    for level in range(int(rng.integers(1, 5))):
        page = box((0.21, 0.297, 0.002), (0, 0, 0.001 + 0.002 * level), (0.78, 0.78, 0.76))
        at = (float(rng.normal(0, 0.03)), float(rng.normal(0, 0.03)), 0.0)
        sheets += turned([page], degrees=float(rng.normal(0, 18)), at=at)
    return sheets


def book_stack(rng: np.random.Generator) -> list[Solid]:
    parts, height = [], 0.0
    for _ in range(int(rng.integers(1, 5))):
        thickness = float(rng.uniform(0.012, 0.04))
        book = box((0.18, 0.25, thickness), (0, 0, height + thickness / 2), any_color(rng, brightest=0.7))
        parts += turned([book], degrees=float(rng.normal(0, 8)))
        height += thickness
    return parts


def chair(color: Color) -> list[Solid]:
    """A swivel chair whose sitter looks to -y."""
    seat = lathe(
        [(0.001, -0.04), (0.22, -0.04), (0.25, -0.02), (0.25, 0.0), (0.2, 0.02), (0.001, 0.012)],
        (0, -0.02, SEAT_HEIGHT_M - 0.012),
        color,
        "fabric",
    )
    back = [
        tipped(
            box((0.42 - 0.03 * abs(k), 0.05, 0.1), (0, 0.23 + 0.008 * k * k, 0.8 + 0.1 * k), color, "fabric"),
            degrees=-8,
            pivot=(0, 0.23, 0.6),
        )
        for k in (-2, -1, 0, 1)
    ]
    post = [
        cylinder(0.03, 0.08, SEAT_HEIGHT_M - 0.05, (0, 0), BLACK, "metal"),
        box((0.06, 0.03, 0.35), (0, 0.255, 0.55), BLACK),
    ]
    arms = [box((0.05, 0.26, 0.03), (x, 0.02, 0.65), BLACK) for x in (-0.27, 0.27)]
    arms += [box((0.03, 0.04, 0.2), (x, 0.08, 0.55), BLACK) for x in (-0.27, 0.27)]
    legs: list[Solid] = []
    for k in range(5):
        leg = [box((0.045, 0.3, 0.035), (0, 0.15, 0.075), BLACK), cylinder(0.03, 0.0, 0.06, (0, 0.29), BLACK)]
        legs += turned(leg, degrees=72.0 * k + 10)
    return [seat, *back, *post, *arms, *legs]


def meeting_table(width_m: float, depth_m: float) -> list[Solid]:
    top = box((width_m, depth_m, 0.035), (0, 0, TABLE_HEIGHT_M - 0.0175), OAK, "wood")
    legs = [
        box((0.5, depth_m * 0.6, 0.02), (x, 0, 0.01), BLACK, "metal") for x in (-width_m / 3, width_m / 3)
    ]
    legs += [
        cylinder(0.05, 0.0, TABLE_HEIGHT_M - 0.03, (x, 0), BLACK, "metal")
        for x in (-width_m / 3, width_m / 3)
    ]
    return [top, *legs]


def shelf(rng: np.random.Generator, *, width_m: float = 0.9, height_m: float = 1.9) -> list[Solid]:
    depth, boards = 0.3, 5
    parts = [box((0.02, depth, height_m), (x, 0, height_m / 2), WHITE) for x in (-width_m / 2, width_m / 2)]
    parts.append(box((width_m, 0.01, height_m), (0, depth / 2, height_m / 2), WHITE))
    for level in range(boards + 1):
        z = 0.05 + level * (height_m - 0.07) / boards
        parts.append(box((width_m, depth, 0.02), (0, 0, z), WHITE))
        if level < boards:
            parts += row_of_books(rng, width_m - 0.06, z + 0.01)
    return [*parts, box((0.3, 0.22, 0.18), (0.1, 0, height_m + 0.09), (0.33, 0.22, 0.12))]


def row_of_books(rng: np.random.Generator, width_m: float, base_z: float) -> list[Solid]:
    books, x = [], -width_m / 2
    end = width_m / 2 - rng.uniform(0, 0.5)
    while x < end:
        thickness, height = float(rng.uniform(0.02, 0.07)), float(rng.uniform(0.2, 0.31))
        centre = (x + thickness / 2, float(rng.normal(-0.02, 0.01)), base_z + height / 2)
        books.append(box((thickness * 0.94, 0.21, height), centre, any_color(rng, brightest=0.7)))
        x += thickness
    return books


def plant(rng: np.random.Generator, *, height_m: float = 1.3) -> list[Solid]:
    pot = lathe(
        [(0.001, 0.0), (0.13, 0.0), (0.18, 0.32), (0.165, 0.32), (0.16, 0.28), (0.001, 0.28)],
        (0, 0, 0),
        (0.5, 0.48, 0.45),
        "gloss",
    )
    parts = [pot, cylinder(0.015, 0.28, height_m * 0.7, (0, 0), (0.12, 0.07, 0.03))]
    for _ in range(46):
        parts.append(
            leaf(rng, base_z=float(rng.uniform(0.4, 0.75)) * height_m, length_m=float(rng.uniform(0.2, 0.42)))
        )
    return parts


def leaf(rng: np.random.Generator, *, base_z: float, length_m: float) -> Solid:
    """A bent blade of two by four cells that grows outward and droops."""
    blade = sheet((-0.5, 0, 0), (1, 0, 0), (0, 1, 0), cells=(2, 4), material="leaf")
    across, along = blade.vertices[:, 0], blade.vertices[:, 1]
    rise, droop = rng.uniform(0.4, 1.3), rng.uniform(0.5, 1.2)
    width = 0.22 * np.sin(np.pi * np.clip(along * 0.9 + 0.08, 0, 1))
    height = along * rise - droop * along**2 + 0.1 * np.abs(across) * width
    points = np.stack([across * width, along, height], axis=1) * length_m
    green = rng.uniform(0.5, 1.3)
    color = np.tile([0.05 * green, 0.13 * green, 0.03 * green], (len(blade.quads), 1))
    at = (0.0, 0.0, base_z)
    return turned([Solid(points, blade.quads, color, "leaf")], degrees=float(rng.uniform(0, 360)), at=at)[0]


def bin_(rng: np.random.Generator) -> list[Solid]:
    profile = [(0.001, 0.0), (0.11, 0.0), (0.14, 0.32), (0.133, 0.32), (0.105, 0.02), (0.001, 0.02)]
    waste = [box((0.06, 0.06, 0.05), (*rng.uniform(-0.05, 0.05, 2), 0.1), WHITE) for _ in range(3)]
    return [lathe(profile, (0, 0, 0), any_color(rng, brightest=0.2)), *waste]


def backpack(rng: np.random.Generator) -> list[Solid]:
    color = any_color(rng, brightest=0.35)
    body = lathe(
        [(0.001, 0.0), (0.15, 0.0), (0.17, 0.15), (0.15, 0.33), (0.07, 0.43), (0.001, 0.44)],
        (0, 0, 0),
        color,
        "fabric",
    )
    return [
        Solid(body.vertices * [1.0, 0.65, 1.0], body.quads, body.colors, "fabric"),
        box((0.2, 0.05, 0.2), (0, -0.11, 0.13), color, "fabric"),
    ]


def poster(rng: np.random.Generator, *, width_m: float, height_m: float) -> Solid:
    """A picture on a wall that faces -y."""
    picture = sheet((-width_m / 2, 0, 0), (width_m, 0, 0), (0, 0, height_m), cells=(8, 10), material="gloss")
    base, ramp = rng.uniform(0.1, 0.6) + rng.normal(0, 0.07, 3), rng.normal(0, 0.15, 3)
    rows = np.repeat(np.linspace(0, 1, 10), 8)[:, None]
    colors = np.clip(base + ramp * rows + rng.normal(0, 0.08, (80, 1)), 0.02, 0.85)
    return Solid(picture.vertices, picture.quads, colors, "gloss")
