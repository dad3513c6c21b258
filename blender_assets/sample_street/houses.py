"""Houses: walls with windows, doors, shops, balconies and roofs, in their own space.

House space: x along the front from 0 to the width, y into the house from the front at 0, z up.
"""

from dataclasses import dataclass

import numpy as np

from blender_assets.sample_street.solids import Solid, boxes, loft

_WALLS = np.array(
    [
        [0.55, 0.47, 0.34], [0.62, 0.58, 0.5], [0.45, 0.2, 0.13], [0.33, 0.14, 0.1], [0.5, 0.42, 0.2],
        [0.38, 0.4, 0.42], [0.7, 0.68, 0.64], [0.5, 0.34, 0.25], [0.3, 0.36, 0.33], [0.24, 0.23, 0.22],
    ]
)  # fmt: skip
_ROOFS = np.array([[0.22, 0.09, 0.06], [0.07, 0.07, 0.08], [0.16, 0.13, 0.11]])
_LIT = np.array([[1.0, 0.62, 0.28], [1.0, 0.78, 0.5], [0.85, 0.9, 1.0], [1.0, 0.5, 0.2]])
_GLASS = (0.03, 0.04, 0.05)


@dataclass(frozen=True)
class House:
    """What a house is like; lengths in metres."""

    width_m: float
    depth_m: float
    floors: int
    floor_m: float
    bay_m: float  # from window to window
    window_m: tuple[float, float]
    wall: tuple[float, float, float]
    trim: tuple[float, float, float]
    roof: tuple[float, float, float]
    roof_m: float  # height of a pitched roof, 0 for a flat one
    has_shop: bool
    has_balconies: bool
    lit_fraction: float

    @property
    def eaves_m(self) -> float:
        return self.floors * self.floor_m + 0.7


def draw_house(width_m: float, floors: tuple[int, int], rng: np.random.Generator) -> House:
    wall = _WALLS[rng.integers(len(_WALLS))] * rng.uniform(0.75, 1.15)
    trim = np.clip(wall * rng.uniform(1.2, 1.7), 0, 0.78) if rng.random() < 0.7 else wall * 0.55
    storeys = int(rng.integers(floors[0], floors[1] + 1))
    is_pitched = rng.random() < (0.75 if storeys <= 3 else 0.35)
    return House(
        width_m=width_m,
        depth_m=float(rng.uniform(10, 15)),
        floors=storeys,
        floor_m=float(rng.uniform(2.8, 3.6)),
        bay_m=float(rng.uniform(2.2, 3.6)),
        window_m=(float(rng.uniform(1.0, 1.7)), float(rng.uniform(1.3, 1.9))),
        wall=tuple(wall.tolist()),
        trim=tuple(trim.tolist()),
        roof=tuple((_ROOFS[rng.integers(len(_ROOFS))] * rng.uniform(0.8, 1.2)).tolist()),
        roof_m=float(rng.uniform(2.2, 4.0)) if is_pitched else 0.0,
        has_shop=bool(storeys > 2 and rng.random() < 0.55),
        has_balconies=bool(storeys > 2 and rng.random() < 0.35),
        lit_fraction=float(rng.uniform(0.15, 0.55)),
    )


def build_house(house: House, rng: np.random.Generator) -> list[Solid]:
    """Front, back and sides, cut into bays so that a row of houses can follow a bend."""
    cuts = np.linspace(0, house.width_m, max(2, round(house.width_m / house.bay_m)) + 1)
    body = boxes(
        np.stack([cuts[:-1], np.zeros(len(cuts) - 1), np.full(len(cuts) - 1, -0.2)], axis=1),
        np.stack(
            [cuts[1:], np.full(len(cuts) - 1, house.depth_m), np.full(len(cuts) - 1, house.eaves_m)], axis=1
        ),
        house.wall,
        "plaster",
    )
    first = 1 if house.has_shop else 0
    solids = [body, *_windows(house, cuts, first, rng), *_bands(house, cuts), *_roof(house, cuts)]
    solids += _shop(house, cuts, rng) if house.has_shop else _door(house, cuts, rng)
    if house.has_balconies:
        solids += _balconies(house, cuts, rng)
    return solids + _side_windows(house, rng)


