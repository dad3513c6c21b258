"""Reads motion capture in the BVH format: a skeleton and its frames.

J joints, F frames; angles in the file are degrees, lengths have whatever unit the file has.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blender_assets.people.bvh_hierarchy import (
    LARGEST_NUMBER,
    POSITION_CHANNELS,
    ROTATION_CHANNELS,
    BvhJoint,
    Cursor,
    parse_joints,
    short,
    to_number,
)

MAX_BYTES = 128 * 2**20  # an hour of a person's body at 30 frames a second


@dataclass(frozen=True)
class BvhClip:
    joints: tuple[BvhJoint, ...]  # parents come before their children
    channels: np.ndarray  # [F, sum of the joints' channels]

    def frames(self, chosen: slice) -> "BvhClip":
        return BvhClip(self.joints, self.channels[chosen])

    def rest_positions(self) -> np.ndarray:
        """[J, 3] of the pose with all angles zero, which need not be that of a person."""
        positions = np.zeros((len(self.joints), 3))
        for k, joint in enumerate(self.joints):
            if joint.parent >= 0:
                positions[k] = positions[joint.parent] + joint.offset
        return positions

    def path_to(self, index: int) -> list[int]:
        """A joint and those that it hangs on, itself first."""
        path = [index]
        while self.joints[path[-1]].parent >= 0:
            path.append(self.joints[path[-1]].parent)
        return path


def read_bvh(path: Path) -> BvhClip:
    """ValueError with the file's name and line for text that is no BVH."""
    if not path.is_file():
        raise ValueError(f"there is no motion capture file {path}; give the path of a BVH file")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(
            f"{path} has {path.stat().st_size // 2**20} MiB, but a clip may have {MAX_BYTES // 2**20}; cut it"
        )
    try:
        return parse_bvh(_decode(path.read_bytes()))
    except ValueError as error:
        raise ValueError(f"{path} cannot be read as BVH: {error}") from None


def _decode(content: bytes) -> str:
    """Only names of joints are more than ASCII, so that no encoding of them is worth refusing a clip."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def parse_bvh(text: str) -> BvhClip:
    """The text of a BVH file -> its skeleton and frames. ValueError says what is wrong, and in which line."""
    cursor = Cursor(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    if cursor.word().upper() != "HIERARCHY":
        raise ValueError("it lacks the section HIERARCHY or MOTION; export the clip as BVH")
    joints = parse_joints(cursor)
    if not joints:
        raise ValueError("HIERARCHY names no joint; export the clip with its skeleton")
    return BvhClip(joints, _parse_frames(cursor, sum(len(joint.channels) for joint in joints)))


def _parse_frames(cursor: Cursor, num_channels: int) -> np.ndarray:
    text = cursor.rest()
    head = re.match(r"\s*Frames[ \t]*:[ \t]*(\S*)\s*Frame[ \t]*Time[ \t]*:[ \t]*\S*", text, re.IGNORECASE)
    if head is None:
        raise ValueError("MOTION must have the lines Frames:, Frame Time: and at least one frame")
    if not head[1].isdecimal():
        raise ValueError(f"MOTION has the line Frames: {short(head[1])}, but a whole number is needed")
    first_line = cursor.line + text.count("\n", 0, head.end())
    lines = (line.split() for line in text[head.end() :].split("\n"))
    numbered = ((number, words) for number, words in enumerate(lines, first_line) if words)
    rows = [_parse_frame(k, words, num_channels, line) for k, (line, words) in enumerate(numbered)]
    if not rows:
        raise ValueError("it holds no frame; export the clip with its motion")
    if head[1].lstrip("0") != str(len(rows)):
        raise ValueError(
            f"it announces {short(head[1])[1:-1]} frames, but holds {len(rows)}; the file is cut off, "
            "or the line Frames: is wrong: export the clip again or mend that line"
        )
    return np.array(rows)


def _parse_frame(index: int, words: list[str], num_channels: int, line: int) -> np.ndarray:
    """[C] numbers."""
    if len(words) != num_channels:
        raise ValueError(
            f"frame {index} has {len(words)} numbers, but the skeleton has {num_channels} channels (line {line}); "
            "the file is cut off or damaged, export the clip again"
        )
    try:
        numbers = np.array([float(word) for word in words])
    except ValueError:
        numbers = np.array([np.nan])
    if not (np.abs(numbers) <= LARGEST_NUMBER).all():
        for word in words:
            to_number(word, f"frame {index} (line {line})")
    return numbers


def axis_rotations(axis: int, degrees: np.ndarray) -> np.ndarray:
    """[F] angles about x, y or z -> [F, 3, 3]."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.tile(np.eye(3), (len(degrees), 1, 1))
    i, j = (axis + 1) % 3, (axis + 2) % 3
    turn[:, i, i] = turn[:, j, j] = c
    turn[:, i, j], turn[:, j, i] = -s, s
    return turn


def move_joints(clip: BvhClip, wanted: Collection[int] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """World rotations [F, J, 3, 3] and positions [F, J, 3] in the file's axes and unit.

    With `wanted` only these joints, and those that they hang on, are filled in; the others are zero.
    """
    shape = (len(clip.channels), len(clip.joints), 3)
    turned, places = np.zeros((*shape, 3)), np.zeros(shape)
    needed = None if wanted is None else {k for index in wanted for k in clip.path_to(index)}
    for k, (joint, values) in enumerate(_own_channels(clip)):
        if needed is not None and k not in needed:
            continue
        local, shift = _local_motion(joint, values)
        if joint.parent < 0:
            turned[:, k], places[:, k] = local, shift
        else:
            turned[:, k] = turned[:, joint.parent] @ local
            places[:, k] = places[:, joint.parent] + np.einsum("fab,fb->fa", turned[:, joint.parent], shift)
    return turned, places


def _own_channels(clip: BvhClip) -> Iterator[tuple[BvhJoint, np.ndarray]]:
    """Each joint with its columns [F, c]."""
    column = 0
    for joint in clip.joints:
        yield joint, clip.channels[:, column : column + len(joint.channels)]
        column += len(joint.channels)


def _local_motion(joint: BvhJoint, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotations [F, 3, 3] and shifts [F, 3] against the parent."""
    local = np.tile(np.eye(3), (len(values), 1, 1))
    shift = np.tile(np.array(joint.offset), (len(values), 1))
    is_position = [channel in POSITION_CHANNELS for channel in joint.channels]
    # Some exporters give every joint positions and leave them at zero: its bone is then the offset.
    has_positions = joint.parent < 0 or bool(np.any(values[:, is_position]))
    for column, channel in enumerate(joint.channels):
        if channel in ROTATION_CHANNELS:
            local = local @ axis_rotations(ROTATION_CHANNELS[channel], values[:, column])
        elif has_positions:
            shift[:, POSITION_CHANNELS[channel]] = values[:, column]
    return local, shift
