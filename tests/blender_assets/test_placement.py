"""Nobody floats, sinks, or runs through anything: measured on the meshes of whole scenes."""

from dataclasses import replace
from itertools import combinations

import bpy  # noqa: F401  (mathutils comes with it)
import numpy as np
import pytest
from mathutils.bvhtree import BVHTree

from blender_assets.crowd import Crowd
from blender_assets.furniture import seat_height
from blender_assets.people.body import BodyBasis
from blender_assets.placement import PlacedPerson
from blender_assets.polygons import is_inside
from blender_assets.settings import RenderSettings
from blender_assets.surroundings import OccluderBody
from tests.blender_assets.rooms import CAMERA, CUPBOARD, FLOOR, TABLE, fill, room

SETTINGS = RenderSettings(sitting_people=(0, 3), standing_people=(1, 3), lying_people=(0, 1))
NUM_FAST, NUM_ALL = 15, 500


@pytest.fixture(scope="module", params=[NUM_FAST, pytest.param(NUM_ALL, marks=pytest.mark.slow)])
def crowds(body_basis: BodyBasis, request: pytest.FixtureRequest) -> list[Crowd]:
    return [fill(body_basis, room(), SETTINGS, seed) for seed in range(request.param)]


def everyone(crowds: list[Crowd], kind: str | None = None) -> list[PlacedPerson]:
    return [p for crowd in crowds for p in crowd.people if kind in (None, p.mesh.pose)]


def body_of(person: PlacedPerson) -> BVHTree:
    return BVHTree.FromPolygons(person.vertices.tolist(), person.mesh.quads.tolist())


def chair_of(person: PlacedPerson) -> BVHTree:
    assert person.chair is not None and person.chair_vertices is not None
    return BVHTree.FromPolygons(person.chair_vertices.tolist(), person.chair.quads.tolist())


def trees_of(person: PlacedPerson) -> list[BVHTree]:
    return [body_of(person)] + ([chair_of(person)] if person.chair is not None else [])


def reach_of(person: PlacedPerson) -> np.ndarray:
    points = [person.vertices] + ([person.chair_vertices] if person.chair_vertices is not None else [])
    return np.concatenate(points)


def are_near(one: PlacedPerson, other: PlacedPerson) -> bool:
    low = np.maximum(reach_of(one).min(axis=0), reach_of(other).min(axis=0))
    return bool((low < np.minimum(reach_of(one).max(axis=0), reach_of(other).max(axis=0))).all())


def prism(body: OccluderBody) -> BVHTree:
    n = len(body.top_xy)
    points = [(x, y, z) for z in (body.bottom_m, body.top_m) for x, y in body.top_xy.tolist()]
    sides = [(k, (k + 1) % n, (k + 1) % n + n, k + n) for k in range(n)]
    return BVHTree.FromPolygons(points, [*sides, tuple(range(n)), tuple(range(n, 2 * n))])


def test_nearly_everyone_finds_a_place_and_every_kind_occurs(crowds: list[Crowd]) -> None:
    assert len(everyone(crowds)) > 0.9 * sum(sum(crowd.wanted.values()) for crowd in crowds)
    assert {person.mesh.pose for person in everyone(crowds)} == {"standing", "sitting", "lying"}


def test_no_two_people_or_chairs_touch(crowds: list[Crowd]) -> None:
    for crowd in crowds:
        for one, other in combinations(crowd.people, 2):
            if are_near(one, other):
                assert not any(a.overlap(b) for a in trees_of(one) for b in trees_of(other))


def test_nobody_touches_a_table_or_a_cupboard_except_with_resting_hands(crowds: list[Crowd]) -> None:
    # What rests on the table may press into its upper two centimetres.
    pressed = replace(TABLE, top_m=TABLE.top_m - 0.02)
    for kind, body in (("sitting", pressed), ("standing", TABLE), ("lying", TABLE), (None, CUPBOARD)):
        solid, low, high = prism(body), body.top_xy.min(axis=0), body.top_xy.max(axis=0)
        for person in everyone(crowds, kind):
            points = reach_of(person)[:, :2]
            if ((points > low) & (points < high)).all(axis=1).any():
                name = person.mesh.parameters["pose_name"]
                assert not any(tree.overlap(solid) for tree in trees_of(person)), name


def test_nobody_floats_or_sinks(crowds: list[Crowd]) -> None:
    for person in everyone(crowds):
        assert -0.015 < person.vertices[:, 2].min() < 0.015


def test_standing_people_keep_out_of_every_footprint(crowds: list[Crowd]) -> None:
    for person in everyone(crowds, "standing"):
        legs = person.vertices[person.vertices[:, 2] < 0.7][:, :2]
        assert not is_inside(legs, TABLE.top_xy).any()
        assert not is_inside(legs, CUPBOARD.top_xy).any()


def test_nobody_leans_into_the_wall(crowds: list[Crowd]) -> None:
    for person in everyone(crowds, "standing") + everyone(crowds, "lying"):
        outside = ~is_inside(person.vertices[np.unique(person.mesh.quads)][:, :2], FLOOR)
        assert outside.mean() < 0.01


def test_sitters_touch_the_seat_of_their_chair(crowds: list[Crowd]) -> None:
    for person in everyone(crowds, "sitting"):
        assert person.chair is not None
        above = (*person.spot.xyz[:2].tolist(), seat_height(person.mesh.vertices) + 0.2)
        hit, _, _, _ = chair_of(person).ray_cast(above, (0, 0, -1))
        assert hit is not None
        assert abs(hit.z - seat_height(person.mesh.vertices)) <= 0.02


def test_most_who_sit_by_a_table_face_it(crowds: list[Crowd]) -> None:
    sitting = everyone(crowds, "sitting")
    ahead = np.stack([p.spot.xyz[:2] + 0.6 * direction(p.spot.facing_rad) for p in sitting])
    assert is_inside(ahead, TABLE.top_xy).mean() > 0.4
    assert not is_inside(np.stack([p.spot.xyz[:2] for p in sitting]), TABLE.top_xy).any()


def direction(angle_rad: float) -> np.ndarray:
    return np.array([np.cos(angle_rad), np.sin(angle_rad)])


def test_people_are_mostly_in_the_picture(crowds: list[Crowd]) -> None:
    for person in everyone(crowds):
        assert CAMERA.sees(CAMERA.project(person.vertices)).mean() >= 0.55
