"""One street with all that is in it, drawn from a seed and the number of its sequence."""

from dataclasses import dataclass

import numpy as np

from blender_assets.lens.camera import Camera
from blender_assets.lens.pinhole import Perspective
from blender_assets.people.body import BodyBasis
from blender_assets.sample_street.lighting import Weather, draw_weather
from blender_assets.sample_street.passers_by import draw_people, draw_riders
from blender_assets.sample_street.plan import StreetPlan, draw_plan
from blender_assets.sample_street.scenery import Scenery, build_scenery
from blender_assets.sample_street.settings import StreetSettings
from blender_assets.sample_street.things import Thing
from blender_assets.sample_street.traffic import Drive, draw_drive, draw_traffic

# Streams of random numbers of a street; another thing drawn in one leaves the others as they are.
_PLAN, _SCENERY, _TRAFFIC, _PEOPLE, _CAMERA = range(5)
_SAFE_M = 9.0  # the car stays so far from people who cross
_CROSSING_SHARE = 0.35


@dataclass(frozen=True)
class Street:
    plan: StreetPlan
    weather: Weather
    drive: Drive
    camera: Camera  # above the world's origin, looking along +y
    scenery: Scenery
    things: tuple[Thing, ...]


def street_rng(seed: int, sequence: int, stream: int) -> np.random.Generator:
    return np.random.default_rng([seed, sequence, stream])


def spread_over(seed: int, sequence: int) -> tuple[float, float]:
    """Two numbers of 0..1 whose values over neighbouring sequences fill the square evenly, so that a dozen streets
    are as various as they can be: the R2 sequence (Roberts, 2018), shifted by the seed."""
    shift = np.random.default_rng(seed).random(2)
    first, second = (shift + np.array([0.7548776662, 0.5698402910]) * (sequence + 1)) % 1
    return float(first), float(second)


def draw_street(seed: int, sequence: int, settings: StreetSettings, basis: BodyBasis) -> Street:
    """The same street for the same seed, sequence and settings, whichever frames or times are taken of it."""
    streams = [street_rng(seed, sequence, stream) for stream in range(5)]
    place, wetness = spread_over(seed, sequence)
    plan = draw_plan(streams[_PLAN], settings, place=place, wetness=wetness)
    weather = draw_weather(streams[_PLAN])
    drive = draw_drive(plan, streams[_CAMERA], settings)
    crossing_m = _draw_crossing(plan, drive, streams[_TRAFFIC], settings)
    scenery = build_scenery(plan, streams[_SCENERY], signal="green" if crossing_m is None else "red")
    traffic = draw_traffic(plan, drive, streams[_TRAFFIC], settings, waits_at_m=crossing_m)
    riders = draw_riders(basis, plan, streams[_PEOPLE], settings) if crossing_m is None else []
    people = draw_people(basis, plan, streams[_PEOPLE], settings, crossing_m=crossing_m)
    camera = _draw_camera(streams[_CAMERA], settings)
    return Street(plan, weather, drive, camera, scenery, (*traffic, *riders, *people))


def _draw_crossing(
    plan: StreetPlan, drive: Drive, rng: np.random.Generator, settings: StreetSettings
) -> float | None:
    """The nearest zebra that people may cross while the car drives up to it; None for none."""
    is_used = rng.random() < _CROSSING_SHARE and settings.pedestrian_density > 0
    far_enough = [y for y in plan.crossings_m if y > drive.length_m + _SAFE_M]
    return min(far_enough) if is_used and far_enough else None


def _draw_camera(rng: np.random.Generator, settings: StreetSettings) -> Camera:
    lens = Perspective(model="perspective", hfov_deg=round(float(rng.uniform(*settings.hfov_deg)), 2))
    return Camera(
        lens,
        settings.width_px,
        settings.height_px,
        height_m=float(rng.uniform(*settings.camera_height_m)),
        tilt_deg=float(rng.uniform(*settings.camera_tilt_deg)),
    )
