"""Retargeting, tried on a small clip of our own."""

from pathlib import Path

import numpy as np
import pytest

from blender_assets.people.body import BodyBasis, bone_transforms, morph_body
from blender_assets.people.mocap import load_clip, retarget
from blender_assets.people.phenotypes import PeopleSettings, draw_body
from blender_assets.people.pose_settings import MocapFile, PoseSettings
from blender_assets.people.poses import ClipPose, PoseBook, pose_rotations
from blender_assets.people.support import Support
from tests.blender_assets.clips import FRAMES, MOTIONS, bvh_text

CASES = Path(__file__).parents[2] / "cases"


@pytest.fixture(scope="module")
def clip_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mocap") / "clip.bvh"
    path.write_text(bvh_text(FRAMES, [88.0] * len(FRAMES)))
    return path


def joints(basis: BodyBasis, path: Path, frame: int, *, is_mirrored: bool = False) -> dict[str, np.ndarray]:
    body = draw_body(basis, np.random.default_rng(0), settings=PeopleSettings())
    rest = morph_body(basis, body.phenotypes)
    clip = load_clip(MocapFile(path=str(path), first_frame=0))
    posture = retarget(basis, rest, clip, frame, is_mirrored=is_mirrored)
    _, heads = bone_transforms(basis, rest, posture.rotations)
    return dict(zip(basis.bone_names, heads, strict=True))


def direction(found: dict[str, np.ndarray], start: str, end: str) -> np.ndarray:
    offset = found[end] - found[start]
    return offset / np.linalg.norm(offset)


def test_a_t_pose_stretches_the_arms_sideways(basis: BodyBasis, clip_path: Path) -> None:
    found = joints(basis, clip_path, 0)
    assert direction(found, "upperarm01.L", "wrist.L") == pytest.approx([1, 0, 0], abs=0.05)
    assert direction(found, "upperarm01.R", "wrist.R") == pytest.approx([-1, 0, 0], abs=0.05)


def test_limbs_point_where_the_clip_points_them(basis: BodyBasis, clip_path: Path) -> None:
    found = joints(basis, clip_path, 2)
    assert direction(found, "upperarm01.L", "lowerarm01.L") == pytest.approx([0, 0, -1], abs=0.05)
    assert direction(found, "upperleg01.L", "lowerleg01.L") == pytest.approx([0, -1, 0], abs=0.05)
    assert direction(found, "lowerleg01.L", "foot.L") == pytest.approx([0, 0, -1], abs=0.05)
    assert direction(found, "upperleg01.R", "foot.R") == pytest.approx([0, 0, -1], abs=0.05)


def test_the_other_way_round_the_other_leg_is_lifted(basis: BodyBasis, clip_path: Path) -> None:
    found = joints(basis, clip_path, 2, is_mirrored=True)
    assert direction(found, "upperleg01.R", "lowerleg01.R") == pytest.approx([0, -1, 0], abs=0.05)


def test_every_frame_faces_the_same_way(basis: BodyBasis, clip_path: Path) -> None:
    ahead, turned = joints(basis, clip_path, 1), joints(basis, clip_path, 3)
    for bone in ("head", "wrist.L", "foot.R"):
        assert turned[bone] - turned["root"] == pytest.approx(ahead[bone] - ahead["root"], abs=1e-6)


def test_a_lifted_foot_is_free_and_a_standing_one_flat(clip_path: Path) -> None:
    clip = load_clip(MocapFile(path=str(clip_path)))
    assert clip.num_frames == 3
    assert clip.feet["L"] == ("flat", "free", "flat") and clip.feet["R"] == ("flat",) * 3


def test_the_standing_foot_of_a_frame_is_on_the_floor(basis: BodyBasis, clip_path: Path) -> None:
    body = draw_body(basis, np.random.default_rng(1), settings=PeopleSettings())
    rest = morph_body(basis, body.phenotypes)
    clip = load_clip(MocapFile(path=str(clip_path)))
    rotations = pose_rotations(basis, rest, ClipPose(clip, 1, False), "standing")
    _, heads = bone_transforms(basis, rest, rotations)
    assert heads[basis.bone("foot.L"), 2] > heads[basis.bone("foot.R"), 2] + 0.3


def test_a_share_of_the_people_takes_frames_and_people_in_company_take_none(clip_path: Path) -> None:
    book = PoseBook(PoseSettings(mocap=(MocapFile(path=str(clip_path), share=0.5),)))
    rng = np.random.default_rng(0)
    count = sum(isinstance(book.draw(rng, "standing"), ClipPose) for _ in range(200))
    assert 75 < count < 125
    assert not any(isinstance(book.draw(rng, "sitting"), ClipPose) for _ in range(20))
    company = Support(is_in_company=True)
    assert not any(isinstance(book.draw(rng, "standing", company), ClipPose) for _ in range(20))


