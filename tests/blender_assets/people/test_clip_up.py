"""Which way is up in a clip, and when that cannot be told."""

from pathlib import Path

import numpy as np
import pytest

from blender_assets.people.bvh import axis_rotations
from blender_assets.people.clip_up import AXES
from blender_assets.people.mocap import load_clip
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


def rise(path: Path, text: str, **settings) -> np.ndarray:
    """How far upright [F] the hips are: the z of their upward axis."""
    path.write_text(text)
    return load_clip(MocapFile(path=str(path), first_frame=0, **settings)).turned["hips"][:, 2, 2]


def without_root(text: str, position=("0", "0", "0")) -> str:
    start, _, rows = text.partition("Frame Time: 0.03\n")
    moved = [" ".join([*position, *row.split()[3:]]) for row in rows.splitlines()]
    return f"{start}Frame Time: 0.03\n" + "\n".join(moved) + "\n"


@pytest.mark.parametrize("own_axes", [same_axes, bones_along(0), random_axes(1)])
@pytest.mark.parametrize("motion", ["lie", "crawl"])
def test_who_lies_or_crawls_on_the_floor_is_not_stood_up(motion, own_axes, tmp_path) -> None:
    assert np.abs(rise(tmp_path / "a.bvh", rebased(MOTIONS[motion], own_axes, np.eye(3)))).max() < 0.1


@pytest.mark.parametrize("world", WORLDS)
def test_who_stands_stands_also_where_the_root_never_moves(world, tmp_path) -> None:
    text = without_root(rebased(MOTIONS["walk"], bones_along(0), WORLDS[world]))
    assert rise(tmp_path / "a.bvh", text).min() > 0.95


def test_one_frame_is_enough(tmp_path) -> None:
    start, _, rows = rebased(MOTIONS["walk"], bones_along(0), WORLDS["z up"]).partition("Frames: 8\n")
    text = f"{start}Frames: 1\n" + "\n".join(rows.splitlines()[:2]) + "\n"
    (tmp_path / "a.bvh").write_text(text)
    clip = load_clip(MocapFile(path=str(tmp_path / "a.bvh")))
    assert clip.num_frames == 1 and clip.first_frame == 0 and clip.turned["hips"][0, 2, 2] > 0.95


def test_a_range_of_frames_in_which_somebody_lies_keeps_the_clip_s_up(tmp_path) -> None:
    # A cartwheel whose frames 3 to 9 are upside down or level.
    found = rise(tmp_path / "a.bvh", rebased(MOTIONS["wheel"], bones_along(2), WORLDS["x up"]))
    (tmp_path / "a.bvh").write_text(rebased(MOTIONS["wheel"], bones_along(2), WORLDS["x up"]))
    part = load_clip(MocapFile(path=str(tmp_path / "a.bvh"), first_frame=3, last_frame=9))
    np.testing.assert_allclose(part.turned["hips"][:, 2, 2], found[3:10], atol=1e-9)
    assert found[6] == pytest.approx(-1, abs=0.01)


def test_a_zero_pose_against_the_frames_is_refused_where_no_floor_tells(tmp_path) -> None:
    text = without_root(rebased(MOTIONS["walk"], turned_axes(WORLDS["z up"]), np.eye(3)))
    with pytest.raises(
        ValueError, match=r"mocap a\.bvh: .*which axis of the file points up, .* or .*e\.g\. up: "
    ) as caught:
        rise(tmp_path / "a.bvh", text)
    assert "\n" not in str(caught.value)
    assert rise(tmp_path / "a.bvh", text, up="y").min() > 0.95


def test_who_lies_across_two_axes_is_not_stood_up_along_one_where_no_floor_tells(tmp_path) -> None:
    across = axis_rotations(1, np.array([28.0]))[0]
    text = without_root(rebased(MOTIONS["lie"], bones_along(0), across))
    with pytest.raises(ValueError, match="which axis of the file points up"):
        rise(tmp_path / "a.bvh", text)


def test_a_named_axis_counts(tmp_path) -> None:
    for name in AXES:
        found = rise(tmp_path / "a.bvh", MOTIONS["walk"], up=name)
        assert found.mean() == pytest.approx({"y": 1, "-y": -1}.get(name, 0), abs=0.1)


def test_people_of_the_kind_lying_need_no_floor_where_the_zero_pose_stands(tmp_path) -> None:
    text = without_root(rebased(MOTIONS["lie"], same_axes, WORLDS["y up"]))
    assert np.abs(rise(tmp_path / "a.bvh", text, kind="lying")).max() < 0.1
