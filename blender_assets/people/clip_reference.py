"""The pose from which a clip's turns are counted: its zero pose where that is a person's, else one that its frames tell.

Body axes: x to the left, y to the back, z up. F frames. A joint's reference [3, 3] has body axes as columns, in the
joint's own axes: world rotation times reference is how far the joint turned since the reference pose.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from blender_assets.people.posture import frame, unit

TRUNK = ("hips", "lower_back", "spine", "chest", "neck", "head")
UPPER_TRUNK = ("chest", "neck", "head")
DOWN = np.array([0.0, 0.0, -1.0])
TOES = unit(np.array([0.0, -0.95, -0.3]))  # from the ankle to the ball of a standing body's foot
ALONG_AXIS = 0.94  # a zero pose that leans less than 20 degrees from an axis stands along it
STRAIGHT = 0.5
UNTWISTED = 0.9  # shoulders of a person are turned against the hips by less than 25 degrees
LEG_DOWN = 0.7
TOES_AHEAD = 0.3
# An arm that points up or through the trunk, or whose collar bone does not lead outwards, is none of a T-pose or A-pose.
ARM_UP, ARM_ACROSS, COLLAR_OUT = 0.5, -0.3, 0.5
PRIOR = 0.1  # weight of the usual axis of a knee or elbow, beside the sine of the angle by which it is bent
HINGES = {"leg": np.array([1.0, 0.0, 0.0]), "arm": np.array([-1.0, 0.0, 0.0])}  # of a hanging limb


@dataclass(frozen=True)
class Moved:
    """By our joints: world rotations [F, 3, 3], places [F, 3], and ends [F, 3] of the bones that are known to end."""

    turned: Mapping[str, np.ndarray]
    places: Mapping[str, np.ndarray]
    ends: Mapping[str, np.ndarray]

    def direction(self, joint: str) -> np.ndarray:
        """[F, 3] unit vectors along a bone; zero where it has no length or no known end."""
        return unit_rows(self.ends.get(joint, self.places[joint]) - self.places[joint])

    def across(self, joint: str) -> np.ndarray:
        """[F, 3] unit vectors from the right one of a pair of joints to the left one."""
        return unit_rows(self.places[f"left_{joint}"] - self.places[f"right_{joint}"])

    def up_trunk(self) -> np.ndarray:
        """[F, 3] unit vectors from between the hip joints to the head."""
        return unit_rows(
            self.places["head"] - (self.places["left_upper_leg"] + self.places["right_upper_leg"]) / 2
        )


@dataclass(frozen=True)
class Reference:
    turns: Mapping[str, np.ndarray]  # our joint -> [3, 3]; a joint without follows the one before it
    directions: Mapping[str, np.ndarray]  # our joint of a limb -> [3] where the limb points, in body axes
    up: (
        np.ndarray | None
    )  # [3] where the zero pose's head points, in the file's axes; None where it is no person's


def find_reference(zero: Moved, moved: Moved) -> Reference:
    """`zero`: the zero pose as one frame; `moved`: frames of the whole clip."""
    axes = _zero_axes(zero)
    trunk = [name for name in TRUNK if name in moved.turned]
    turns = _trunk_by_frames(moved) if axes is None else dict.fromkeys(trunk, axes)
    directions: dict[str, np.ndarray] = {}
    for side in ("left", "right"):
        for limb in (_leg(side), _arm(side)):
            if axes is not None and _is_usual(zero, axes, limb):
                turns |= {joint: axes for joint in limb.joints if joint in moved.turned}
                directions |= {
                    bone: axes.T @ zero.direction(bone)[0] for bone in limb.bones if bone in zero.ends
                }
            else:
                turns |= _limb_by_frames(zero, moved, turns, limb)
                directions |= {joint: DOWN for joint in limb.bones if joint in turns}
    is_person = axes is not None and all(_hangs(zero, axes, _leg(side)) for side in ("left", "right"))
    return Reference(turns, directions, axes[:, 2] if axes is not None and is_person else None)


@dataclass(frozen=True)
class _Limb:
    """Our joints of an arm or a leg: `first` moves the limb's root, the two bones bend, `last` is hand or foot."""

    side: str
    bones: tuple[str, str]
    last: str
    first: str | None = None

    @property
    def joints(self) -> list[str]:
        return [joint for joint in (self.first, *self.bones, self.last) if joint is not None]


def _leg(side: str) -> _Limb:
    return _Limb(side, (f"{side}_upper_leg", f"{side}_lower_leg"), f"{side}_foot")


def _arm(side: str) -> _Limb:
    return _Limb(side, (f"{side}_upper_arm", f"{side}_lower_arm"), f"{side}_hand", f"{side}_shoulder")


def _zero_axes(zero: Moved) -> np.ndarray | None:
    """Body axes [3, 3] in the file's axes, where the zero pose has a straight trunk, whichever way it lies."""
    rise = zero.up_trunk()[0]
    spine = [zero.places[name][0] for name in TRUNK if name in zero.places]
    steps = [unit_rows(above - below) for below, above in itertools.pairwise(spine)]
    is_straight = all(not step.any() or step @ rise > STRAIGHT for step in steps)
    hips, shoulders = zero.across("upper_leg")[0], zero.across("upper_arm")[0]
    if not (is_straight and rise.any() and abs(hips @ rise) < STRAIGHT and hips @ shoulders > UNTWISTED):
        return None
    rise = unit(spine[-1] - spine[0])
    nearest = int(np.argmax(np.abs(rise)))
    up = np.eye(3)[nearest] * np.sign(rise[nearest]) if abs(rise[nearest]) > ALONG_AXIS else rise
    return _axes(hips[None], up[None])[0]


