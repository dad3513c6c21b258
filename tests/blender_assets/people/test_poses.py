from collections import Counter

import numpy as np
import pytest

from blender_assets.people.body import BodyBasis, bone_transforms, morph_body
from blender_assets.people.contact import Contacts
from blender_assets.people.joint_limits import limits_deg
from blender_assets.people.phenotypes import PeopleSettings, draw_body
from blender_assets.people.pose_library import contacts_of, expand_sides, load_poses, swap_sides
from blender_assets.people.pose_settings import PoseSettings
from blender_assets.people.poses import Pose, PoseBook, draw_variant, strike
from blender_assets.people.support import Desk, Support

NO_CONTACTS = Contacts({"L": "flat", "R": "flat"}, {})


def posed_joint(basis: BodyBasis, angles: dict[str, tuple[float, float, float]], joint: str) -> np.ndarray:
    """Position of a joint relative to its shoulder."""
    body = draw_body(basis, np.random.default_rng(0), settings=PeopleSettings())
    rest = morph_body(basis, body.phenotypes)
    pose = Pose("standing", "test", "test", False, angles, NO_CONTACTS)
    _, heads = bone_transforms(basis, rest, strike(basis, rest, pose).rotations)
    return heads[basis.bone(joint)] - heads[basis.bone("upperarm01" + joint[-2:])]


def test_arms_hang_straight_down_when_no_angles_are_given(basis: BodyBasis) -> None:
    for side in ("L", "R"):
        for joint in ("lowerarm01", "wrist"):
            x, y, z = posed_joint(basis, {}, f"{joint}.{side}")
            assert z < -0.2 and abs(x) < 0.02 and abs(y) < 0.03


def test_a_negative_x_angle_swings_the_arm_forward(basis: BodyBasis) -> None:
    x, y, z = posed_joint(basis, {"upperarm01.L": (-90.0, 0.0, 0.0)}, "lowerarm01.L")
    assert y < -0.2 and abs(z) < 0.05 and abs(x) < 0.01


def test_a_forearm_at_minus_ninety_points_forward(basis: BodyBasis) -> None:
    elbow, wrist = (
        posed_joint(basis, {"lowerarm01.L": (-90.0, 0.0, 0.0)}, joint)
        for joint in ("lowerarm01.L", "wrist.L")
    )
    assert (wrist - elbow)[1] < -0.2 and abs((wrist - elbow)[2]) < 0.03


def test_both_sides_mirror_each_other(basis: BodyBasis) -> None:
    angles = {f"upperarm01.{side}": (-30.0, -25.0, 10.0) for side in "LR"}
    left, right = (posed_joint(basis, angles, f"wrist.{side}") for side in "LR")
    assert left == pytest.approx(right * [-1, 1, 1], abs=0.01)


def test_limbs_without_a_side_are_meant_for_both_and_a_given_side_wins() -> None:
    expanded = expand_sides({"upperarm01.L": (7, 8, 9), "upperarm01": (1, 2, 3), "head": (0, 0, 5)})
    assert {bone: angles.tolist() for bone, angles in expanded.items()} == {
        "upperarm01.L": [7, 8, 9],
        "upperarm01.R": [1, 2, 3],
        "head": [0, 0, 5],
    }


def test_mirroring_exchanges_sides_and_turns_the_head_the_other_way() -> None:
    mirrored = swap_sides({"lowerarm01.R": np.array([1.0, 2, 3]), "head": np.array([4.0, 5, 6])})
    assert mirrored["lowerarm01.L"].tolist() == [1, 2, 3]
    assert mirrored["head"].tolist() == [4, -5, -6]


def test_mirroring_exchanges_the_feet_and_hands_that_touch() -> None:
    entry = next(entry for entry in load_poses() if entry.name == "one leg over the other")
    plain, mirrored = (contacts_of(entry, is_mirrored=flag) for flag in (False, True))
    assert plain.feet == {"L": "flat", "R": "free"} and mirrored.feet == {"L": "free", "R": "flat"}
    assert plain.hands["L"] == mirrored.hands["R"] != plain.hands["R"]


def test_the_library_is_as_large_as_promised_and_names_are_unique_within_a_kind() -> None:
    kinds = Counter(entry.kind for entry in load_poses())
    assert kinds["standing"] >= 20 and kinds["sitting"] >= 16 and kinds["lying"] >= 4
    assert len({(entry.kind, entry.name) for entry in load_poses()}) == len(load_poses())


def test_every_bone_of_the_library_exists_and_is_turned_within_its_limits(basis: BodyBasis) -> None:
    for entry in load_poses():
        for bone, angles in expand_sides(entry.bones).items():
            assert bone in basis.bone_names, entry.name
            limits = limits_deg(bone)
            if limits is not None:
                assert (angles >= limits[:, 0]).all() and (angles <= limits[:, 1]).all(), (entry.name, bone)


def test_strong_jitter_bends_no_knee_or_elbow_backwards() -> None:
    for k, entry in enumerate(load_poses()):
        pose = draw_variant(entry, np.random.default_rng(k), is_mirrored=False, jitter_factor=3.0)
        for side in "LR":
            assert pose.angles_deg[f"lowerleg01.{side}"][0] >= 0
            assert pose.angles_deg[f"lowerarm01.{side}"][0] <= 0


def names(book: PoseBook, kind: str, support: Support, count: int = 150) -> Counter[str]:
    rng = np.random.default_rng(0)
    return Counter(book.draw(rng, kind, support).activity for _ in range(count))  # pyright: ignore


def test_weights_choose_activities() -> None:
    drawn = names(
        PoseBook(PoseSettings(activity_weights={"phone": 30.0, "walking": 0.0})), "standing", Support()
    )
    assert drawn["phone"] > 100 and drawn["walking"] == 0 and len(drawn) > 2


def test_nobody_types_without_a_desk_and_nobody_walks_off_in_company() -> None:
    book = PoseBook(PoseSettings())
    assert names(book, "sitting", Support())["typing"] == 0
    assert names(book, "sitting", Support(desk=Desk(0.74, 0.3)))["typing"] > 0
    assert names(book, "standing", Support())["walking"] > 0
    assert names(book, "standing", Support(is_in_company=True))["walking"] == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"activity_weights": {"juggling": 1.0}}, r"activity_weights names \['juggling'\].*'carrying'"),
        ({"activity_weights": {"lying": 0.0}}, "leaves no pose for lying people"),
    ],
)
def test_weights_that_cannot_be_met_are_named(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PoseBook(PoseSettings(**settings)).draw(np.random.default_rng(0), "lying")