def test_an_unknown_skeleton_is_named_and_a_joint_map_mends_it(tmp_path: Path, clip_path: Path) -> None:
    path = tmp_path / "other.bvh"
    path.write_text(clip_path.read_text().replace("LeftUpLeg", "l_thigh").replace(" Head ", " skull "))
    with pytest.raises(
        ValueError, match=r"lacks the joints \{head: Head, left_upper_leg: LeftUpLeg\}.*joint_map"
    ):
        load_clip(MocapFile(path=str(path)))
    from blender_assets.people.mocap import CMU_JOINTS

    given = {name: joint for name, joint in CMU_JOINTS.items() if not name.endswith("shoulder")}
    given |= {"head": "skull", "left_upper_leg": "l_thigh"}
    assert load_clip(MocapFile(path=str(path), joint_map=given)).num_frames == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"joint_map": {"tail": "Tail"}}, r"unknown joints \['tail'\]"),
        ({"first_frame": 9}, "first_frame 9 .* frames 0 to 3"),
        ({"last_frame": 40}, "last_frame 40"),
    ],
)
def test_settings_that_do_not_fit_the_clip_are_named(clip_path: Path, change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_clip(MocapFile(path=str(clip_path), **change))


def test_shares_above_one_and_equal_names_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shares of standing clips sum to 1\.2"):
        PoseSettings(mocap=(MocapFile(path="a.bvh", share=0.7), MocapFile(path="b.bvh", share=0.5)))
    with pytest.raises(ValueError, match="two files alike"):
        PoseSettings(mocap=(MocapFile(path="x/a.bvh", share=0.1), MocapFile(path="y/a.bvh", share=0.1)))


def feet_of(path: Path, motion: str) -> set[str]:
    path.write_text(MOTIONS[motion])
    clip = load_clip(MocapFile(path=str(path), first_frame=0))
    return {*clip.feet["L"], *clip.feet["R"]}


def test_feet_of_who_crawls_lies_or_turns_a_cartwheel_stand_on_nothing(tmp_path: Path) -> None:
    assert feet_of(tmp_path / "a.bvh", "crawl") == {"free"}
    assert feet_of(tmp_path / "a.bvh", "lie") <= {"free", "flat"}
    (tmp_path / "a.bvh").write_text(MOTIONS["wheel"])
    clip = load_clip(MocapFile(path=str(tmp_path / "a.bvh"), first_frame=0))
    assert clip.feet["L"][6] == clip.feet["R"][6] == "free"
    assert clip.feet["L"][0] == clip.feet["R"][0] == "flat"


def test_hands_of_who_is_upside_down_are_on_the_floor(basis: BodyBasis, tmp_path: Path) -> None:
    (tmp_path / "a.bvh").write_text(MOTIONS["wheel"])
    rest = morph_body(basis, draw_body(basis, np.random.default_rng(1), settings=PeopleSettings()).phenotypes)
    clip = load_clip(MocapFile(path=str(tmp_path / "a.bvh"), first_frame=0))
    _, heads = bone_transforms(basis, rest, pose_rotations(basis, rest, ClipPose(clip, 6, False), "standing"))
    assert heads[basis.bone("head"), 2] < heads[basis.bone("root"), 2] < heads[basis.bone("foot.L"), 2]


def test_joints_that_are_one_point_or_there_twice_are_named(tmp_path: Path, clip_path: Path) -> None:
    path = tmp_path / "bad.bvh"
    path.write_text(clip_path.read_text().replace("OFFSET 0 -40 0", "OFFSET 0 0 0", 1))
    with pytest.raises(ValueError, match=r"mocap bad\.bvh: left_lower_leg and left_foot are one point"):
        load_clip(MocapFile(path=str(path)))
    path.write_text(clip_path.read_text().replace("Spine1", "Head"))
    with pytest.raises(ValueError, match=r"mocap bad\.bvh: several of its joints are called 'Head'"):
        load_clip(MocapFile(path=str(path)))


def test_a_skeleton_with_many_joints_is_refused_in_a_short_line(tmp_path: Path, clip_path: Path) -> None:
    path = tmp_path / "other.bvh"
    fingers = "".join(f"JOINT finger_number_{k} {{ OFFSET 0 1 0 }} " for k in range(500))
    path.write_text(
        clip_path.read_text().replace("End Site", f"{fingers}End Site", 1).replace("Left", "Sinister")
    )
    with pytest.raises(ValueError, match=r"has Head, .* \.\. \(522 in all\); give joint_map") as caught:
        load_clip(MocapFile(path=str(path)))
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "name",
    [
        "bvh_zero_pose_along_x/standing", "bvh_names_with_spaces/t", "bvh_joint_without_channels/t",
        "bvh_frames_without_space/t", "bvh_bom_or_capital_channel/bom",
        "bvh_bom_or_capital_channel/zposition",
    ],
)  # fmt: skip
def test_a_standing_person_stands_however_the_clip_was_written(basis: BodyBasis, name: str) -> None:
    found = joints(basis, CASES / f"{name}.bvh", 1)
    assert direction(found, "root", "head")[2] > 0.95
    assert (
        direction(found, "upperleg01.L", "foot.L")[2] < -0.95
        and direction(found, "upperleg01.R", "foot.R")[2] < -0.95
    )
    assert direction(found, "foot.L", "toe1-1.L")[1] < -0.8  # ahead, where the person faces


def test_a_lost_marker_is_named_with_its_file_and_frame() -> None:
    with pytest.raises(
        ValueError, match=r"bvh_nan/t\.bvh cannot be read as BVH: frame 2 \(line \d+\) has 'nan'"
    ):
        load_clip(MocapFile(path=str(CASES / "bvh_nan/t.bvh")))
