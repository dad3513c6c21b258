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


FORMS = {
    "a byte order mark": lambda text: "\ufeff" + text,
    "tabs and carriage returns": lambda text: text.replace("  ", "\t").replace("\n", "\r\n"),
    "carriage returns alone": lambda text: text.replace("\n", "\r"),
    "small and capital letters": lambda text: (
        text.replace("JOINT", "Joint").replace("Zrotation", "ZROTATION").replace("Xposition", "XPosition")
    ),
    "small sections": lambda text: (
        text.replace("HIERARCHY", "hierarchy").replace("MOTION", "Motion").replace("Frames:", "frames :")
    ),
    "no spaces after colons": lambda text: text.replace("Frames: 2", "Frames:2").replace(
        "Frame Time: ", "Frame Time:"
    ),
    "the brace beside the name": lambda text: text.replace("Base\n{", "Base {").replace("Tip\n    {", "Tip{"),
    "empty lines": lambda text: text.replace("\n", "\n\n"),
    "an exponent": lambda text: text.replace("5 6 7 90", "5e0 6 7 9.0E+1"),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_clip_is_read_however_it_is_written(form, tmp_path) -> None:
    (tmp_path / "a.bvh").write_bytes(FORMS[form](TEXT).encode())
    found, expected = read_bvh(tmp_path / "a.bvh"), parse_bvh(TEXT)
    assert found.joints == expected.joints
    np.testing.assert_array_equal(found.channels, expected.channels)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "cp932"])
def test_names_in_any_encoding_do_not_keep_a_clip_from_being_read(encoding, tmp_path) -> None:
    name = "\u9996" if encoding == "cp932" else "M\u00fctze"
    (tmp_path / "a.bvh").write_bytes(TEXT.replace("Tip", name).encode(encoding))
    assert len(read_bvh(tmp_path / "a.bvh").joints) == 4


@pytest.mark.parametrize("name", ["Bip01 Spine", "MOTION", "Joint End Site", "OFFSET 1", "Frames: 2", "}"])
def test_a_name_is_the_rest_of_its_line(name) -> None:
    found = parse_bvh(TEXT.replace("JOINT Middle", f"JOINT  {name} "))
    assert [joint.name for joint in found.joints] == ["Base", name, "Tip", "Other"]


def test_a_joint_without_channels_moves_with_its_parent() -> None:
    text = TEXT.replace(
        "    OFFSET 0 2 0\n    CHANNELS 3 Zrotation Xrotation Yrotation\n", "    OFFSET 0 2 0\n"
    )
    text = text.replace("0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", "0 " * 12 + "\n").replace(
        "5 6 7 90 0 0 0 90 0 0 0 0 0 0 0", "5 6 7 90 0 0 0 0 0 0 0 0"
    )
    clip = parse_bvh(text)
    assert [(joint.name, joint.parent) for joint in clip.joints][1:] == [
        ("Middle", 0),
        ("Tip", 1),
        ("Other", 0),
    ]
    _, places = move_joints(clip)
    assert places[1, 2] == pytest.approx([5 - 3, 6, 7])


def test_end_sites_are_the_tips_of_their_joints() -> None:
    assert [joint.tip for joint in parse_bvh(TEXT).joints] == [None, None, (0, 1, 0), (0, 1, 0)]


def test_positions_of_inner_joints_that_are_all_zero_leave_their_offsets() -> None:
    text = TEXT.replace(
        "OFFSET 0 1 0\n      CHANNELS 3 Z", "OFFSET 0 1 0\n      CHANNELS 6 Xposition Yposition Zposition Z"
    )
    text = text.replace("0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", "0 " * 18 + "\n")
    text = text.replace("5 6 7 90 0 0 0 90 0 0 0 0 0 0 0", "5 6 7 90 0 0 0 90 0 0 0 0 0 0 0 0 0 0")
    _, places = move_joints(parse_bvh(text))
    assert places[0, 2].tolist() == [0, 3, 0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("5 6 7 90", "5 6 nan 90"), r"frame 1 \(line 34\) has 'nan', but numbers must be finite"),
        (("5 6 7 90", "5 6 1e400 90"), r"frame 1 \(line 34\) has '1e400', but numbers must be finite"),
        (("5 6 7 90", "5 6 7,5 90"), r"frame 1 \(line 34\) has '7,5', where a number .*decimals with a point"),
        (("OFFSET 0 2 0", "OFFSET 0 inf 0"), "line 8 has 'inf', but numbers must be finite"),
        (("Frames: 2", "Frames: 1000000000000"), "announces 1000000000000 frames, but holds 2"),
        (("Frames: 2", "Frames: 1"), "announces 1 frames, but holds 2; .*mend that line"),
        (("Frames: 2", "Frames: -2"), "Frames: '-2', but a whole number is needed"),
        (("Frames: 2", "Frames:"), "the line Frames: '', but a whole number"),
        (("CHANNELS 3", "CHANNELS -3"), "line 9: CHANNELS needs a count of channels, but has '-3'"),
        (("CHANNELS 3", "CHANNELS 99999999999999999999"), "line 9: CHANNELS needs a count"),
        (("    OFFSET 0 2 0\n", ""), "the joint 'Middle' of line 6 has no OFFSET"),
        (("JOINT Other\n  {", "JOINT Other\n"), "line 20: JOINT 'Other' has no brace"),
        (("}\nMOTION", "MOTION"), "the joint 'Base' of line 2 has no closing brace before MOTION"),
        (("}\nMOTION", "}\n}\nMOTION"), "line 30 has '}', where ROOT, JOINT or MOTION is needed"),
        (("OFFSET 1 0 0", "OFSET 1 0 0"), "line 22 has 'OFSET', where OFFSET, CHANNELS"),
        (("Yrotation\n    JOINT", "Yrotation CHANNELS 0 JOINT"), "line 9: the joint 'Middle' has CHANNELS twice"),
        (("Frames: 2\nFrame Time: 0.01\n", "Frames: 0\nFrame Time: 0.01\n#"), "frame 0 .line 33. has '#0', where a number"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_short_line(change, message) -> None:
    assert change[0] in TEXT
    with pytest.raises(ValueError, match=message) as caught:
        parse_bvh(TEXT.replace(*change, 1))
    assert "\n" not in str(caught.value) and len(str(caught.value)) <= 300


def test_a_clip_without_frames_is_named() -> None:
    with pytest.raises(ValueError, match="it holds no frame"):
        parse_bvh(TEXT[: TEXT.index("0 0 0 0 0 0 0 0 0 0")].replace("Frames: 2", "Frames: 0"))


def test_thousands_of_nested_joints_are_refused_at_once() -> None:
    deep = "JOINT a { OFFSET 0 0 0 " * 100_000
    with pytest.raises(ValueError, match="more than 2000 joints"):
        parse_bvh(f"HIERARCHY ROOT b {{ OFFSET 0 0 0 {deep}")
    with pytest.raises(ValueError, match="an End Site holds END 'Site', but it ends there"):
        parse_bvh("HIERARCHY ROOT b { OFFSET 0 0 0 " + "End Site { " * 100_000)
