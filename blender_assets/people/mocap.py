"""Takes the pose of a motion capture frame over to a body of other proportions.

Only rotations are taken: lengths are the body's own, and its feet are put on the floor afterwards. F frames.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blender_assets.people.body import BodyBasis, RestBody
from blender_assets.people.bvh import BvhClip, move_joints, read_bvh
from blender_assets.people.contact import FootContact
from blender_assets.people.pose_settings import MocapFile
from blender_assets.people.posture import (
    SIDES,
    Posture,
    Side,
    core_bones,
    smallest_rotation,
    take_posture,
    unit,
)

# Our joints -> the bones of the body that follow them, parents first.
BONES = {
    "hips": "root", "lower_back": "spine04", "spine": "spine03", "chest": "spine02", "neck": "neck01", "head": "head",
    **{f"{side}_{joint}": f"{bone}.{side[0].upper()}" for side in ("left", "right") for joint, bone in {
        "shoulder": "clavicle", "upper_arm": "upperarm01", "lower_arm": "lowerarm01", "hand": "wrist",
        "upper_leg": "upperleg01", "lower_leg": "lowerleg01", "foot": "foot"}.items()},
}  # fmt: skip
OPTIONAL = {"lower_back", "chest", "neck"} | {
    f"{side}_{joint}" for side in ("left", "right") for joint in ("shoulder", "hand", "toe")
}
# Limbs whose rest directions differ between skeletons (T-pose, A-pose): joint -> the joint at its far end.
FAR_ENDS = {
    f"{side}_{near}": f"{side}_{far}"
    for side in ("left", "right")
    for near, far in {
        "upper_arm": "lower_arm", "lower_arm": "hand", "upper_leg": "lower_leg", "lower_leg": "foot",
    }.items()
}  # fmt: skip
CMU_JOINTS = {
    "hips": "Hips", "lower_back": "LowerBack", "spine": "Spine", "chest": "Spine1", "neck": "Neck", "head": "Head",
    **{f"{side.lower()}_{joint}": f"{side}{name}" for side in ("Left", "Right") for joint, name in {
        "shoulder": "Shoulder", "upper_arm": "Arm", "lower_arm": "ForeArm", "hand": "Hand",
        "upper_leg": "UpLeg", "lower_leg": "Leg", "foot": "Foot", "toe": "ToeBase"}.items()},
}  # fmt: skip
CONTACT_HEIGHT = 0.06  # of the leg's length: what is lower over the clip's floor touches it
FLOOR_PERCENTILE = 3.0
MIRROR = np.diag([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class MocapClip:
    """A clip in the body's axes, turned to face -y in every frame."""

    file: MocapFile
    turned: dict[str, np.ndarray]  # our joint -> [F, 3, 3] world rotation since the clip's rest pose
    rest_directions: dict[str, np.ndarray]  # limb -> [3] unit vector in the clip's rest pose
    feet: dict[Side, tuple[FootContact, ...]]  # [F]

    @property
    def num_frames(self) -> int:
        return len(self.turned["hips"])


def load_clip(file: MocapFile) -> MocapClip:
    """ValueError for a damaged file, a skeleton that is not understood, or frames that the clip lacks."""
    bvh = read_bvh(Path(file.path))
    joints = _find_joints(bvh, file)
    first, last = _frame_range(file, len(bvh.channels))
    turned, places = move_joints(BvhClip(bvh.joints, bvh.channels[first : last + 1]))
    rest = {name: bvh.rest_positions()[k] for name, k in joints.items()}
    axes = _body_axes(rest, file)
    facing = _facing_away(axes.T @ turned[:, joints["hips"]] @ axes)
    return MocapClip(
        file=file,
        turned={name: facing @ (axes.T @ turned[:, joints[name]] @ axes) for name in BONES if name in joints},
        rest_directions={
            near: axes.T @ unit(rest[far] - rest[near]) for near, far in FAR_ENDS.items() if far in rest
        },
        feet=_contacts({name: places[:, k] @ axes[:, 2] for name, k in joints.items()}, rest),
    )


def _find_joints(bvh: BvhClip, file: MocapFile) -> dict[str, int]:
    unknown = sorted(file.joint_map.keys() - CMU_JOINTS.keys())
    if unknown:
        raise ValueError(
            f"mocap {file.name}: joint_map has the unknown joints {unknown}; known are {sorted(CMU_JOINTS)}"
        )
    names = {joint.name: k for k, joint in enumerate(bvh.joints)}
    wanted = file.joint_map or CMU_JOINTS
    missing = {
        name: wanted.get(name, "(not in joint_map)") for name in CMU_JOINTS if wanted.get(name) not in names
    }
    needed = [
        f"{name}: {missing[name]}" for name in missing if name not in OPTIONAL or name in file.joint_map
    ]
    if needed:
        raise ValueError(
            f"mocap {file.name} is of another skeleton: it lacks the joints {{{', '.join(needed)}}} and has "
            f"{sorted(names)}; give joint_map: {{hips: <its name>, spine: ..., head: ..., left_upper_arm: ..., ...}}"
        )
    return {name: names[joint] for name, joint in wanted.items() if name not in missing}


