"""Poses as people take them: those of the library with jitter, and the frames of the user's clips."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np

from blender_assets.people.body import ARM_BONES, BodyBasis, RestBody, rotation_matrix
from blender_assets.people.contact import Contacts, HandGoal, settle
from blender_assets.people.holding import Hold, mirrored
from blender_assets.people.joint_limits import within_limits
from blender_assets.people.mocap import MocapClip, load_clip, retarget
from blender_assets.people.pose_library import PoseEntry, contacts_of, expand_sides, load_poses, swap_sides
from blender_assets.people.pose_settings import PoseSettings
from blender_assets.people.posture import SIDES, Posture, Side, smallest_rotation, take_posture, unit
from blender_assets.people.support import NO_SUPPORT, PoseKind, Support

JITTER_DEGREES = {
    "spine": 1.8, "neck01": 5.0, "head": 6.0, "upperarm01": 6.0, "lowerarm01": 7.0, "wrist": 6.0,
    "upperleg01": 3.0, "lowerleg01": 4.0,
}  # fmt: skip
JITTERED_BONES = ("spine05", "spine03", "spine02", "neck01", "head")
JITTERED_LIMBS = ("upperarm01", "lowerarm01", "wrist", "upperleg01", "lowerleg01")
HAND_JITTER_M = 0.012
FINGER_CURL_DEGREES = 22.0
LONE_ACTIVITIES = ("walking", "reaching")
DESK_ACTIVITIES = ("typing", "desk", "reaching")  # of sitting people
AT_DESK_FACTOR = 2.5  # how much likelier hands rest on a desk that is there
LEG_CLOSING_DEG = 4.5  # the A-pose stands with its feet 44 cm apart


@dataclass(frozen=True)
class Pose:
    kind: PoseKind
    name: str
    activity: str
    is_mirrored: bool
    angles_deg: dict[str, tuple[float, float, float]]  # by full bone name, in the convention of poses.json
    contacts: Contacts
    hold: Hold | None = None  # what the hands are ready for


@dataclass(frozen=True)
class ClipPose:
    """One frame of a clip."""

    clip: MocapClip
    frame: int
    is_mirrored: bool

    @property
    def contacts(self) -> Contacts:
        source: dict[Side, Side] = {"L": "R", "R": "L"} if self.is_mirrored else {"L": "L", "R": "R"}
        return Contacts({side: self.clip.feet[source[side]][self.frame] for side in SIDES}, {})


def curl_fingers(rng: np.random.Generator) -> dict[str, np.ndarray]:
    angles = {}
    for side in SIDES:
        curl = FINGER_CURL_DEGREES * rng.uniform(0.5, 1.6)
        for finger in (2, 3, 4, 5):
            for joint in (1, 2):
                angles[f"finger{finger}-{joint}.{side}"] = np.array([0.0, curl, 0.0])
    return angles


def jitter_angles(
    angles: Mapping[str, np.ndarray], rng: np.random.Generator, *, factor: float
) -> dict[str, np.ndarray]:
    """Every jittered joint turned by normal noise in degrees, within what the joint allows."""
    jittered = dict(angles)
    limbs = tuple(f"{limb}.{side}" for limb in JITTERED_LIMBS for side in SIDES)
    for bone in JITTERED_BONES + limbs:
        std = next(value for stem, value in JITTER_DEGREES.items() if bone.startswith(stem))
        noise = rng.normal(0, std * factor, 3) * [1, 0.5, 0.8]
        jittered[bone] = within_limits(bone, jittered.get(bone, np.zeros(3)) + noise)
    return jittered


def jitter_hands(contacts: Contacts, rng: np.random.Generator, *, factor: float) -> Contacts:
    noise = {side: rng.normal(0, HAND_JITTER_M * factor, 3) for side in SIDES}
    hands: dict[Side, HandGoal] = {
        side: replace(goal, offset_m=tuple((np.array(goal.offset_m) + noise[side]).tolist()))
        for side, goal in contacts.hands.items()
    }
    return Contacts(contacts.feet, hands)


class PoseBook:
    """The library and the user's clips, read once, with the weights by which they are drawn."""

    def __init__(self, settings: PoseSettings) -> None:
        """ValueError for an unknown activity or a clip that cannot be used."""
        activities = sorted({entry.activity for entry in load_poses()})
        unknown = sorted(settings.activity_weights.keys() - set(activities))
        if unknown:
            raise ValueError(f"poses.activity_weights names {unknown}, but known activities are {activities}")
        self.settings = settings
        self.clips = [load_clip(file) for file in settings.mocap]

    def draw(
        self, rng: np.random.Generator, kind: PoseKind, support: Support = NO_SUPPORT
    ) -> Pose | ClipPose:
        """ValueError for an unknown kind, or where the weights leave no pose of it."""
        if kind not in get_args(PoseKind):
            raise ValueError(
                f"pose_kind must be one of {sorted(get_args(PoseKind))}, but was {kind!r}; pass one of those."
            )
        chosen, is_mirrored = rng.random(), bool(rng.random() < 0.5)
        # A clip may walk or wave, so people in company and at desks take poses that suit.
        if not support.is_in_company and support.desk is None:
            for clip in (clip for clip in self.clips if clip.file.kind == kind):
                chosen -= clip.file.share
                if chosen < 0:
                    return ClipPose(clip, int(rng.integers(clip.num_frames)), is_mirrored)
        return self._draw_entry(rng, kind, support, is_mirrored=is_mirrored)

    def _draw_entry(
        self, rng: np.random.Generator, kind: PoseKind, support: Support, *, is_mirrored: bool
    ) -> Pose:
        entries = [entry for entry in load_poses() if entry.kind == kind]
        weights = np.array([self._weight(entry, support) for entry in entries])
        if weights.sum() == 0:
            raise ValueError(
                f"poses.activity_weights leaves no pose for {kind} people; give one of "
                f"{sorted({entry.activity for entry in entries})} a weight above 0"
            )
        entry = entries[int(rng.choice(len(entries), p=weights / weights.sum()))]
        return draw_variant(entry, rng, is_mirrored=is_mirrored, jitter_factor=self.settings.jitter_factor)

    def _weight(self, entry: PoseEntry, support: Support) -> float:
        is_busy_elsewhere = support.is_in_company and entry.activity in LONE_ACTIVITIES
        is_short_of_a_desk = (
            entry.activity in DESK_ACTIVITIES and support.desk is None and entry.kind == "sitting"
        )
        if is_busy_elsewhere or is_short_of_a_desk:
            return 0.0
        weight = self.settings.activity_weights.get(entry.activity, 1.0)
        uses_desk = support.desk is not None and any(hand.at == "desk" for hand in entry.hands.values())
        return weight * (AT_DESK_FACTOR if uses_desk else 1.0)


