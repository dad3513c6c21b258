"""Who is in the office in a shot: people on the chairs, and people standing where there is room."""

from typing import Literal

import numpy as np

from blender_assets.people.body import BodyBasis
from blender_assets.people.person import generate_person
from blender_assets.people.poses import PoseBook
from blender_assets.people.support import NO_SUPPORT, Desk, Support
from blender_assets.placement import PlacedPerson, Spot
from blender_assets.sample_site.cameras import MountedCamera
from blender_assets.sample_site.furniture import SEAT_HEIGHT_M, TABLE_HEIGHT_M
from blender_assets.sample_site.room import DEPTH_M, WIDTH_M, Obstacle, Seat, list_obstacles, list_seats
from blender_assets.sample_site.settings import SampleSiteSettings

PERSON_RADIUS_M = 0.28
CLOSEST_M = 0.75
DESK = Desk(height_m=TABLE_HEIGHT_M, edge_m=0.22)  # every seat is drawn up to one


def is_free(xy: np.ndarray, obstacles: list[Obstacle], taken: list[np.ndarray]) -> bool:
    """Whether a standing person at xy touches no furniture, wall or other person."""
    if (xy < PERSON_RADIUS_M).any() or (xy > np.array([WIDTH_M, DEPTH_M]) - PERSON_RADIUS_M).any():
        return False
    if any(np.linalg.norm(xy - other) < CLOSEST_M for other in taken):
        return False
    gaps = [np.maximum(np.maximum(np.array(o.low) - xy, xy - np.array(o.high)), 0) for o in obstacles]
    return all(np.linalg.norm(gap) >= PERSON_RADIUS_M for gap in gaps)


def is_in_view(mounted: MountedCamera, xy: np.ndarray) -> bool:
    """Whether the point is within the camera's reach and its chest height in the image."""
    if np.linalg.norm(xy - np.array(mounted.xy)) > mounted.reach_m:
        return False
    point = mounted.to_camera_world(np.array([[*xy, 1.2]]))
    return bool(mounted.camera.sees(mounted.camera.project(point))[0])


def draw_standing_spot(
    mounted: MountedCamera, taken: list[np.ndarray], rng: np.random.Generator
) -> np.ndarray | None:
    """Office metres [2], or None when 80 tries found no room."""
    obstacles = list_obstacles()
    for _ in range(80):
        xy = rng.uniform([0.3, 0.3], [WIDTH_M - 0.3, DEPTH_M - 0.3])
        if is_in_view(mounted, xy) and is_free(xy, obstacles, taken):
            return xy
    return None


def draw_seat(mounted: MountedCamera, used: set[int], rng: np.random.Generator) -> tuple[int, Seat] | None:
    free = [
        k for k, seat in enumerate(list_seats()) if k not in used and is_in_view(mounted, np.array(seat.xy))
    ]
    if not free:
        return None
    chosen = free[int(rng.integers(len(free)))]
    return chosen, list_seats()[chosen]


def put_person(
    basis: BodyBasis,
    mounted: MountedCamera,
    rng: np.random.Generator,
    *,
    place: tuple[np.ndarray, float, Literal["sitting", "standing"]],
    settings: SampleSiteSettings,
) -> PlacedPerson:
    """A new person at (office xy, facing in degrees, pose kind), in the camera's world."""
    xy, facing_deg, kind = place
    support = Support(seat_height_m=SEAT_HEIGHT_M, desk=DESK) if kind == "sitting" else NO_SUPPORT
    poses = PoseBook(settings.poses)
    mesh = generate_person(basis, rng, pose_kind=kind, settings=settings.people, poses=poses, support=support)
    spot = Spot(mounted.to_camera_world(np.array([*xy, 0.0])), float(np.radians(facing_deg)))
    return PlacedPerson(
        mesh=mesh, spot=spot, vertices=spot.move(mesh.vertices), chair=None, chair_vertices=None
    )


def populate(
    basis: BodyBasis, mounted: MountedCamera, rng: np.random.Generator, *, settings: SampleSiteSettings
) -> list[PlacedPerson]:
    """The people of one shot, within the camera's view."""
    people: list[PlacedPerson] = []
    used: set[int] = set()
    taken: list[np.ndarray] = []
    for _ in range(int(rng.integers(settings.num_people[0], settings.num_people[1] + 1))):
        found = draw_seat(mounted, used, rng) if rng.random() < settings.sitting_fraction else None
        if found is not None:
            used.add(found[0])
            taken.append(np.array(found[1].xy))
            xy = np.array(found[1].xy) + rng.normal(0, 0.02, 2)
            place = (xy, found[1].facing_deg + float(rng.normal(0, 7)), "sitting")
        else:
            spot = draw_standing_spot(mounted, taken, rng)
            if spot is None:
                continue
            taken.append(spot)
            place = (spot, float(rng.uniform(0, 360)), "standing")
        people.append(put_person(basis, mounted, rng, place=place, settings=settings))
    return people
