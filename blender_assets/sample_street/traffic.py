"""Parked and driving vehicles of a street, and bicycles and motorcycles left at its side."""

from dataclasses import dataclass, replace

import numpy as np

from blender_assets.sample_street.classes import StreetClass
from blender_assets.sample_street.plan import KERB_M, Roadside, StreetPlan
from blender_assets.sample_street.settings import StreetSettings
from blender_assets.sample_street.things import Thing, Track
from blender_assets.sample_street.two_wheelers import build_bicycle, build_motorcycle
from blender_assets.sample_street.vehicles import Vehicle, draw_bus, draw_car, draw_truck

PARKED_REACH_M, ONCOMING_REACH_M = 130.0, 150.0


@dataclass(frozen=True)
class Drive:
    """How the car with the camera drives; it stays in the middle of the right lane."""

    x: float
    speed_m_s: float
    seconds: tuple[float, ...]  # of each frame

    def track(self) -> Track:
        return Track(x=self.x, y=0.0, y_m_s=self.speed_m_s)

    @property
    def length_m(self) -> float:
        return self.speed_m_s * self.seconds[-1]


def draw_drive(plan: StreetPlan, rng: np.random.Generator, settings: StreetSettings) -> Drive:
    times = tuple(settings.frame_interval_s * k for k in range(settings.frames_per_sequence))
    return Drive(plan.lane_m / 2, float(rng.uniform(*settings.speed_m_s)), times)


def draw_traffic(
    plan: StreetPlan,
    drive: Drive,
    rng: np.random.Generator,
    settings: StreetSettings,
    *,
    waits_at_m: float | None,
) -> list[Thing]:
    """All vehicles; while people cross at `waits_at_m`, nobody drives ahead and oncoming traffic waits."""
    density = settings.traffic_density
    things = [thing for side in plan.sides for thing in _park(plan, side, density, rng)]
    things += [thing for side in plan.sides for thing in _lean_two_wheelers(plan, side, density, rng)]
    things += _oncoming(plan, density, rng, waits_at_m=waits_at_m)
    if waits_at_m is None and rng.random() < 0.65 * density:
        things.append(_lead(plan, drive, rng))
    return things


def _draw_vehicle(rng: np.random.Generator, large_share: float) -> Vehicle:
    draw = rng.random()
    if draw < large_share / 2:
        return draw_truck(rng)
    return draw_bus(rng) if draw < large_share else draw_car(rng)


def _left_alone(vehicle: Vehicle, track: Track) -> Thing:
    """A parked vehicle: all its lights are out."""
    return Thing(vehicle.kind, tuple(replace(each, glow=0 * each.glow) for each in vehicle.solids), track)


def _park(plan: StreetPlan, side: Roadside, density: float, rng: np.random.Generator) -> list[Thing]:
    """Along the kerb in the parking strip, mostly facing with the traffic of their side."""
    if not plan.parking_m:
        return []
    things: list[Thing] = []
    share = min(float(rng.uniform(0.35, 0.85)) * density, 1.0)
    begin = float(rng.uniform(2, 7))
    while begin < PARKED_REACH_M:
        is_taken = rng.random() < share
        vehicle = _draw_vehicle(rng, 0.05) if rng.random() > 0.07 else None
        room_m = max(vehicle.length_m if vehicle else 2.0, 4.0) + 1.2
        y = begin + room_m / 2
        is_allowed = plan.junction.is_clear(y, room_m / 2 + 7) and all(
            abs(y - c) > room_m / 2 + 3 for c in plan.crossings_m
        )
        if is_taken and is_allowed:
            turn = (0.0 if side.sign > 0 else 180.0) + (180.0 if rng.random() < 0.12 else 0.0)
            if vehicle is None:
                x = side.sign * (side.kerb_m - 0.9)
                track = Track(x, y, turn_deg=turn + float(rng.normal(50 * side.sign, 8)))
                things.append(Thing(StreetClass.MOTORCYCLE, tuple(build_motorcycle(rng)), track))
            else:
                x = side.sign * (side.kerb_m - 0.2 - vehicle.width_m / 2 + float(rng.normal(0, 0.05)))
                things.append(_left_alone(vehicle, Track(x, y, turn_deg=turn + float(rng.normal(0, 0.8)))))
        begin += room_m
    return things


def _lean_two_wheelers(
    plan: StreetPlan, side: Roadside, density: float, rng: np.random.Generator
) -> list[Thing]:
    """Small groups of bicycles at the plots' edge or at the kerb."""
    things: list[Thing] = []
    for _ in range(int(rng.poisson(1.6 * density))):
        y = float(rng.uniform(8, 70))
        is_at_kerb = rng.random() < 0.5
        x = side.verge_m + 0.6 if is_at_kerb else side.front_m - 0.5
        turn = float(rng.choice([0.0, 180.0, 75.0]))
        for k in range(int(rng.integers(1, 5))):
            place = y + k * (0.7 if turn == 75.0 else 1.9)
            if plan.junction.is_clear(place, 4.0):
                track = Track(side.sign * x, place, turn_deg=turn + float(rng.normal(0, 4)), z=KERB_M)
                things.append(Thing(StreetClass.BICYCLE, tuple(build_bicycle(rng)), track))
    return things


def _oncoming(
    plan: StreetPlan, density: float, rng: np.random.Generator, *, waits_at_m: float | None
) -> list[Thing]:
    """In the left lane, one behind the other at one speed; or waiting before a crossing."""
    speed = 0.0 if waits_at_m is not None else float(rng.uniform(6, 11))
    y = waits_at_m + 4.5 if waits_at_m is not None else float(rng.uniform(14, 38))
    things: list[Thing] = []
    for _ in range(int(rng.poisson(3.2 * density))):
        vehicle = _draw_vehicle(rng, 0.34)
        y += vehicle.length_m / 2
        if y > ONCOMING_REACH_M:
            break
        track = Track(-plan.lane_m / 2 + float(rng.normal(0, 0.12)), y, y_m_s=-speed, turn_deg=180.0)
        things.append(Thing(vehicle.kind, vehicle.solids, track, vehicle.headlights))
        y += vehicle.length_m / 2 + (
            1.5 + float(rng.exponential(1.0)) if not speed else 7 + float(rng.exponential(16))
        )
    return things


def _lead(plan: StreetPlan, drive: Drive, rng: np.random.Generator) -> Thing:
    """The vehicle ahead, at about the speed of the car with the camera."""
    vehicle = _draw_vehicle(rng, 0.36)
    speed = drive.speed_m_s * float(rng.uniform(0.95, 1.1))
    y = float(rng.uniform(11, 30)) + vehicle.length_m / 2
    return Thing(vehicle.kind, vehicle.solids, Track(plan.lane_m / 2, y, y_m_s=speed), vehicle.headlights)