def _axes(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """[F, 3, 3], columns: left, back and up, from unit vectors [F, 3]."""
    left = _perpendicular_rows(across, up)
    return np.stack([left, np.cross(up, left), up], axis=2)


def _hangs(zero: Moved, axes: np.ndarray, limb: _Limb) -> bool:
    return all(zero.direction(bone)[0] @ axes[:, 2] < -LEG_DOWN for bone in limb.bones)


def _is_usual(zero: Moved, axes: np.ndarray, limb: _Limb) -> bool:
    """Whether a limb of the zero pose is where people have it, so that its joints' turns count from there."""
    if limb.first is None:
        are_toes_ahead = limb.last not in zero.ends or zero.direction(limb.last)[0] @ -axes[:, 1] > TOES_AHEAD
        return _hangs(zero, axes, limb) and are_toes_ahead
    outward = axes[:, 0] * (1 if limb.side == "left" else -1)
    collar = zero.direction(limb.first)[0] if limb.first in zero.ends else np.zeros(3)
    if collar.any() and collar @ outward < COLLAR_OUT:
        return False
    bones = [zero.direction(bone)[0] for bone in limb.bones if bone in zero.ends]
    return all(bone.any() and bone @ axes[:, 2] < ARM_UP and bone @ outward > ARM_ACROSS for bone in bones)


def _trunk_by_frames(moved: Moved) -> dict[str, np.ndarray]:
    """As if the trunk were straight, and the head looked ahead, on average over the frames."""
    up = moved.up_trunk()
    axes = {joint: _axes(moved.across(joint), up) for joint in ("upper_leg", "upper_arm")}
    return {
        name: _mean_rotation(
            moved.turned[name].transpose(0, 2, 1) @ axes["upper_arm" if name in UPPER_TRUNK else "upper_leg"]
        )
        for name in TRUNK
        if name in moved.turned
    }


def _limb_by_frames(
    zero: Moved, moved: Moved, turns: Mapping[str, np.ndarray], limb: _Limb
) -> dict[str, np.ndarray]:
    """As if the limb hung straight: bones lie where the frames have them, and bend about the axis of knee or elbow."""
    upper, lower = limb.bones
    axis = HINGES["leg" if limb.first is None else "arm"]
    bend = np.cross(moved.direction(upper), moved.direction(lower))
    hinge = bend + PRIOR * _usual_hinge(moved, turns, limb)
    found = {
        bone: _turn(moved.turned[bone], moved.direction(bone), hinge) @ frame(DOWN, axis).T
        for bone in limb.bones
        if bone in moved.ends
    }
    if limb.last not in moved.ends:
        return found
    if limb.first is None:
        toes = _turn(moved.turned[limb.last], moved.direction(limb.last), hinge)
        return {**found, limb.last: toes @ frame(TOES, axis).T}
    is_straight = zero.direction(limb.last)[0] @ zero.direction(lower)[0] > STRAIGHT
    return {**found, limb.last: found[lower]} if is_straight and lower in found else found


def _usual_hinge(moved: Moved, turns: Mapping[str, np.ndarray], limb: _Limb) -> np.ndarray:
    """[F, 3]: about what a knee or elbow bends that is hardly bent, at most 2 long."""
    if limb.first is None:
        return moved.turned["hips"] @ turns["hips"][:, 0]
    trunk = "chest" if "chest" in turns else "spine"
    axes = moved.turned[trunk] @ turns[trunk]
    arm = np.einsum("fba,fb->fa", axes, moved.direction(limb.bones[0]))
    # The smallest rotation from the hanging arm, times 1 + cosine: nothing where the arm points straight up.
    hinge = HINGES["arm"]
    swung = (1 + arm @ DOWN)[:, None] * hinge - (arm @ hinge)[:, None] * (DOWN + arm)
    return np.einsum("fab,fb->fa", axes, swung)


def _turn(turned: np.ndarray, along: np.ndarray, hinge: np.ndarray) -> np.ndarray:
    """[3, 3] in the joint's own axes: the bone, its hinge, and what is perpendicular to both, over all frames."""
    own_along = np.einsum("fba,fb->fa", turned, along)
    mean = own_along.mean(axis=0)
    # Bones of clips that move joints apart may have no direction of their own.
    bone = unit(mean if np.linalg.norm(mean) > STRAIGHT else own_along[0])
    own_hinge = np.einsum("fba,fb->fa", turned, hinge).mean(axis=0)
    return frame(bone, _perpendicular_rows(own_hinge[None], bone[None])[0])


def _mean_rotation(rotations: np.ndarray) -> np.ndarray:
    """[F, 3, 3] -> the nearest rotation [3, 3] to their mean."""
    left, _, right = np.linalg.svd(rotations.mean(axis=0))
    return left @ np.diag([1.0, 1.0, np.linalg.det(left @ right)]) @ right


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Vectors [.., 3] at length 1; those without length stay zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.where(lengths > 1e-9, vectors / np.maximum(lengths, 1e-9), 0.0)


def _perpendicular_rows(vectors: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """[F, 3] unit vectors at right angles to unit vectors `axes`, near `vectors`, or anywhere where these are parallel."""
    anywhere = np.eye(3)[np.argmin(np.abs(axes), axis=1)]
    tried = [each - (each * axes).sum(axis=1, keepdims=True) * axes for each in (vectors, anywhere)]
    is_parallel = np.linalg.norm(tried[0], axis=1, keepdims=True) < 1e-6
    return unit_rows(np.where(is_parallel, tried[1], tried[0]))
