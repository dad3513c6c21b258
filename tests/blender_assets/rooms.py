"""Rooms, and people for them, that several tests fill."""

from collections.abc import Callable

import numpy as np

from blender_assets.crowd import Crowd, place_people
from blender_assets.lens.camera import Camera
from blender_assets.lens.fisheye import FisheyeEquidistant
from blender_assets.people.body import BodyBasis
from blender_assets.people.person import generate_person
from blender_assets.people.pieces import PersonMesh
from blender_assets.people.support import PoseKind, Support
from blender_assets.settings import RenderSettings
from blender_assets.spread import ZonePlace, spread_over
from blender_assets.surroundings import OccluderBody, SeatPlace, Surroundings

CAMERA = Camera(FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180), 400, 400, 2.8)
FLOOR = np.array([[-2.6, -2.2], [2.6, -2.2], [2.6, 2.2], [0.5, 2.2], [0.5, 1.2], [-2.6, 1.2]])
TABLE = OccluderBody("table", np.array([[-1.6, -0.4], [-0.2, -0.4], [-0.2, 0.4], [-1.6, 0.4]]), 0.70, 0.74)
CUPBOARD = OccluderBody("cupboard", np.array([[1.2, -0.8], [1.7, -0.8], [1.7, 0.8], [1.2, 0.8]]), 0.0, 1.1)


def room(
    *,
    floor: np.ndarray = FLOOR,
    occluders: tuple[OccluderBody, ...] = (TABLE, CUPBOARD),
    seats: tuple[SeatPlace, ...] = (),
    zones: tuple[ZonePlace, ...] = (),
    density: np.ndarray | None = None,
) -> Surroundings:
    return Surroundings(
        CAMERA, floor, occluders, seats, spread_over(floor, CAMERA, zones=zones, density=density)
    )


def maker(
    basis: BodyBasis, settings: RenderSettings
) -> Callable[[np.random.Generator, PoseKind, Support], PersonMesh]:
    return lambda rng, kind, support: generate_person(
        basis, rng, pose_kind=kind, settings=settings.people, support=support
    )


def fill(basis: BodyBasis, place: Surroundings, settings: RenderSettings, seed: int) -> Crowd:
    return place_people(place, settings, np.random.default_rng(seed), maker(basis, settings))
