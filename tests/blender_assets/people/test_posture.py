import numpy as np
import pytest

from blender_assets.people.body import BodyBasis, bone_transforms, morph_body
from blender_assets.people.phenotypes import PeopleSettings, draw_body
from blender_assets.people.posture import Posture, arm, leg, reach, take_posture


@pytest.fixture(scope="module")
def standing(basis: BodyBasis) -> Posture:
    body = draw_body(basis, np.random.default_rng(0), settings=PeopleSettings())
    return take_posture(basis, morph_body(basis, body.phenotypes), {})


def test_core_joints_are_where_the_whole_skeleton_has_them(basis: BodyBasis, standing: Posture) -> None:
    turn = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], dtype=float)
    rotations = {"spine03": turn, "upperarm01.L": turn}
    _, heads = bone_transforms(basis, standing.rest, rotations)
    posture = take_posture(basis, standing.rest, rotations)
    for bone in ("wrist.L", "wrist.R", "head", "foot.L"):
        assert posture.joint(bone) == pytest.approx(heads[basis.bone(bone)])


@pytest.mark.parametrize("limb", [arm("L"), arm("R"), leg("L"), leg("R")])
def test_a_limb_reaches_a_point_without_changing_its_length(standing: Posture, limb) -> None:
    target = standing.joint(limb.upper) + np.array([0.05, -0.25, -0.2])
    bent = reach(standing, limb, target)
    assert bent.joint(limb.end) == pytest.approx(target, abs=1e-6)
    for start, end in ((limb.upper, limb.lower), (limb.lower, limb.end)):
        length = np.linalg.norm(bent.joint(end) - bent.joint(start))
        assert length == pytest.approx(np.linalg.norm(standing.joint(end) - standing.joint(start)))


def test_a_limb_stretches_towards_what_is_too_far(standing: Posture) -> None:
    shoulder = standing.joint("upperarm01.L")
    reached = reach(standing, arm("L"), shoulder + np.array([0.0, -3.0, 0.0])).joint("wrist.L") - shoulder
    assert np.linalg.norm(reached) == pytest.approx(standing.length(arm("L")), rel=0.01)
    assert reached[1] < -0.99 * np.linalg.norm(reached)


def test_knees_bend_forward(standing: Posture) -> None:
    hip = standing.joint("upperleg01.L")
    bent = reach(standing, leg("L"), hip + np.array([0.03, -0.1, -0.5]))
    middle = (hip + bent.joint("foot.L")) / 2
    assert (bent.joint("lowerleg01.L") - middle)[1] < -0.15


def test_a_swivel_swings_the_elbow_and_leaves_the_wrist(standing: Posture) -> None:
    target = standing.joint("upperarm01.L") + np.array([0.0, -0.3, -0.2])
    low, high = (reach(standing, arm("L"), target, swivel_rad=angle) for angle in (0.0, 0.8))
    assert high.joint("wrist.L") == pytest.approx(low.joint("wrist.L"))
    assert np.linalg.norm(high.joint("lowerarm01.L") - low.joint("lowerarm01.L")) > 0.1
    assert high.joint("lowerarm01.L")[2] > low.joint("lowerarm01.L")[2]
