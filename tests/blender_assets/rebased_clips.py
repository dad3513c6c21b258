"""The same motion written for skeletons with other zero poses, in files with other axes."""

from collections.abc import Callable

import numpy as np

from blender_assets.people.bvh import BvhClip, BvhJoint, move_joints, parse_bvh

# World axes of the clips of tests/blender_assets/clips.py (y up) -> those of the file.
WORLDS = {
    "y up": np.eye(3),
    "z up": np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]),
    "x up": np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]]),
    "-y up": np.diag([1.0, -1.0, -1.0]),
}
OwnAxes = Callable[
    [BvhClip, int], np.ndarray
]  # (clip, joint) -> [3, 3]: the joint's new axes in its old ones


def same_axes(clip: BvhClip, joint: int) -> np.ndarray:
    return np.eye(3)


def turned_axes(turn: np.ndarray) -> OwnAxes:
    """All joints' axes turned alike: the zero pose stands, or lies, along another axis than the frames."""
    return lambda clip, joint: turn


def bones_along(axis: int, sign: float = 1.0) -> OwnAxes:
    """Each bone along one axis of its own joint, so that all angles zero lay the body out in a line."""

    def axes(clip: BvhClip, joint: int) -> np.ndarray:
        name = clip.joints[joint].name
        if name in ("Hips", "LowerBack", "Spine", "Spine1", "Neck", "Head"):
            along = np.array([0.0, 1.0, 0.0])
        else:
            offsets = [np.array(each.offset) for each in clip.joints if each.parent == joint]
            along = offsets[0] if offsets else np.array(clip.joints[clip.joints[joint].parent].offset)
        along = along / np.linalg.norm(along) if np.any(along) else np.array([0.0, 1.0, 0.0])
        side = np.array([0.0, 0.0, 1.0]) if abs(along[2]) < 0.9 else np.array([0.0, 1.0, 0.0])
        side = side - (side @ along) * along
        side = side / np.linalg.norm(side)
        frame = np.stack([along, side, np.cross(along, side)], axis=1)
        wanted = np.stack(
            [np.roll([sign, 0, 0], axis), np.roll([0, sign, 0], axis), np.roll([0, 0, 1.0], axis)], 1
        )
        return frame @ wanted.T

    return axes


def random_axes(seed: int) -> OwnAxes:
    """Any axes for each joint: the zero pose is a heap of bones."""

    def axes(clip: BvhClip, joint: int) -> np.ndarray:
        found, _ = np.linalg.qr(np.random.default_rng([seed, joint]).normal(size=(3, 3)))
        return found * np.linalg.det(found)

    return axes


def rebased(
    text: str, own_axes: OwnAxes, world: np.ndarray, *, scale: float = 1.0, shift=(0.0, 0.0, 0.0)
) -> str:
    """The text of a BVH file with the same motion: bones in the same places, turned by `world`, scaled, then moved."""
    clip = parse_bvh(text)
    turned, places = move_joints(clip)
    axes = [own_axes(clip, k) for k in range(len(clip.joints))]
    rows = [scale * places[:, 0] @ world.T + np.array(shift)]
    for k, joint in enumerate(clip.joints):
        new = world @ turned[:, k] @ axes[k]
        above = np.eye(3) if joint.parent < 0 else world @ turned[:, joint.parent] @ axes[joint.parent]
        rows.append(_angles(np.swapaxes(np.broadcast_to(above, new.shape), 1, 2) @ new))
    offsets = [
        np.zeros(3) if joint.parent < 0 else scale * axes[joint.parent].T @ joint.offset
        for joint in clip.joints
    ]
    return _text(clip.joints, offsets, np.concatenate(rows, axis=1))


def _angles(turns: np.ndarray) -> np.ndarray:
    """[F, 3] degrees about z, y, x of rotations [F, 3, 3] = Rz Ry Rx."""
    y = np.arctan2(-turns[:, 2, 0], np.hypot(turns[:, 0, 0], turns[:, 1, 0]))
    # At a right angle about y the other two turn about one axis, and one of them says all.
    is_locked = np.abs(np.cos(y)) < 1e-6
    z = np.where(is_locked, 0.0, np.arctan2(turns[:, 1, 0], turns[:, 0, 0]))
    x = np.where(
        is_locked,
        np.arctan2(-turns[:, 1, 2], turns[:, 1, 1]),
        np.arctan2(turns[:, 2, 1], turns[:, 2, 2]),
    )
    return np.degrees(np.stack([z, y, x], axis=1))


def _text(joints: tuple[BvhJoint, ...], offsets: list[np.ndarray], rows: np.ndarray) -> str:
    def write(k: int) -> str:
        x, y, z = offsets[k]
        position = "Xposition Yposition Zposition " if joints[k].parent < 0 else ""
        channels = f"CHANNELS {6 if position else 3} {position}Zrotation Yrotation Xrotation"
        children = "".join(write(n) for n, joint in enumerate(joints) if joint.parent == k)
        keyword = "JOINT" if joints[k].parent >= 0 else "ROOT"
        inner = children or "End Site { OFFSET 0 0 0 }\n"
        return f"{keyword} {joints[k].name} {{ OFFSET {x:.9f} {y:.9f} {z:.9f} {channels}\n{inner}}}\n"

    lines = [" ".join(f"{value:.9f}" for value in row) for row in rows]
    return f"HIERARCHY\n{write(0)}MOTION\nFrames: {len(lines)}\nFrame Time: 0.03\n" + "\n".join(lines) + "\n"