def draw_variant(
    entry: PoseEntry, rng: np.random.Generator, *, is_mirrored: bool, jitter_factor: float
) -> Pose:
    """A library entry with fingers curled and every joint and resting hand a little elsewhere."""
    angles = expand_sides(entry.bones)
    angles = swap_sides(angles) if is_mirrored else angles
    angles = jitter_angles({**curl_fingers(rng), **angles}, rng, factor=jitter_factor)
    return Pose(
        kind=entry.kind,
        name=entry.name,
        activity=entry.activity,
        is_mirrored=is_mirrored,
        angles_deg={bone: (float(x), float(y), float(z)) for bone, (x, y, z) in angles.items()},
        contacts=jitter_hands(contacts_of(entry, is_mirrored=is_mirrored), rng, factor=jitter_factor),
        hold=mirrored(entry.hold) if is_mirrored else entry.hold,
    )


LIBRARY = PoseBook(PoseSettings())


def describe_pose(pose: Pose | ClipPose) -> dict[str, Any]:
    """For the record: all that is needed to take the pose again."""
    if isinstance(pose, ClipPose):
        return {
            "pose_name": pose.clip.file.name,
            "pose_activity": "mocap",
            "pose_frame": pose.clip.first_frame + pose.frame,
            "pose_is_mirrored": pose.is_mirrored,
        }
    return {
        "pose_name": pose.name,
        "pose_activity": pose.activity,
        "pose_is_mirrored": pose.is_mirrored,
        "pose_angles_deg": pose.angles_deg,
    }


def pose_rotations(
    basis: BodyBasis,
    rest: RestBody,
    pose: Pose | ClipPose,
    kind: PoseKind,
    *,
    support: Support = NO_SUPPORT,
    scale: float = 1.0,
) -> Mapping[str, np.ndarray]:
    """Rotations [3, 3] by bone in the axes of the A-pose, as pose_body wants them, in touch with the support."""
    if isinstance(pose, ClipPose):
        posture = retarget(basis, rest, pose.clip, pose.frame, is_mirrored=pose.is_mirrored)
    else:
        posture = strike(basis, rest, pose)
    return settle(posture, kind, pose.contacts, support, scale=scale).rotations


def arm_lowering(basis: BodyBasis, rest: RestBody, side: str) -> np.ndarray:
    """Rotation [3, 3] that takes the upper arm of the A-pose to hanging straight down."""
    shoulder = rest.bone_heads[basis.bone(f"upperarm01.{side}")]
    elbow = rest.bone_heads[basis.bone(f"lowerarm01.{side}")]
    arm = elbow - shoulder
    return rotation_matrix((0.0, float(np.degrees(np.arctan2(arm[0], -arm[2]))), 0.0))


def elbow_straightening(rest: RestBody, basis: BodyBasis, side: str) -> np.ndarray:
    """Rotation [3, 3] that stretches the bent elbow of the A-pose, once the upper arm hangs."""
    elbow = rest.bone_heads[basis.bone(f"lowerarm01.{side}")]
    wrist = rest.bone_heads[basis.bone(f"wrist.{side}")]
    return smallest_rotation(
        arm_lowering(basis, rest, side) @ unit(wrist - elbow), np.array([0.0, 0.0, -1.0])
    )


def strike(basis: BodyBasis, rest: RestBody, pose: Pose) -> Posture:
    """The library's angles taken by a body."""
    lowering = {side: arm_lowering(basis, rest, side) for side in SIDES}
    straight = {side: elbow_straightening(rest, basis, side) for side in SIDES}
    rotations = {f"upperarm01.{side}": lowering[side] for side in SIDES}
    rotations |= {f"lowerarm01.{side}": lowering[side].T @ straight[side] @ lowering[side] for side in SIDES}
    closing_deg = LEG_CLOSING_DEG if pose.kind == "standing" else 0.0
    for bone, degrees in pose.angles_deg.items():
        stem, _, side = bone.partition(".")
        degrees = np.array(degrees) + ([0, closing_deg, 0] if stem == "upperleg01" else [0, 0, 0])
        turn = rotation_matrix(degrees * ([1, -1, -1] if side == "R" else [1, 1, 1]))
        if side and stem.startswith(ARM_BONES):
            hanging = lowering[side]
            turn = turn @ straight[side] if stem == "lowerarm01" else turn
            turn = turn @ hanging if stem == "upperarm01" else hanging.T @ turn @ hanging
        rotations[bone] = turn
    return take_posture(basis, rest, rotations)
