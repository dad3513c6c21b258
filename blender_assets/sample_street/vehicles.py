"""Cars, vans, trucks and buses: skins over sections, in their own space.

Vehicle space: y ahead with the rear bumper at -length/2, x to the right, wheels on z = 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from blender_assets.sample_street.classes import StreetClass
from blender_assets.sample_street.solids import Solid, boxes, loft, tube

CarShape = Literal["hatchback", "saloon", "estate", "suv", "van"]
CAR_SHAPES: tuple[CarShape, ...] = ("hatchback", "saloon", "estate", "suv", "van")
_GLASS, _BLACK, _DARK = (0.02, 0.025, 0.03), (0.012, 0.012, 0.013), (0.04, 0.04, 0.045)
_PAINTS = np.array(
    [
        [0.6, 0.6, 0.6], [0.3, 0.31, 0.32], [0.09, 0.095, 0.1], [0.015, 0.015, 0.017], [0.35, 0.02, 0.02],
        [0.02, 0.06, 0.25], [0.7, 0.7, 0.68], [0.06, 0.14, 0.08], [0.25, 0.18, 0.1], [0.05, 0.2, 0.35],
    ]
)  # fmt: skip
HEADLIGHT_GLOW, TAIL_GLOW = (1.0, 0.93, 0.8), (0.16, 0.004, 0.002)


@dataclass(frozen=True)
class Vehicle:
    kind: StreetClass
    solids: tuple[Solid, ...]
    length_m: float
    width_m: float
    headlights: np.ndarray  # [2, 3]


@dataclass(frozen=True)
class CarForm:
    """Profile along y as shares of the length from the rear (0) to the front (1), heights in metres."""

    length_m: float
    width_m: float
    belt_m: float  # below the windows
    roof_m: float
    cabin: tuple[
        float, float, float, float
    ]  # foot and top of the rear window, top and foot of the windscreen
    bonnet_m: float
    boot_m: float


_FORMS: dict[CarShape, CarForm] = {
    "hatchback": CarForm(4.1, 1.76, 0.92, 1.46, (0.02, 0.12, 0.56, 0.76), 0.8, 0.9),
    "saloon": CarForm(4.7, 1.82, 0.92, 1.44, (0.16, 0.3, 0.58, 0.75), 0.8, 0.92),
    "estate": CarForm(4.7, 1.82, 0.93, 1.48, (0.02, 0.08, 0.6, 0.76), 0.82, 0.92),
    "suv": CarForm(4.5, 1.86, 1.06, 1.68, (0.02, 0.09, 0.58, 0.74), 0.98, 1.05),
    "van": CarForm(5.2, 1.98, 1.15, 2.05, (0.0, 0.02, 0.74, 0.88), 1.05, 1.15),
}


def draw_car(rng: np.random.Generator) -> Vehicle:
    """One of five shapes, of a size and a colour of its own."""
    form = _FORMS[CAR_SHAPES[int(rng.choice(5, p=[0.32, 0.22, 0.18, 0.18, 0.1]))]]
    paint = _PAINTS[rng.integers(len(_PAINTS))] * rng.uniform(0.8, 1.2)
    scale = np.array([rng.uniform(0.97, 1.03), rng.uniform(0.95, 1.06), rng.uniform(0.97, 1.03)])
    solids = [each.moved(lambda points: points * scale) for each in build_car(form, paint)]
    half, front = form.width_m / 2 * scale[0], form.length_m / 2 * scale[1]
    lights = np.array([[sign * (half - 0.25), front, 0.66 * scale[2]] for sign in (-1, 1)])
    return Vehicle(StreetClass.CAR, tuple(solids), form.length_m * scale[1], form.width_m * scale[0], lights)


def build_car(form: CarForm, paint: np.ndarray) -> list[Solid]:
    return [
        *_car_body(form, paint),
        *_car_cabin(form, paint),
        *_wheels(form.width_m, (-0.31 * form.length_m, 0.31 * form.length_m), 0.33),
        *_car_trim(form, paint),
    ]


def _section(half: float, low: float, high: float, round_m: float) -> np.ndarray:
    """A box from the side edges inward at the top: 8 points [8, 2], symmetric."""
    inner = half - round_m
    return np.array(
        [
            [-half * 0.92, low], [half * 0.92, low], [half, low + 0.2], [half, high - round_m],
            [inner, high], [-inner, high], [-half, high - round_m], [-half, low + 0.2],
        ]
    )  # fmt: skip


def _car_body(form: CarForm, paint: np.ndarray) -> list[Solid]:
    """From bumper to bumper below the windows."""
    half, foot, length = form.width_m / 2, 0.2, form.length_m
    rear, windscreen = form.cabin[0], form.cabin[3]
    stations = [
        (0.0, half * 0.86, form.boot_m - 0.12), (0.025, half * 0.95, form.boot_m), (max(rear, 0.06), half, form.belt_m),
        (0.5, half, form.belt_m), (windscreen, half, form.belt_m), (0.93, half * 0.95, form.bonnet_m),
        (0.985, half * 0.86, form.bonnet_m - 0.1), (1.0, half * 0.8, form.bonnet_m - 0.22),
    ]  # fmt: skip
    sections = [_section(wide, foot, high, 0.07) for _, wide, high in stations]
    y = [(share - 0.5) * length for share, _, _ in stations]
    sill = boxes((-half * 0.9, -length * 0.42, 0.14), (half * 0.9, length * 0.44, 0.3), _DARK, "rubber")
    return [loft(sections, y, paint, "paint"), sill]


def _car_cabin(form: CarForm, paint: np.ndarray) -> list[Solid]:
    """Glass all round under a painted roof, with painted posts."""
    half, belt, roof = form.width_m / 2, form.belt_m - 0.02, form.roof_m
    y = np.array([(share - 0.5) * form.length_m for share in form.cabin])
    foot, top = half * 0.95, half * 0.76

    def ring_at(share: float) -> list[list[float]]:
        x = foot + (top - foot) * share
        rear, front = y[0] + (y[1] - y[0]) * share, y[3] + (y[2] - y[3]) * share
        return [[-x, rear], [x, rear], [x, front], [-x, front]]

    heights = [belt, roof - 0.07, roof - 0.06, roof]
    shares = [0.0, 0.88, 0.9, 1.0]
    upright = lambda points: points[:, [0, 2, 1]]  # noqa: E731  (lofts run along y; this one runs up)
    glass = loft([ring_at(s) for s in shares[:2]], heights[:2], _GLASS, "glass").moved(upright)
    roof_skin = loft([ring_at(s) for s in shares[2:]], heights[2:], paint, "paint").moved(upright)
    posts = [
        tube((sign * foot, y[a], belt), (sign * top, y[b], roof - 0.03), 0.045, paint, "paint")
        for sign in (-1, 1)
        for a, b in ((0, 1), (3, 2))
    ]
    middle = (y[1] + y[2]) / 2 - 0.1
    posts += [
        tube((s * foot, middle, belt), (s * top, middle, roof - 0.05), 0.04, _BLACK, "paint") for s in (-1, 1)
    ]
    return [glass, roof_skin, *posts]


def _wheels(width_m: float, axles_y: Sequence[float], radius_m: float) -> list[Solid]:
    """Tyres and rims that stand out a little from the body."""
    solids = []
    for y in axles_y:
        for sign in (-1, 1):
            x = sign * (width_m / 2 - 0.09)
            hub = np.array([x, y, radius_m])
            solids.append(
                tube(hub - np.array([0.11, 0, 0]), hub + np.array([0.11, 0, 0]), radius_m, _BLACK, "rubber")
            )
            outer = hub + np.array([sign * 0.115, 0, 0])
            solids.append(
                tube(
                    outer - np.array([0.01, 0, 0]),
                    outer + np.array([0.01, 0, 0]),
                    radius_m * 0.62,
                    (0.35, 0.35, 0.36),
                    "metal",
                )
            )
    return solids


def _lights(half_m: float, front_y: float, rear_y: float, z: float, rear_z: float) -> list[Solid]:
    solids = []
    for sign in (-1, 1):
        x = sorted((sign * (half_m - 0.1), sign * (half_m - 0.42)))
        solids.append(
            boxes(
                (x[0], front_y - 0.12, z - 0.07),
                (x[1], front_y, z + 0.07),
                (0.5, 0.5, 0.5),
                "headlight",
                HEADLIGHT_GLOW,
            )
        )
        rear_x = sorted((sign * (half_m - 0.06), sign * (half_m - 0.32)))
        solids.append(
            boxes(
                (rear_x[0], rear_y - 0.02, rear_z - 0.1),
                (rear_x[1], rear_y + 0.12, rear_z + 0.1),
                (0.3, 0.01, 0.01),
                "headlight",
                TAIL_GLOW,
            )
        )
    return solids


def _car_trim(form: CarForm, paint: np.ndarray) -> list[Solid]:
    """Lights, number plates, grille, bumper strips and mirrors."""
    half, front, rear = form.width_m / 2, form.length_m / 2, -form.length_m / 2
    plate = (0.6, 0.6, 0.56)
    mirrors = []
    for sign in (-1, 1):
        x = sorted((sign * half, sign * (half + 0.2)))
        low, high = (
            (x[0], 0.2 * form.length_m, form.belt_m),
            (x[1], 0.2 * form.length_m + 0.1, form.belt_m + 0.13),
        )
        mirrors.append(boxes(low, high, paint, "paint"))
    return [
        *_lights(half * 0.94, front - 0.03, rear + 0.02, form.bonnet_m - 0.17, form.boot_m - 0.16),
        boxes((-0.26, rear - 0.03, 0.5), (0.26, rear + 0.02, 0.61), plate, "paint"),
        boxes((-0.26, front - 0.02, 0.4), (0.26, front + 0.025, 0.51), plate, "paint"),
        boxes(
            (-half * 0.5, front - 0.1, 0.5), (half * 0.5, front + 0.01, form.bonnet_m - 0.24), _BLACK, "paint"
        ),
        boxes((-half * 0.82, rear - 0.02, 0.26), (half * 0.82, rear + 0.1, 0.46), _DARK, "rubber"),
        boxes((-half * 0.78, front - 0.12, 0.22), (half * 0.78, front + 0.012, 0.36), _DARK, "rubber"),
        *mirrors,
    ]


def draw_truck(rng: np.random.Generator) -> Vehicle:
    """A cab and a box behind it."""
    length, width, high = float(rng.uniform(6.2, 9.0)), 2.4, float(rng.uniform(3.0, 3.6))
    cab, cargo = _PAINTS[rng.integers(len(_PAINTS))], _PAINTS[rng.integers(len(_PAINTS))] * 0.9 + 0.05
    front, rear, half = length / 2, -length / 2, width / 2
    cab_sections = [
        _section(half * 0.97, 0.45, 2.6, 0.12),
        _section(half * 0.97, 0.45, 2.7, 0.12),
        _section(half * 0.94, 0.45, 2.45, 0.15),
        _section(half * 0.92, 0.45, 1.5, 0.1),
    ]
    stripe = np.clip(1 - cargo, 0.05, 0.6)
    solids = [
        loft(cab_sections, [front - 1.9, front - 1.4, front - 0.3, front], cab, "paint"),
        boxes((-half * 0.84, front - 0.2, 1.5), (half * 0.84, front - 0.06, 2.25), _GLASS, "glass"),
        boxes((-half * 0.985, front - 1.3, 1.5), (half * 0.985, front - 0.5, 2.2), _GLASS, "glass"),
        boxes((-half, rear, 0.95), (half, front - 2.05, high), cargo, "paint"),
        boxes((-half - 0.01, rear + 0.8, 1.7), (half + 0.01, front - 3.0, 2.3), stripe, "paint"),
        boxes((-half * 0.6, rear + 0.1, 0.5), (half * 0.6, front - 1.5, 0.95), _DARK, "metal"),
        boxes((-0.02, rear - 0.02, 1.0), (0.02, rear, high - 0.05), _DARK, "metal"),
        boxes((-half * 0.9, rear - 0.03, 0.45), (half * 0.9, rear + 0.08, 0.6), (0.4, 0.05, 0.04), "paint"),
        *_wheels(width, (rear + 1.4, front - 1.1), 0.48),
        *_lights(half, front + 0.02, rear, 0.75, 0.8),
    ]
    return Vehicle(
        StreetClass.TRUCK, tuple(solids), length, width, np.array([[-0.95, front, 0.75], [0.95, front, 0.75]])
    )


def draw_bus(rng: np.random.Generator) -> Vehicle:
    """A city bus with glass all along."""
    length, width, high = float(rng.uniform(10.5, 12.0)), 2.5, 3.05
    paint = np.array(
        [[0.5, 0.03, 0.03], [0.55, 0.42, 0.03], [0.03, 0.12, 0.4], [0.03, 0.25, 0.12], [0.6, 0.6, 0.58]]
    )[rng.integers(5)]
    front, rear, half = length / 2, -length / 2, width / 2
    sections = [
        _section(half * 0.95, 0.3, 2.9, 0.15),
        _section(half, 0.3, high, 0.15),
        _section(half, 0.3, high, 0.15),
        _section(half * 0.96, 0.3, 2.85, 0.18),
    ]
    panes = np.linspace(rear + 0.5, front - 0.4, 8)
    zeros = np.zeros(7)
    glow = (0.14, 0.13, 0.11)
    solids = [
        loft(sections, [rear, rear + 0.3, front - 0.3, front], paint, "paint"),
        boxes(
            np.stack([zeros - half - 0.015, panes[:-1] + 0.06, zeros + 1.25], axis=1),
            np.stack([zeros + half + 0.015, panes[1:] - 0.06, zeros + 2.45], axis=1),
            _GLASS, "glass", glow,
        ),
        boxes((-half * 0.9, front - 0.1, 1.05), (half * 0.9, front + 0.02, 2.45), _GLASS, "glass", np.array(glow) * 0.4),
        boxes((-half * 0.8, rear - 0.02, 1.5), (half * 0.8, rear + 0.1, 2.4), _GLASS, "glass", np.array(glow) * 0.7),
        boxes((-half * 0.7, front - 0.1, 2.52), (half * 0.7, front + 0.025, 2.8), _BLACK, "signal", (0.9, 0.45, 0.05)),
        *_wheels(width, (rear + 3.0, front - 2.6), 0.48),
        *_lights(half, front + 0.03, rear, 0.7, 0.9),
    ]  # fmt: skip
    return Vehicle(
        StreetClass.BUS, tuple(solids), length, width, np.array([[-1.0, front, 0.7], [1.0, front, 0.7]])
    )
