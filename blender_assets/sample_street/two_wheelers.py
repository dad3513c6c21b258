"""Bicycles and motorcycles in vehicle space: y ahead, wheels on z = 0, the saddle above the origin."""

from dataclasses import dataclass

import numpy as np

from blender_assets.sample_street.solids import Solid, boxes, loft, ring, tube

_BLACK, _STEEL = (0.015, 0.015, 0.015), (0.4, 0.4, 0.42)
_COLORS = np.array(
    [
        [0.02, 0.02, 0.02],
        [0.4, 0.03, 0.03],
        [0.03, 0.1, 0.35],
        [0.55, 0.55, 0.55],
        [0.05, 0.25, 0.12],
        [0.5, 0.3, 0.02],
    ]
)


@dataclass(frozen=True)
class Grips:
    """Where a rider touches: metres above the ground and ahead of the saddle."""

    saddle_m: float
    hands_m: tuple[float, float]  # ahead, above
    pedals_m: float  # height of the crank's middle


PARKED = Grips(saddle_m=0.95, hands_m=(0.55, 1.05), pedals_m=0.28)


def build_bicycle(rng: np.random.Generator, grips: Grips = PARKED) -> list[Solid]:
    """A diamond frame between two wheels, with the saddle and the bar where the rider wants them."""
    color = _COLORS[rng.integers(len(_COLORS))]
    radius = 0.34
    saddle, crank = np.array([0, 0, grips.saddle_m]), np.array([0, 0.15, grips.pedals_m])
    bar = np.array([0, *grips.hands_m])
    rear, front = np.array([0, -0.42, radius]), np.array([0, max(bar[1] + 0.12, 0.6), radius])
    head = bar + (front - bar) * 0.25
    seat = saddle + (crank - saddle) * 0.2

    def bars(*pairs: tuple[np.ndarray, np.ndarray], r: float) -> list[Solid]:
        return [tube(a, b, r, color, "paint") for a, b in pairs]

    frame = bars(
        (seat, head), (crank, head), (seat, crank), (seat, rear), (crank, rear), (head, front), r=0.022
    )
    wheels = [part for hub in (rear, front) for part in _spoked_wheel(hub, radius)]
    return [
        *frame,
        *wheels,
        tube(seat, saddle, 0.016, _STEEL, "metal"),
        tube(head, bar, 0.018, _STEEL, "metal"),
        tube(bar - np.array([0.29, 0.04, 0]), bar + np.array([0.29, -0.04, 0]), 0.018, _BLACK, "rubber"),
        boxes(
            saddle + np.array([-0.08, -0.16, -0.05]), saddle + np.array([0.08, 0.12, 0.01]), _BLACK, "rubber"
        ),
        tube(crank - np.array([0.14, 0, 0.12]), crank + np.array([0.14, 0, 0.12]), 0.03, _BLACK, "metal"),
        boxes(
            rear + np.array([-0.05, -0.1, radius]),
            rear + np.array([0.05, 0.3, radius + 0.03]),
            _BLACK,
            "metal",
        ),
    ]


def _spoked_wheel(hub: np.ndarray, radius: float) -> list[Solid]:
    tyre = ring(hub, radius, 0.022, _BLACK, "rubber", sides=20)
    angles = np.linspace(0, np.pi, 4, endpoint=False)
    reach = np.stack([np.zeros(4), np.cos(angles), np.sin(angles)], axis=1) * (radius - 0.03)
    return [tyre, *(tube(hub - end, hub + end, 0.006, _STEEL, "metal") for end in reach)]


def build_motorcycle(rng: np.random.Generator) -> list[Solid]:
    """A tank, an engine and a seat between thick wheels."""
    color = _COLORS[rng.integers(len(_COLORS))] * 1.1
    radius = 0.31
    rear, front = np.array([0, -0.55, radius]), np.array([0, 0.85, radius])

    def body(stations: list[tuple[float, float, float, float]], surface_color: np.ndarray | tuple) -> Solid:
        """(y, half width, low, high) from rear to front."""
        sections = [[[-h, lo], [h, lo], [h * 0.8, hi], [-h * 0.8, hi]] for _, h, lo, hi in stations]
        return loft(sections, [y for y, *_ in stations], surface_color, "paint")

    return [
        ring(rear, radius, 0.07, _BLACK, "rubber"),
        ring(front, radius, 0.06, _BLACK, "rubber"),
        *(
            tube(hub - np.array([0.03, 0, 0]), hub + np.array([0.03, 0, 0]), radius * 0.75, _STEEL, "metal")
            for hub in (rear, front)
        ),
        body([(-0.1, 0.14, 0.72, 0.86), (0.1, 0.17, 0.7, 0.98), (0.42, 0.15, 0.74, 0.96)], color),
        body([(-0.85, 0.1, 0.78, 0.84), (-0.5, 0.14, 0.7, 0.86), (0.0, 0.13, 0.66, 0.8)], _BLACK),
        body([(-0.3, 0.18, 0.25, 0.62), (0.3, 0.2, 0.22, 0.68)], (0.1, 0.1, 0.1)),
        *(
            tube((s * 0.09, 0.52, 0.98), front + np.array([s * 0.09, 0, 0]), 0.03, _STEEL, "metal")
            for s in (-1, 1)
        ),
        tube((-0.36, 0.42, 1.04), (0.36, 0.42, 1.04), 0.02, _BLACK, "rubber"),
        boxes((-0.1, 0.56, 0.78), (0.1, 0.68, 0.96), (0.5, 0.5, 0.5), "metal"),
        tube((0.17, -0.75, 0.36), (0.17, 0.1, 0.3), 0.05, _STEEL, "metal"),
        boxes((-0.09, -0.9, 0.7), (0.09, -0.84, 0.8), (0.3, 0.01, 0.01), "paint"),
    ]
