"""Takes the pose of a motion capture frame over to a body of other proportions.

Only rotations are taken: lengths are the body's own, and its feet are put on the floor afterwards. F frames.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blender_assets.people.body import BodyBasis, RestBody
from blender_assets.people.bvh import BvhClip, move_joints, read_bvh
from blender_assets.people.clip_reference import Moved, find_reference
from blender_assets.people.clip_up import find_up
from blender_assets.people.contact import FootContact
from blender_assets.people.known_skeletons import recognise
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
ANKLE_HEIGHT = 0.2  # of the leg's length: feet that stay higher over what is lowest stand on nothing
LEAST_RISE = 0.4  # of the lower leg's length, from the ankle to the knee of a leg that stands on its foot
FLOOR_PERCENTILE = 3.0
SHORTEST = 1e-3  # of the trunk: joints nearer to each other have no direction
SAMPLED_FRAMES = 500  # of the whole clip, for what all of its frames have in common
MIRROR = np.diag([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class MocapClip:
    """A clip in the body's axes, turned to face -y in every frame."""

    file: MocapFile
    first_frame: int  # of those taken, counted from 0 in the file
    turned: Mapping[str, np.ndarray]  # our joint -> [F, 3, 3] world rotation since the clip's reference pose
    rest_directions: Mapping[str, np.ndarray]  # limb -> [3] unit vector in the clip's reference pose
    feet: Mapping[Side, tuple[FootContact, ...]]  # [F]

    @property
    def num_frames(self) -> int:
        return len(self.turned["hips"])


def load_clip(file: MocapFile) -> MocapClip:
    """ValueError for a damaged file, a skeleton that is not understood, or frames that the clip lacks."""
    bvh = read_bvh(Path(file.path))
    try:
        return _understand(bvh, file)
    except ValueError as error:
        raise ValueError(f"mocap {file.name}: {error}") from None


