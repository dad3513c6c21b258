"""The same motion gives the same person, whatever its file's zero pose and axes are."""

import re
from pathlib import Path

import numpy as np
import pytest

from blender_assets.people.body import BodyBasis, RestBody, bone_transforms, morph_body
from blender_assets.people.bvh import BvhClip, axis_rotations
from blender_assets.people.mocap import load_clip, retarget
from blender_assets.people.phenotypes import PeopleSettings, draw_body
from blender_assets.people.pose_settings import MocapFile
from tests.blender_assets.clips import MOTIONS
from tests.blender_assets.rebased_clips import (
    WORLDS,
    bones_along,
    random_axes,
    rebased,
    same_axes,
    turned_axes,
)

SIDED = ("upperarm01", "lowerarm01", "wrist", "upperleg01", "lowerleg01", "foot", "toe1-1")
JOINTS = ("root", "neck01", "head", *(f"{stem}.{side}" for side in "LR" for stem in SIDED))
ZERO_POSES = {
    "as it is": same_axes,
    "standing along z": turned_axes(WORLDS["z up"]),
    "lying along x": turned_axes(WORLDS["x up"]),
    "bones along x": bones_along(0),
    "bones along y": bones_along(1),
    "bones along -z": bones_along(2, -1.0),
    "a heap of bones": random_axes(3),
}
UPRIGHT = ("walk", "sit", "wheel")


@pytest.fixture(scope="module")
def rest(basis: BodyBasis) -> RestBody:
    return morph_body(basis, draw_body(basis, np.random.default_rng(0), settings=PeopleSettings()).phenotypes)


def skeletons(basis: BodyBasis, rest: RestBody, path: Path, text: str, **settings) -> list[np.ndarray]:
    """Joints [n, 3] of the body, of the first, the middle and the last frame."""
    path.write_text(text)
    clip = load_clip(MocapFile(path=str(path), first_frame=0, **settings))
    found = []
    for frame in {0, clip.num_frames // 2, clip.num_frames - 1}:
        posture = retarget(basis, rest, clip, frame, is_mirrored=False)
        _, heads = bone_transforms(basis, rest, posture.rotations)
        found.append(np.array([heads[basis.bone(name)] - heads[basis.bone("root")] for name in JOINTS]))
    return found


def largest_difference(found: np.ndarray, expected: np.ndarray) -> float:
    """Metres, of heights and distances between joints: where a person faces is arbitrary."""
    distances = [np.linalg.norm(joints[:, None] - joints[None], axis=2) for joints in (found, expected)]
    return max(np.abs(distances[0] - distances[1]).max(), np.abs(found[:, 2] - expected[:, 2]).max())


@pytest.mark.parametrize("zero_pose", ZERO_POSES)
@pytest.mark.parametrize("motion", MOTIONS)
def test_a_zero_pose_does_not_change_who_is_drawn(motion, zero_pose, basis, rest, tmp_path) -> None:
    expected = skeletons(basis, rest, tmp_path / "given.bvh", MOTIONS[motion], up="y")
    for name, world in WORLDS.items():
        # Where a lying person's head points as the zero pose's does, up is named, as nothing tells it.
        up = (
            "auto"
            if motion in UPRIGHT or zero_pose not in ("standing along z", "lying along x", "as it is")
            else name[:-3]
        )
        text = rebased(MOTIONS[motion], ZERO_POSES[zero_pose], world)
        found = skeletons(basis, rest, tmp_path / "other.bvh", text, up=up)
        # Toes: a foot whose zero pose tells nothing gets the usual angle between sole and ball.
        assert max(map(largest_difference, found, expected)) < 0.05, name


@pytest.mark.parametrize("scale", [0.01, 0.3937])
def test_metres_and_inches_are_as_good_as_centimetres(scale, basis, rest, tmp_path) -> None:
    expected = skeletons(basis, rest, tmp_path / "given.bvh", MOTIONS["walk"])
    text = rebased(MOTIONS["walk"], bones_along(0), np.eye(3), scale=scale)
    found = skeletons(basis, rest, tmp_path / "other.bvh", text)
    assert max(map(largest_difference, found, expected)) < 0.05


def test_a_head_that_turns_turns_in_every_zero_pose(basis, rest, tmp_path) -> None:
    def head(zero_pose: str) -> np.ndarray:
        (tmp_path / "a.bvh").write_text(rebased(MOTIONS["walk"], ZERO_POSES[zero_pose], WORLDS["z up"]))
        clip = load_clip(MocapFile(path=str(tmp_path / "a.bvh"), first_frame=0))
        return clip.turned["hips"].transpose(0, 2, 1) @ clip.turned["head"]

    np.testing.assert_allclose(head("bones along x"), head("as it is"), atol=1e-6)
    # Of a heap of bones the head looks ahead on average: here it turns as far to the left as to the right.
    np.testing.assert_allclose(head("a heap of bones"), head("as it is"), atol=0.12)


def turned_by(axis: int, degrees: float) -> np.ndarray:
    return axis_rotations(axis, np.array([degrees]))[0]


def twisted_trunk(clip: BvhClip, joint: int) -> np.ndarray:
    """A zero pose whose shoulders are turned by 50 degrees against its hips."""
    above = {clip.joints[k].name for k in clip.path_to(joint)}
    return turned_by(1, 50.0) if "Spine" in above else np.eye(3)


def raised_collars(clip: BvhClip, joint: int) -> np.ndarray:
    """A zero pose whose collar bones point up and whose arms are those of a T-pose."""
    angle = {"LeftShoulder": -75.0, "RightShoulder": 75.0}.get(clip.joints[joint].name, 0.0)
    return turned_by(2, angle)


@pytest.mark.parametrize("zero_pose", [twisted_trunk, raised_collars])
def test_shoulders_are_where_the_frames_have_them(zero_pose, basis, rest, tmp_path) -> None:
    expected = skeletons(basis, rest, tmp_path / "given.bvh", MOTIONS["walk"])
    text = rebased(MOTIONS["walk"], zero_pose, np.eye(3))
    found = skeletons(basis, rest, tmp_path / "other.bvh", text)
    assert max(map(largest_difference, found, expected)) < 0.05


def test_a_foot_that_ends_where_it_begins_follows_its_leg(basis, rest, tmp_path) -> None:
    expected = skeletons(basis, rest, tmp_path / "given.bvh", MOTIONS["walk"])
    text = rebased(MOTIONS["walk"], bones_along(0), np.eye(3))
    text = re.sub(r"ToeBase { OFFSET \S+ \S+ \S+", "ToeBase { OFFSET 0 0 0", text)
    found = skeletons(basis, rest, tmp_path / "a.bvh", text)
    assert max(map(largest_difference, found, expected)) < 0.06