def _frame_range(file: MocapFile, num_frames: int) -> tuple[int, int]:
    last = num_frames - 1 if file.last_frame is None else file.last_frame
    if not file.first_frame <= last < num_frames:
        raise ValueError(
            f"mocap {file.name}: first_frame {file.first_frame} and last_frame {last} must lie in order within "
            f"the clip's frames 0 to {num_frames - 1}; change them"
        )
    return file.first_frame, last


def _body_axes(rest: dict[str, np.ndarray], file: MocapFile) -> np.ndarray:
    """[3, 3], columns: the body's x (its left), y (its back) and z (up) in the file's axes, from the rest pose."""
    rise = rest["head"] - rest["hips"]
    up = np.eye(3)[int(np.argmax(np.abs(rise)))] * np.sign(rise[int(np.argmax(np.abs(rise)))])
    across = rest["left_upper_leg"] - rest["right_upper_leg"]
    across = across - (across @ up) * up
    if np.linalg.norm(across) < 1e-6 * np.linalg.norm(rise):
        raise ValueError(
            f"mocap {file.name}: left_upper_leg and right_upper_leg are one point; mend joint_map"
        )
    return np.stack([unit(across), np.cross(up, unit(across)), up], axis=1)


def _facing_away(hips: np.ndarray) -> np.ndarray:
    """[F, 3, 3] turns about z that let every frame's hips [F, 3, 3] face -y."""
    ahead = -hips[:, :, 1]
    angle = np.arctan2(ahead[:, 0], -ahead[:, 1])
    c, s, zero, one = np.cos(angle), np.sin(angle), np.zeros(len(angle)), np.ones(len(angle))
    return np.stack([c, s, zero, -s, c, zero, zero, zero, one], axis=1).reshape(-1, 3, 3)


def _contacts(
    heights: dict[str, np.ndarray], rest: dict[str, np.ndarray]
) -> dict[Side, tuple[FootContact, ...]]:
    """Which part of each foot touches the clip's floor, from its ankle's and toe's height [F] in the file's unit."""
    leg_length = sum(
        float(np.linalg.norm(rest[f"left_{far}"] - rest[f"left_{near}"]))
        for near, far in (("upper_leg", "lower_leg"), ("lower_leg", "foot"))
    )

    def is_low(joint: str) -> dict[Side, np.ndarray]:
        both = {"L": heights[f"left_{joint}"], "R": heights[f"right_{joint}"]}
        floor = np.percentile(np.concatenate(list(both.values())), FLOOR_PERCENTILE)
        return {side: both[side] < floor + CONTACT_HEIGHT * leg_length for side in SIDES}

    ankle = is_low("foot")
    toe = is_low("toe") if {"left_toe", "right_toe"} <= heights.keys() else ankle
    kinds: dict[tuple[bool, bool], FootContact] = {
        (True, True): "flat", (True, False): "touching", (False, True): "touching", (False, False): "free",
    }  # fmt: skip
    return {
        side: tuple(kinds[bool(a), bool(t)] for a, t in zip(ankle[side], toe[side], strict=True))
        for side in SIDES
    }


def retarget(basis: BodyBasis, rest: RestBody, clip: MocapClip, frame: int, *, is_mirrored: bool) -> Posture:
    """The body in a frame's pose: directions of limbs are the clip's."""
    world = {}
    for name, bone in BONES.items():
        source = _other_side(name) if is_mirrored else name
        if source in clip.turned:
            turn = clip.turned[source][frame]
            direction = clip.rest_directions.get(_limb_of(source))
            if is_mirrored:
                turn = MIRROR @ turn @ MIRROR
                direction = None if direction is None else MIRROR @ direction
            world[bone] = turn @ _alignment(basis, rest, _limb_of(name), direction)
    return take_posture(basis, rest, _local_rotations(basis, world))


def _limb_of(name: str) -> str:
    """The limb whose rest direction counts: a hand goes straight on from its forearm in either rest pose."""
    return name.replace("_hand", "_lower_arm")


def _other_side(name: str) -> str:
    side, _, joint = name.partition("_")
    return {"left": f"right_{joint}", "right": f"left_{joint}"}.get(side, name)


def _alignment(basis: BodyBasis, rest: RestBody, name: str, direction: np.ndarray | None) -> np.ndarray:
    """The smallest rotation [3, 3] from the body's rest direction of a limb to the clip's."""
    if direction is None or name not in FAR_ENDS:
        return np.eye(3)
    near, far = (rest.bone_heads[basis.bone(BONES[joint])] for joint in (name, FAR_ENDS[name]))
    return smallest_rotation(unit(far - near), direction)


def _local_rotations(basis: BodyBasis, world: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """World rotations of some bones -> rotations against their parents; the others move along."""
    turned: dict[int, np.ndarray] = {-1: np.eye(3)}
    local = {}
    for index in core_bones(basis.bone_names):
        bone, parent = basis.bone_names[index], int(basis.bone_parents[index])
        turned[index] = world.get(bone, turned[parent])
        if bone in world:
            local[bone] = turned[parent].T @ turned[index]
    return local
