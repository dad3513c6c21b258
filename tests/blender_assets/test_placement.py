from itertools import combinations

import bpy  # noqa: F401  (mathutils comes with it)
import numpy as np
import pytest
from mathutils.bvhtree import BVHTree

from blender_assets.lens import Camera, FisheyeEquidistant
from blender_assets.people import BodyBasis, PeopleSettings, PersonMesh, generate_person
from blender_assets.placement import CELL_M, PlacedPerson, place_people
from blender_assets.settings import RenderSettings
from blender_assets.surroundings import OccluderBody, SeatPlace, Surroundings, edge_distance, is_inside

NUM_SCENES = 100
SETTINGS = RenderSettings(sitting_people=(1, 3), standing_people=(1, 3))
CAMERA = Camera(FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180), 400, 400, 2.8)
FLOOR = np.array([[-2.6, -2.2], [2.6, -2.2], [2.6, 2.2], [0.5, 2.2], [0.5, 1.2], [-2.6, 1.2]])
TABLE = OccluderBody("table", np.array([[-1.6, -0.4], [-0.2, -0.4], [-0.2, 0.4], [-1.6, 0.4]]), 0.70, 0.74)
CUPBOARD = OccluderBody("cupboard", np.array([[1.2, -0.8], [1.7, -0.8], [1.7, 0.8], [1.2, 0.8]]), 0.0, 1.1)
ROOM = Surroundings(camera=CAMERA, floor_xy=FLOOR, occluders=(TABLE, CUPBOARD), seats=())


@pytest.fixture(scope="module")
def crowd(body_basis: BodyBasis) -> dict[str, list[PersonMesh]]:
    rng = np.random.default_rng(3)
    return {
        pose: [generate_person(body_basis, rng, pose_kind=pose, settings=PeopleSettings()) for _ in range(8)]
        for pose in ("standing", "sitting")
    }


@pytest.fixture(scope="module")
def scenes(crowd: dict[str, list[PersonMesh]]) -> list[list[PlacedPerson]]:
    return [
        place_people(ROOM, SETTINGS, np.random.default_rng(seed), lambda rng, pose: pick(crowd, rng, pose))
        for seed in range(NUM_SCENES)
    ]


def pick(crowd: dict[str, list[PersonMesh]], rng: np.random.Generator, pose: str) -> PersonMesh:
    return crowd[pose][rng.integers(len(crowd[pose]))]


def everyone(scenes: list[list[PlacedPerson]]) -> list[PlacedPerson]:
    return [person for scene in scenes for person in scene]


def bodies_of(person: PlacedPerson) -> list[BVHTree]:
    trees = [BVHTree.FromPolygons(person.vertices.tolist(), person.mesh.quads.tolist())]
    if person.chair is not None:
        trees.append(BVHTree.FromPolygons(person.chair_vertices.tolist(), person.chair.quads.tolist()))
    return trees


def are_near(one: PlacedPerson, other: PlacedPerson) -> bool:
    low = np.maximum(one.vertices.min(axis=0), other.vertices.min(axis=0)) - 0.3
    return bool((low < np.minimum(one.vertices.max(axis=0), other.vertices.max(axis=0)) + 0.3).all())


def prism(body: OccluderBody) -> BVHTree:
    n = len(body.top_xy)
    points = [(x, y, z) for z in (body.bottom_m, body.top_m) for x, y in body.top_xy.tolist()]
    sides = [(k, (k + 1) % n, (k + 1) % n + n, k + n) for k in range(n)]
    return BVHTree.FromPolygons(points, [*sides, tuple(range(n)), tuple(range(n, 2 * n))])


def test_nearly_everyone_finds_a_place_and_both_poses_occur(scenes):
    poses = [person.mesh.pose for person in everyone(scenes)]
    assert len(poses) > 0.9 * NUM_SCENES * 4
    assert {"standing", "sitting"} == set(poses)


def test_no_two_people_or_chairs_touch(scenes):
    touching = 0
    for scene in scenes[:50]:
        pairs = [pair for pair in combinations(scene, 2) if are_near(*pair)]
        trees = {id(p): bodies_of(p) for pair in pairs for p in pair}
        for one, other in pairs:
            touching += any(a.overlap(b) for a in trees[id(one)] for b in trees[id(other)])
    assert touching == 0


def test_nobody_touches_a_table_or_a_cupboard(scenes):
    solids = [prism(TABLE), prism(CUPBOARD)]
    near = [p for p in everyone(scenes) if np.abs(p.vertices[:, 1]).min() < 1.0]
    assert not any(tree.overlap(solid) for p in near[::3] for tree in bodies_of(p) for solid in solids)


def test_standing_people_have_their_feet_on_the_floor_and_outside_every_footprint(scenes):
    for person in everyone(scenes):
        if person.mesh.pose != "standing":
            continue
        soles = person.vertices[person.vertices[:, 2] < 0.05][:, :2]
        beside = soles[~is_inside(soles, FLOOR)]
        assert len(beside) == 0 or edge_distance(beside, FLOOR).max() < CELL_M
        legs = person.vertices[person.vertices[:, 2] < 0.7][:, :2]
        assert not is_inside(legs, TABLE.top_xy).any()
        assert not is_inside(legs, CUPBOARD.top_xy).any()


def test_most_sitting_people_sit_at_the_table_and_face_it(scenes):
    sitting = [p for p in everyone(scenes) if p.mesh.pose == "sitting"]
    ahead = np.stack([p.spot.xyz[:2] + 0.6 * direction(p.spot.facing_rad) for p in sitting])
    assert is_inside(ahead, TABLE.top_xy).mean() > 0.4
    assert not is_inside(np.stack([p.spot.xyz[:2] for p in sitting]), TABLE.top_xy).any()


def direction(angle_rad: float) -> np.ndarray:
    return np.array([np.cos(angle_rad), np.sin(angle_rad)])


def test_a_person_who_faces_plus_x_has_the_toes_there(crowd):
    settings = RenderSettings(sitting_people=(1, 1), standing_people=(0, 0))
    seat = SeatPlace(np.array([0.6, -1.0]), 0.47, 0.0)
    room = Surroundings(camera=CAMERA, floor_xy=FLOOR, occluders=(), seats=(seat,))
    (person,) = place_people(room, settings, np.random.default_rng(1), lambda r, pose: pick(crowd, r, pose))
    feet = person.vertices[person.vertices[:, 2] < person.vertices[:, 2].min() + 0.1]
    assert feet[:, 0].mean() > 0.9
    assert person.chair is None
    under_pelvis = np.hypot(*(person.vertices[:, :2] - person.spot.xyz[:2]).T) < 0.12
    assert person.vertices[under_pelvis, 2].min() == pytest.approx(0.47, abs=0.02)


def test_sitting_people_without_a_seat_of_the_photo_get_a_chair_under_them(scenes):
    person = next(p for p in everyone(scenes) if p.chair is not None)
    seat = person.chair_vertices[np.hypot(*(person.chair_vertices[:, :2] - person.spot.xyz[:2]).T) < 0.3]
    assert seat[:, 2].min() >= 0
    assert seat[:, 2].max() > 0.3


def test_people_are_mostly_in_the_picture(scenes):
    for person in everyone(scenes):
        assert CAMERA.sees(CAMERA.project(person.vertices)).mean() >= 0.55


def test_the_same_seed_gives_the_same_places(crowd, scenes):
    again = place_people(ROOM, SETTINGS, np.random.default_rng(0), lambda rng, pose: pick(crowd, rng, pose))
    assert all(np.array_equal(a.vertices, b.vertices) for a, b in zip(scenes[0], again, strict=True))
