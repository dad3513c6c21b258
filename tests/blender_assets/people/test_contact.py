"""Where posed bodies touch the floor, the seat and the desk, measured on the posed surface."""

from dataclasses import dataclass

import numpy as np
import pytest

from blender_assets.people.body import BodyBasis, RestBody, bone_transforms, morph_body, pose_body
from blender_assets.people.person import put_on_floor
from blender_assets.people.phenotypes import PeopleSettings, draw_body
from blender_assets.people.pose_library import PoseEntry, load_poses
from blender_assets.people.poses import Pose, draw_variant, pose_rotations
from blender_assets.people.support import Desk, PoseKind, Support

DESK = Desk(height_m=0.74, edge_m=0.32)
SEATS_M = (None, 0.44, 0.5)


@dataclass(frozen=True)
class Posed:
    pose: Pose
    vertices: np.ndarray  # metres, put on the floor
    joints: dict[str, np.ndarray]
    trunk: np.ndarray  # [k] vertex indices


def take(basis: BodyBasis, entry: PoseEntry, seed: int, support: Support) -> Posed:
    rng = np.random.default_rng([seed, len(entry.name)])
    body = draw_body(basis, rng, settings=PeopleSettings())
    rest: RestBody = morph_body(basis, body.phenotypes)
    pose = draw_variant(entry, rng, is_mirrored=seed % 2 == 1, jitter_factor=1.0)
    rotations = pose_rotations(basis, rest, pose, entry.kind, support=support, scale=body.scale)
    raw = pose_body(basis, rest, rotations) * np.float32(body.scale)
    vertices = put_on_floor(basis, raw)
    _, heads = bone_transforms(basis, rest, rotations)
    heads = heads * body.scale + (vertices[0] - raw[0])
    trunk_bones = [
        k for k, n in enumerate(basis.bone_names) if n.startswith(("spine", "pelvis", "root", "breast"))
    ]
    used = np.unique(basis.faces["tights"])
    trunk = used[basis.bone_weights[np.ix_(used, trunk_bones)].sum(axis=1) > 0.9]
    return Posed(pose, vertices, dict(zip(basis.bone_names, heads, strict=True)), trunk)


def entries(kind: PoseKind) -> list[PoseEntry]:
    return [entry for entry in load_poses() if entry.kind == kind]


def sole_height(basis: BodyBasis, posed: Posed, side: str) -> float:
    bones = [k for k, n in enumerate(basis.bone_names) if n.startswith(("foot", "toe")) and n.endswith(side)]
    used = np.unique(basis.faces["tights"])
    foot = used[basis.bone_weights[np.ix_(used, bones)].sum(axis=1) > 0.9]
    return float(posed.vertices[foot, 2].min()) - 0.008


@pytest.mark.parametrize("kind", ["standing", "sitting"])
def test_feet_stand_on_the_floor_unless_they_are_lifted_on_purpose(basis: BodyBasis, kind: PoseKind) -> None:
    for k, entry in enumerate(entries(kind)):
        posed = take(basis, entry, k, Support(seat_height_m=SEATS_M[k % 3] if kind == "sitting" else None))
        heights = {side: sole_height(basis, posed, side) for side in "LR"}
        assert min(heights.values()) > -0.005, entry.name
        touching = [heights[side] for side in "LR" if posed.pose.contacts.feet[side] != "free"]  # pyright: ignore
        assert touching and max(touching) < 0.02, (entry.name, heights)


def test_the_pelvis_touches_a_given_seat(basis: BodyBasis) -> None:
    for k, entry in enumerate(entries("sitting")):
        seat_m = (0.42, 0.46, 0.5)[k % 3]
        vertices = take(basis, entry, k, Support(seat_height_m=seat_m, desk=DESK)).vertices
        used = vertices[np.unique(basis.faces["tights"])]
        under = used[np.hypot(used[:, 0], used[:, 1]) < 0.12, 2].min() - 0.008
        assert under == pytest.approx(seat_m, abs=0.02), entry.name


def test_a_seat_that_suits_is_no_higher_than_chairs_are(basis: BodyBasis) -> None:
    for k, entry in enumerate(entries("sitting")):
        vertices = take(basis, entry, k, Support()).vertices
        used = vertices[np.unique(basis.faces["tights"])]
        assert 0.39 < used[np.hypot(used[:, 0], used[:, 1]) < 0.12, 2].min() < 0.55, entry.name


@pytest.mark.parametrize("name", ["typing", "forearms on the table", "writing", "bent over the desk"])
def test_hands_rest_on_a_desk_within_reach(basis: BodyBasis, name: str) -> None:
    entry = next(entry for entry in entries("sitting") if entry.name == name)
    for seed in range(4):
        posed = take(basis, entry, seed, Support(desk=DESK))
        for side in "LR":
            _, y, z = posed.joints[f"wrist.{side}"]
            assert 0.0 < z - DESK.height_m < 0.1, (seed, side)
            assert y < -DESK.edge_m + 0.02


def test_hands_behind_the_head_are_behind_it(basis: BodyBasis) -> None:
    entry = next(entry for entry in entries("sitting") if entry.name == "hands behind the head")
    posed = take(basis, entry, 0, Support())
    for side in "LR":
        assert posed.joints[f"wrist.{side}"][1] > posed.joints["head"][1]
        assert abs(posed.joints[f"wrist.{side}"][2] - posed.joints["head"][2]) < 0.15
        assert posed.joints[f"lowerarm01.{side}"][2] > posed.joints[f"upperarm01.{side}"][2] - 0.05


def is_in_slice(point: np.ndarray, trunk: np.ndarray) -> bool:
    """Whether a point lies in the convex outline of the trunk's surface at its height."""
    around = trunk[np.abs(trunk[:, 2] - point[2]) < 0.03, :2]
    if len(around) < 8:
        return False
    directions = np.stack([np.cos(a := np.linspace(0, 2 * np.pi, 36)), np.sin(a)], axis=1)
    return bool((directions @ point[:2] < (around @ directions.T).max(axis=0)).all())


@pytest.mark.parametrize("kind", ["standing", "sitting"])
def test_elbows_and_wrists_stay_outside_the_trunk(basis: BodyBasis, kind: PoseKind) -> None:
    for k, entry in enumerate(entries(kind)):
        posed = take(basis, entry, k, Support(desk=DESK))
        shoulder_z = min(posed.joints[f"upperarm01.{side}"][2] for side in "LR")
        if posed.joints["spine01"][1] < posed.joints["spine05"][1] - 0.12:
            continue  # a level slice of a trunk that bends far forward is no cross-section
        for side in "LR":
            for joint in ("lowerarm01", "wrist"):
                point = posed.joints[f"{joint}.{side}"]
                if point[2] < shoulder_z - 0.12:
                    assert not is_in_slice(point, posed.vertices[posed.trunk]), (entry.name, joint, side)


def test_lying_people_lie_flat_on_the_floor(basis: BodyBasis) -> None:
    for k, entry in enumerate(entries("lying")):
        vertices = take(basis, entry, k, Support()).vertices
        body = vertices[np.unique(basis.faces["body"])]
        assert body[:, 2].max() < 0.75, entry.name
        assert body[:, 2].min() > -0.04, entry.name
        assert np.ptp(body[:, :2], axis=0).max() > 1.0, entry.name
        trunk = vertices[np.unique(basis.faces["tights"])]
        assert (trunk[np.hypot(trunk[:, 0], trunk[:, 1]) < 0.25, 2].min()) < 0.1, entry.name