def _lights(count: int, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """[n, 3] what windows give off in the evening: most nothing."""
    is_lit = rng.random(count) < fraction
    return _LIT[rng.integers(len(_LIT), size=count)] * (is_lit * rng.uniform(0.15, 1.0, count))[:, None]


def _windows(house: House, cuts: np.ndarray, first: int, rng: np.random.Generator) -> list[Solid]:
    """A pane in a frame above a sill in every bay of every floor from `first` on."""
    x, floor = np.meshgrid((cuts[:-1] + cuts[1:]) / 2, np.arange(first, house.floors))
    x, z = x.ravel(), floor.ravel() * house.floor_m + 1.15
    half, height = min(house.window_m[0] / 2, (cuts[1] - cuts[0]) / 2 - 0.25), house.window_m[1]
    if not len(x):
        return []
    panes = _row(x, half, z, height, (-0.045, 0.05))
    frames = _row(x, half + 0.1, z - 0.1, height + 0.2, (-0.03, 0.05))
    sills = _row(x, half + 0.18, z - 0.18, 0.09, (-0.13, 0.02))
    posts = _row(x, 0.035, z, height, (-0.06, 0.0))
    return [
        boxes(*panes, _GLASS, "glass", _lights(len(x), house.lit_fraction, rng)),
        boxes(*frames, house.trim, "plaster"),
        boxes(*sills, house.trim, "plaster"),
        boxes(*posts, house.trim, "plaster"),
    ]


def _row(
    x: np.ndarray, half_m: float, z: np.ndarray, height_m: float, y: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Corners [n, 3] of boxes of one size at middles x [n] and bottoms z [n]."""
    low = np.stack([x - half_m, np.full(len(x), y[0]), z], axis=1)
    high = np.stack([x + half_m, np.full(len(x), y[1]), z + height_m], axis=1)
    return low, high


def _bands(house: House, cuts: np.ndarray) -> list[Solid]:
    """A cornice below the roof and a darker foot, bay by bay."""
    low, high = cuts[:-1], cuts[1:]
    ones = np.ones(len(low))

    def band(bottom: float, top: float, out: float) -> tuple[np.ndarray, np.ndarray]:
        return np.stack([low, -out * ones, bottom * ones], axis=1), np.stack(
            [high, 0.05 * ones, top * ones], axis=1
        )

    return [
        boxes(*band(house.eaves_m - 0.35, house.eaves_m + 0.05, 0.22), house.trim, "plaster"),
        boxes(*band(-0.1, 0.55, 0.03), np.array(house.wall) * 0.5, "plaster"),
        boxes(*band(house.floor_m - 0.05, house.floor_m + 0.13, 0.06), house.trim, "plaster"),
    ]


def _roof(house: House, cuts: np.ndarray) -> list[Solid]:
    """A pitched roof whose ridge runs along the front, or a flat one with a parapet."""
    if not house.roof_m:
        low = np.stack(
            [cuts[:-1], np.full(len(cuts) - 1, -0.02), np.full(len(cuts) - 1, house.eaves_m)], axis=1
        )
        high = np.stack(
            [cuts[1:], np.full(len(cuts) - 1, 0.25), np.full(len(cuts) - 1, house.eaves_m + 0.6)], axis=1
        )
        return [boxes(low, high, house.wall, "plaster")]
    depth, eaves = house.depth_m, house.eaves_m
    section = np.array(
        [
            [-0.35, eaves],
            [depth / 2, eaves + house.roof_m],
            [depth / 2 + 0.01, eaves + house.roof_m],
            [depth + 0.35, eaves],
        ]
    )
    skin = loft([section] * len(cuts), cuts, house.roof, "roof")
    return [skin.moved(lambda points: points[:, [1, 0, 2]])]


def _shop(house: House, cuts: np.ndarray, rng: np.random.Generator) -> list[Solid]:
    """Large panes, a sign over them and an awning over some."""
    x = (cuts[:-1] + cuts[1:]) / 2
    half = (cuts[1] - cuts[0]) / 2 - 0.15
    zeros = np.zeros(len(x))
    light = _lights(len(x), 0.75, rng) * 1.3
    sign = rng.uniform(0.05, 0.7, 3)
    goods = rng.uniform(0.05, 0.5, 3) * 0.2
    solids = [
        boxes(*_row(x, half, zeros + 0.45, house.floor_m - 1.15, (-0.05, 0.05)), goods, "glass", light),
        boxes(
            *_row(x, half + 0.1, zeros + house.floor_m - 0.62, 0.5, (-0.12, 0.05)),
            sign,
            "plaster",
            sign * 0.25,
        ),
    ]
    if rng.random() < 0.6:
        cloth = rng.uniform(0.1, 0.7, 3)
        awning = boxes(*_row(x, half, zeros + house.floor_m - 0.72, 0.08, (-1.2, 0.0)), cloth, "cloth")
        slope = awning.moved(
            lambda points: points + np.outer(0.35 * np.minimum(points[:, 1], 0), [0, 0, 1.0])
        )
        solids.append(slope)
    return solids


def _door(house: House, cuts: np.ndarray, rng: np.random.Generator) -> list[Solid]:
    bay = int(rng.integers(len(cuts) - 1))
    x = np.array([(cuts[bay] + cuts[bay + 1]) / 2])
    color = rng.uniform(0.03, 0.35, 3)
    return [
        boxes(*_row(x, 0.62, np.array([0.0]), 2.3, (-0.07, 0.05)), house.trim, "plaster"),
        boxes(*_row(x, 0.5, np.array([0.0]), 2.15, (-0.1, 0.05)), color, "paint"),
    ]


def _balconies(house: House, cuts: np.ndarray, rng: np.random.Generator) -> list[Solid]:
    bays = np.flatnonzero(rng.random(len(cuts) - 1) < 0.5)
    x, floor = np.meshgrid((cuts[bays] + cuts[bays + 1]) / 2, np.arange(1, house.floors))
    x, z = x.ravel(), floor.ravel() * house.floor_m + 0.15
    if not len(x):
        return []
    half = (cuts[1] - cuts[0]) / 2 - 0.1
    rail = rng.uniform(0.05, 0.5) * np.ones(3)
    return [
        boxes(*_row(x, half, z, 0.16, (-1.1, 0.0)), house.trim, "plaster"),
        boxes(*_row(x, half, z + 0.16, 0.85, (-1.1, -1.04)), rail, "metal"),
    ]


def _side_windows(house: House, rng: np.random.Generator) -> list[Solid]:
    """A few panes on both gable walls, seen where a street or a park lies beside."""
    y, floor = np.meshgrid(np.arange(2.5, house.depth_m - 2, 3.4), np.arange(house.floors))
    y, z = y.ravel(), floor.ravel() * house.floor_m + 1.15
    panes = []
    for x in (-0.04, house.width_m - 0.04):
        low = np.stack([np.full(len(y), x), y - 0.5, z], axis=1)
        high = np.stack([np.full(len(y), x + 0.08), y + 0.5, z + house.window_m[1]], axis=1)
        panes.append(boxes(low, high, _GLASS, "glass", _lights(len(y), house.lit_fraction, rng)))
    return panes