def _understand(bvh: BvhClip, file: MocapFile) -> MocapClip:
    joints = _find_joints(bvh, file)
    first, last = _frame_range(file, len(bvh.channels))
    sampled = _move(bvh.frames(slice(None, None, -(-len(bvh.channels) // SAMPLED_FRAMES))), joints)
    moved = _move(bvh.frames(slice(first, last + 1)), joints)
    for each in (sampled, moved):
        _require_lengths(each)
    leg_length = _leg_length(sampled)
    reference = find_reference(_move(_zero_frame(bvh), joints), sampled)
    up = find_up(sampled.places, leg_length, zero_up=reference.up, kind=file.kind, wanted=file.up)
    axes = _axes_with(up)
    turned = {name: axes.T @ moved.turned[name] @ turn for name, turn in reference.turns.items()}
    facing = _facing_away(turned["hips"])
    return MocapClip(
        file=file,
        first_frame=first,
        turned={name: facing @ turn for name, turn in turned.items()},
        rest_directions=reference.directions,
        feet=_contacts({name: place @ up for name, place in moved.places.items()}, leg_length),
    )


def _find_joints(bvh: BvhClip, file: MocapFile) -> dict[str, int]:
    unknown = sorted(file.joint_map.keys() - CMU_JOINTS.keys())
    if unknown:
        raise ValueError(f"joint_map has the unknown joints {unknown}; known are {sorted(CMU_JOINTS)}")
    if not file.joint_map and (known := recognise(bvh)):
        return known
    names = {joint.name: k for k, joint in enumerate(bvh.joints)}
    wanted = {name: " ".join(joint.split()) for name, joint in (file.joint_map or CMU_JOINTS).items()}
    missing = {
        name: wanted.get(name, "(not in joint_map)") for name in CMU_JOINTS if wanted.get(name) not in names
    }
    needed = [
        f"{name}: {missing[name]}" for name in missing if name not in OPTIONAL or name in file.joint_map
    ]
    if needed:
        raise ValueError(
            f"it is of another skeleton: it lacks the joints {{{_some(needed, 120)}}} and has {_some(sorted(names), 160)}; "
            "give joint_map: {hips: <its name>, spine: ..., head: ..., left_upper_arm: ..., ...}"
        )
    twice = [joint for joint, count in Counter(joint.name for joint in bvh.joints).items() if count > 1]
    if unclear := sorted({wanted[name] for name in wanted if name not in missing} & set(twice)):
        raise ValueError(
            f"several of its joints are called {unclear[0][:60]!r}; export the clip of one person"
        )
    return {name: names[joint] for name, joint in wanted.items() if name not in missing}


def _some(words: list[str], characters: int) -> str:
    """As many words as have room, and how many there are."""
    text = ", ".join(words)
    return text if len(text) <= characters else f"{text[:characters]} .. ({len(words)} in all)"


def _frame_range(file: MocapFile, num_frames: int) -> tuple[int, int]:
    first = min(1, num_frames - 1) if file.first_frame is None else file.first_frame
    last = num_frames - 1 if file.last_frame is None else file.last_frame
    if not first <= last < num_frames:
        raise ValueError(
            f"first_frame {first} and last_frame {last} must lie in order within the clip's frames 0 to "
            f"{num_frames - 1}; change them"
        )
    return first, last


def _zero_frame(bvh: BvhClip) -> BvhClip:
    return BvhClip(bvh.joints, np.zeros((1, bvh.channels.shape[1])))


def _move(bvh: BvhClip, joints: Mapping[str, int]) -> Moved:
    hanging = {
        name: [k for k, each in enumerate(bvh.joints) if each.parent == joints[name]] for name in joints
    }
    turned, places = move_joints(bvh, {*joints.values(), *(k for name in joints for k in hanging[name])})
    ends = {}
    for name, index in joints.items():
        far = FAR_ENDS.get(name, name.replace("_foot", "_toe"))
        tip = bvh.joints[index].tip
        if far in joints and far != name:
            ends[name] = places[:, joints[far]]
        elif hanging[name]:
            ends[name] = places[:, hanging[name]].mean(axis=1)
        elif tip is not None:
            ends[name] = places[:, index] + turned[:, index] @ tip
    least = _least_length({name: places[:, joints[name]] for name in ("head", "hips")})
    return Moved(
        turned={name: turned[:, k] for name, k in joints.items()},
        places={name: places[:, k] for name, k in joints.items()},
        # Some skeletons end in a tip without length, which points nowhere.
        ends={
            name: end
            for name, end in ends.items()
            if np.linalg.norm(end - places[:, joints[name]], axis=1).min() > least
        },
    )


def _least_length(places: Mapping[str, np.ndarray]) -> float:
    """What is shorter, in the file's unit, has no direction."""
    trunk = np.linalg.norm(places["head"] - places["hips"], axis=1).max()
    return max(SHORTEST * float(trunk), 1e-6)


def _require_lengths(moved: Moved) -> None:
    """ValueError where joints that span a body coincide, in any frame."""
    pairs = [("head", "hips"), ("left_upper_leg", "right_upper_leg"), ("left_upper_arm", "right_upper_arm")]
    pairs += [(near, far) for near, far in FAR_ENDS.items() if far in moved.places]
    lengths = {pair: np.linalg.norm(moved.places[pair[0]] - moved.places[pair[1]], axis=1) for pair in pairs}
    least = _least_length(moved.places)
    for (one, other), found in lengths.items():
        if (found < least).any():
            raise ValueError(f"{one} and {other} are one point; mend joint_map, or export the clip again")


def _leg_length(moved: Moved) -> float:
    bones = [("left_upper_leg", "left_lower_leg"), ("left_lower_leg", "left_foot")]
    return sum(float(np.linalg.norm(moved.places[a] - moved.places[b], axis=1).mean()) for a, b in bones)


def _axes_with(up: np.ndarray) -> np.ndarray:
    """[3, 3], columns: body axes that stand upright in the file's; where they face is settled frame by frame."""
    left = np.roll(np.abs(up), 1)
    return np.stack([left, np.cross(up, left), up], axis=1)


def _facing_away(hips: np.ndarray) -> np.ndarray:
    """[F, 3, 3] turns about z that let every frame's hips [F, 3, 3] face -y."""
    ahead = -hips[:, :, 1]
    angle = np.arctan2(ahead[:, 0], -ahead[:, 1])
    c, s, zero, one = np.cos(angle), np.sin(angle), np.zeros(len(angle)), np.ones(len(angle))
    return np.stack([c, s, zero, -s, c, zero, zero, zero, one], axis=1).reshape(-1, 3, 3)


def _contacts(heights: Mapping[str, np.ndarray], leg_length: float) -> dict[Side, tuple[FootContact, ...]]:
    """Which part of each foot touches the clip's floor, from heights [F] of joints in the file's unit."""
    lowest = np.percentile(np.min(list(heights.values()), axis=0), FLOOR_PERCENTILE)

    def is_low(joint: str) -> dict[Side, np.ndarray]:
        both = {"L": heights[f"left_{joint}"], "R": heights[f"right_{joint}"]}
        floor = np.percentile(np.concatenate(list(both.values())), FLOOR_PERCENTILE)
        floor = min(floor, lowest + ANKLE_HEIGHT * leg_length)
        return {side: both[side] < floor + CONTACT_HEIGHT * leg_length for side in SIDES}

    ankle = is_low("foot")
    toe = is_low("toe") if {"left_toe", "right_toe"} <= heights.keys() else ankle
    stands = {
        side: heights[f"{name}_lower_leg"] - heights[f"{name}_foot"] > LEAST_RISE * leg_length / 2
        for side, name in zip(SIDES, ("left", "right"), strict=True)
    }
    kinds: dict[tuple[bool, bool], FootContact] = {
        (True, True): "flat", (True, False): "touching", (False, True): "touching", (False, False): "free",
    }  # fmt: skip
    return {
        side: tuple(
            kinds[bool(a and s), bool(t and s)]
            for a, t, s in zip(ankle[side], toe[side], stands[side], strict=True)
        )
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
