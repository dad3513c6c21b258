"""Reads motion capture in the BVH format: a skeleton and its frames.

J joints, F frames; angles in the file are degrees, lengths have whatever unit the file has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

POSITION_CHANNELS = {"Xposition": 0, "Yposition": 1, "Zposition": 2}
ROTATION_CHANNELS = {"Xrotation": 0, "Yrotation": 1, "Zrotation": 2}


@dataclass(frozen=True)
class BvhJoint:
    name: str
    parent: int  # -1 for the root
    offset: tuple[float, float, float]  # from the parent's joint, in the rest pose
    channels: tuple[str, ...]


@dataclass(frozen=True)
class BvhClip:
    joints: tuple[BvhJoint, ...]  # parents come before their children
    channels: np.ndarray  # [F, sum of the joints' channels]

    def index(self, name: str) -> int:
        return next(k for k, joint in enumerate(self.joints) if joint.name == name)

    def rest_positions(self) -> np.ndarray:
        """[J, 3]."""
        positions = np.zeros((len(self.joints), 3))
        for k, joint in enumerate(self.joints):
            if joint.parent >= 0:
                positions[k] = positions[joint.parent] + joint.offset
        return positions


def read_bvh(path: Path) -> BvhClip:
    """ValueError with the file's name and line for text that is no BVH."""
    if not path.is_file():
        raise ValueError(f"there is no motion capture file {path}; give the path of a BVH file")
    try:
        return parse_bvh(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as BVH: {error}") from None


def parse_bvh(text: str) -> BvhClip:
    """The text of a BVH file -> its skeleton and frames. ValueError says what is wrong."""
    hierarchy, separator, motion = text.partition("MOTION")
    if not hierarchy.lstrip().startswith("HIERARCHY") or not separator:
        raise ValueError("it lacks the section HIERARCHY or MOTION; export the clip as BVH")
    joints = tuple(_parse_joints(iter(hierarchy.split()[1:])))
    if not joints:
        raise ValueError("HIERARCHY names no joint")
    return BvhClip(joints, _parse_frames(motion, sum(len(joint.channels) for joint in joints)))


def _parse_joints(words: Iterator[str]) -> Iterator[BvhJoint]:
    """Walks the nested braces; an end site (nameless tip) counts as no joint."""
    open_joints: list[int] = []  # -1 stands for an end site
    count, name, offset = 0, "", (0.0, 0.0, 0.0)
    for word in words:
        if word in ("ROOT", "JOINT"):
            name = _take(words)
        elif word == "End":
            name = ""
        elif word == "OFFSET":
            x, y, z = (float(_take(words)) for _ in range(3))
            offset = (x, y, z)
        elif word == "CHANNELS":
            channels = tuple(_take(words) for _ in range(int(_take(words))))
            yield BvhJoint(name, open_joints[-2] if len(open_joints) > 1 else -1, offset, _checked(channels))
        elif word == "{":
            open_joints.append(count if name else -1)
            count += bool(name)
        elif word == "}":
            open_joints.pop()


def _take(words: Iterator[str]) -> str:
    word = next(words, None)
    if word is None:
        raise ValueError("HIERARCHY ends in the middle of a joint; the file is cut off")
    return word


def _checked(channels: tuple[str, ...]) -> tuple[str, ...]:
    unknown = set(channels) - POSITION_CHANNELS.keys() - ROTATION_CHANNELS.keys()
    if unknown:
        raise ValueError(f"unknown channels {sorted(unknown)}; Xposition .. Zrotation are allowed")
    return channels


def _parse_frames(motion: str, num_channels: int) -> np.ndarray:
    lines = [line for line in motion.splitlines() if line.strip()]
    if len(lines) < 3 or not lines[0].startswith("Frames:"):
        raise ValueError("MOTION must have the lines Frames:, Frame Time: and at least one frame")
    num_frames = int(lines[0].split()[1])
    rows = [line.split() for line in lines[2:]]
    wrong = next((k for k, row in enumerate(rows) if len(row) != num_channels), None)
    if wrong is not None:
        raise ValueError(
            f"frame {wrong} has {len(rows[wrong])} numbers, but the skeleton has {num_channels} channels"
        )
    if len(rows) != num_frames:
        raise ValueError(f"it announces {num_frames} frames, but holds {len(rows)}; the file is cut off")
    return np.array(rows, dtype=float)


def axis_rotations(axis: int, degrees: np.ndarray) -> np.ndarray:
    """[F] angles about x, y or z -> [F, 3, 3]."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.tile(np.eye(3), (len(degrees), 1, 1))
    i, j = (axis + 1) % 3, (axis + 2) % 3
    turn[:, i, i] = turn[:, j, j] = c
    turn[:, i, j], turn[:, j, i] = -s, s
    return turn


def move_joints(clip: BvhClip) -> tuple[np.ndarray, np.ndarray]:
    """World rotations [F, J, 3, 3] and positions [F, J, 3] in the file's axes and unit."""
    num_frames = len(clip.channels)
    turned = np.empty((num_frames, len(clip.joints), 3, 3))
    places = np.empty((num_frames, len(clip.joints), 3))
    column = 0
    for k, joint in enumerate(clip.joints):
        local = np.tile(np.eye(3), (num_frames, 1, 1))
        shift = np.tile(np.array(joint.offset), (num_frames, 1))
        for channel in joint.channels:
            values = clip.channels[:, column]
            column += 1
            if channel in POSITION_CHANNELS:
                shift[:, POSITION_CHANNELS[channel]] = values
            else:
                local = local @ axis_rotations(ROTATION_CHANNELS[channel], values)
        if joint.parent < 0:
            turned[:, k], places[:, k] = local, shift
        else:
            turned[:, k] = turned[:, joint.parent] @ local
            places[:, k] = places[:, joint.parent] + np.einsum("fab,fb->fa", turned[:, joint.parent], shift)
    return turned, places
