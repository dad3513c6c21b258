import numpy as np
import pytest

from blender_assets.people.bvh import move_joints, parse_bvh, read_bvh

TEXT = """HIERARCHY
ROOT Base
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Middle
  {
    OFFSET 0 2 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    JOINT Tip
    {
      OFFSET 0 1 0
      CHANNELS 3 Zrotation Xrotation Yrotation
      End Site
      {
        OFFSET 0 1 0
      }
    }
  }
  JOINT Other
  {
    OFFSET 1 0 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 1 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.01
0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
5 6 7 90 0 0 0 90 0 0 0 0 0 0 0
"""


def test_joints_know_their_parents() -> None:
    joints = parse_bvh(TEXT).joints
    assert [(joint.name, joint.parent) for joint in joints] == [
        ("Base", -1), ("Middle", 0), ("Tip", 1), ("Other", 0),
    ]  # fmt: skip
    assert parse_bvh(TEXT).rest_positions().tolist() == [[0, 0, 0], [0, 2, 0], [0, 3, 0], [1, 0, 0]]


def test_joints_move_as_worked_out_by_hand() -> None:
    _, places = move_joints(parse_bvh(TEXT))
    assert places[0].tolist() == [[0, 0, 0], [0, 2, 0], [0, 3, 0], [1, 0, 0]]
    # The root turns y to -x; the middle's turn about its x, which is now y of the world, takes its y (-x) to z.
    assert places[1, 1] == pytest.approx([5 - 2, 6, 7])
    assert places[1, 2] == pytest.approx([3, 6, 8])
    assert places[1, 3] == pytest.approx([5, 7, 7])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("HIERARCHY", "HIERARCHIE"), "lacks the section HIERARCHY"),
        (("Frames: 2", "Frames: 3"), "announces 3 frames, but holds 2"),
        (("5 6 7 90 0 0", "5 6 7 90 0"), "frame 1 has 14 numbers, but the skeleton has 15 channels"),
        (("Xposition", "Wposition"), r"unknown channels \['Wposition'\]"),
        (("CHANNELS 6 Xposition Yposition", "CHANNELS 600"), "unknown channels|cut off"),
        (("OFFSET 0 2 0", "OFFSET 0 two 0"), "two"),
    ],
)
def test_damaged_files_are_named_with_what_is_wrong(tmp_path, change, message) -> None:
    path = tmp_path / "clip.bvh"
    path.write_text(TEXT.replace(*change, 1))
    with pytest.raises(ValueError, match=message) as caught:
        read_bvh(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(ValueError, match="there is no motion capture file"):
        read_bvh(tmp_path / "nothing.bvh")


def test_rotations_are_rotations() -> None:
    turned, _ = move_joints(parse_bvh(TEXT))
    assert np.allclose(turned @ turned.transpose(0, 1, 3, 2), np.eye(3))
