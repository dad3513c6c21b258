"""Where things are in a street: its bends, lanes, pavements, plots and the street that crosses it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from blender_assets.sample_street.course import Course
from blender_assets.sample_street.settings import StreetSettings

BEGIN_M, END_M = -16.0, 250.0  # what is built of a street; the car starts at 0
KERB_M = 0.13
PlotKind = Literal["house", "walled", "fenced", "park"]
Character = Literal["centre", "suburb", "edge"]
_PLOT_SHARES: dict[Character, tuple[float, float, float, float]] = {
    "centre": (0.7, 0.12, 0.07, 0.11),
    "suburb": (0.5, 0.17, 0.2, 0.13),
    "edge": (0.24, 0.22, 0.24, 0.3),
}


@dataclass(frozen=True)
class Roadside:
    """Distances from the middle of the road to one side's lines, metres."""

    sign: int  # 1 right, -1 left
    kerb_m: float
    verge_m: float  # where a strip of grass ends; kerb_m where there is none
    front_m: float  # where the plots begin

    @property
    def has_verge(self) -> bool:
        return self.verge_m > self.kerb_m


@dataclass(frozen=True)
class Plot:
    kind: PlotKind
    side: Roadside
    begin_m: float
    end_m: float


@dataclass(frozen=True)
class Junction:
    """A street that crosses; half_m is half the width of its road."""

    middle_m: float
    half_m: float
    has_lights: bool

    def is_clear(self, y: float, margin_m: float = 0.0) -> bool:
        return abs(y - self.middle_m) > self.half_m + margin_m


@dataclass(frozen=True)
class StreetPlan:
    course: Course
    character: Character
    lane_m: float
    parking_m: float  # width of the parking strips, 0 for none
    right: Roadside
    left: Roadside
    junction: Junction
    crossings_m: tuple[float, ...]  # zebra crossings
    plots: tuple[Plot, ...]
    is_wet: bool

    @property
    def sides(self) -> tuple[Roadside, Roadside]:
        return self.right, self.left


def draw_plan(
    rng: np.random.Generator, settings: StreetSettings, *, place: float, wetness: float
) -> StreetPlan:
    """A street of its own. `place` (0 the town's middle .. 1 its edge) and `wetness` are spread over the sequences."""
    character: Character = "centre" if place < 0.45 else ("suburb" if place < 0.78 else "edge")
    lane_m = float(rng.uniform(3.0, 3.6))
    parking_m = 2.2 if rng.random() < 0.75 else 0.0
    right, left = (_draw_side(sign, lane_m + parking_m, character, rng) for sign in (1, -1))
    junction = Junction(float(rng.uniform(38, 110)), float(rng.uniform(3.5, 5.0)), bool(rng.random() < 0.75))
    crossings = [junction.middle_m - junction.half_m - 3.2, junction.middle_m + junction.half_m + 3.2]
    if rng.random() < 0.5:
        crossings.append(float(rng.uniform(12, 26)))
    course = Course(
        swing_rad=float(rng.choice([-1, 1]) * rng.uniform(0.03, 0.32)),
        wave_m=float(rng.uniform(220, 420)),
        phase_rad=float(rng.uniform(-1.2, 1.2)),
    )
    plots = tuple(plot for side in (right, left) for plot in _draw_plots(side, junction, character, rng))
    is_wet = wetness < settings.wet_fraction
    return StreetPlan(
        course, character, lane_m, parking_m, right, left, junction, tuple(crossings), plots, is_wet
    )


def _draw_side(sign: int, kerb_m: float, character: Character, rng: np.random.Generator) -> Roadside:
    has_verge = rng.random() < (0.15 if character == "centre" else 0.55)
    verge_m = kerb_m + (float(rng.uniform(1.2, 2.6)) if has_verge else 0.0)
    return Roadside(sign, kerb_m, verge_m, verge_m + float(rng.uniform(2.0, 4.5)))


def _draw_plots(
    side: Roadside, junction: Junction, character: Character, rng: np.random.Generator
) -> list[Plot]:
    """From the street's beginning to its end, with the crossing street between two of them."""
    gap = (junction.middle_m - junction.half_m - 3.0, junction.middle_m + junction.half_m + 3.0)
    plots: list[Plot] = []
    for begin, end in ((BEGIN_M, gap[0]), (gap[1], END_M)):
        while end - begin > 5:
            width_m = min(float(rng.uniform(9, 20)), end - begin)
            kind: PlotKind = ("house", "walled", "fenced", "park")[
                int(rng.choice(4, p=_PLOT_SHARES[character]))
            ]
            plots.append(Plot(kind, side, begin, begin + width_m))
            begin += width_m
    return plots
