import numpy as np
import pytest

from blender_assets.people.body import BodyBasis, bone_transforms, morph_body
from blender_assets.people.phenotypes import PeopleSettings, draw_body
from blender_assets.people.poses import Pose, expand_sides, load_poses, pose_rotations, swap_sides


def posed_joint(basis: BodyBasis, angles: dict[str, tuple[float, float, float]], joint: str) -> np.ndarray:
    """Position of a joint relative to its shoulder."""
    body = draw_body(basis, np.random.default_rng(0), settings=PeopleSettings())
    rest = morph_body(basis, body.phenotypes)
    pose = Pose(kind="standing", name="test", is_mirrored=False, angles_deg=angles)
    _, heads = bone_transforms(basis, rest, pose_rotations(basis, rest, pose))
    return heads[basis.bone(joint)] - heads[basis.bone("upperarm01" + joint[-2:])]


def test_arms_hang_down_when_no_angles_are_given(basis: BodyBasis) -> None:
    for side in ("L", "R"):
        x, _, z = posed_joint(basis, {}, f"lowerarm01.{side}")
        assert z < -0.2 and abs(x) < 0.01


def test_a_negative_x_angle_swings_the_arm_forward(basis: BodyBasis) -> None:
    x, y, z = posed_joint(basis, {"upperarm01.L": (-90.0, 0.0, 0.0)}, "lowerarm01.L")
    assert y < -0.2 and abs(z) < 0.05 and abs(x) < 0.01


def test_both_sides_mirror_each_other(basis: BodyBasis) -> None:
    angles = {f"upperarm01.{side}": (-30.0, -25.0, 10.0) for side in "LR"}
    left, right = (posed_joint(basis, angles, f"wrist.{side}") for side in "LR")
    assert left == pytest.approx(right * [-1, 1, 1], abs=0.01)


def test_limbs_without_a_side_are_meant_for_both() -> None:
    assert set(expand_sides({"upperarm01": [1, 2, 3], "head": [0, 0, 5]})) == {
        "upperarm01.L",
        "upperarm01.R",
        "head",
    }


def test_mirroring_exchanges_sides_and_turns_the_head_the_other_way() -> None:
    mirrored = swap_sides({"lowerarm01.R": np.array([1.0, 2, 3]), "head": np.array([4.0, 5, 6])})
    assert mirrored["lowerarm01.L"].tolist() == [1, 2, 3]
    assert mirrored["head"].tolist() == [4, -5, -6]


def test_every_bone_of_the_library_exists(basis: BodyBasis) -> None:
    for kind in ("standing", "sitting"):
        for entry in load_poses(kind):
            assert set(expand_sides(entry["bones"])) <= set(basis.bone_names), entry["name"]
