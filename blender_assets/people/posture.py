"""A skeleton in a pose: where its joints are, and limbs that reach for a point (two-bone inverse kinematics).

Rotations are in world-aligned axes of the A-pose (x to the body's left, y to its back, z up), J bones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from blender_assets.people.body import BodyBasis, RestBody

Side = Literal["L", "R"]
SIDES: tuple[Side, Side] = ("L", "R")
# Fingers, toes and face hang on these and move no limb.
CORE_STEMS = (
    "root", "pelvis", "spine", "neck", "head", "clavicle", "shoulder", "upper", "lower", "wrist", "foot",
)  # fmt: skip
MAX_STRETCH = 0.997  # of the limb's length: a knee or elbow is never quite straight
MIN_FOLD_M = 0.02


@dataclass(frozen=True)
class Limb:
    """Names of the bones that start at the hip or shoulder, the knee or elbow, and the ankle or wrist."""

    upper: str
    lower: str
    end: str


def arm(side: Side) -> Limb:
    return Limb(f"upperarm01.{side}", f"lowerarm01.{side}", f"wrist.{side}")


def leg(side: Side) -> Limb:
    return Limb(f"upperleg01.{side}", f"lowerleg01.{side}", f"foot.{side}")


@dataclass(frozen=True)
class Posture:
    """turned [J, 3, 3] and heads [J, 3] (metres) follow from rotations; only core bones are filled in."""

    basis: BodyBasis
    rest: RestBody
    rotations: Mapping[str, np.ndarray]
    turned: np.ndarray
    heads: np.ndarray

    def joint(self, bone: str) -> np.ndarray:
        """[3] metres."""
        return self.heads[self.basis.bone(bone)]

    def rest_joint(self, bone: str) -> np.ndarray:
        return self.rest.bone_heads[self.basis.bone(bone)]

    def turn(self, bone: str) -> np.ndarray:
        """World rotation [3, 3] of a bone."""
        return self.turned[self.basis.bone(bone)]

    def turned_to(self, bone: str, turn: np.ndarray) -> "Posture":
        """The same posture with one bone's world rotation set; what hangs on the bone follows."""
        start = self.basis.bone(bone)
        parent = self.basis.bone_parents[start]
        local = turn if parent < 0 else self.turned[parent].T @ turn
        rotations = {**self.rotations, bone: local}
        turned, heads = self.turned.copy(), self.heads.copy()
        _follow(self.basis, self.rest, rotations, turned, heads, bones=_hanging_on(self.basis, start))
        return Posture(self.basis, self.rest, rotations, turned, heads)

    def length(self, limb: Limb) -> float:
        """Metres from hip to ankle or shoulder to wrist of the straight limb."""
        start, middle, end = (self.rest_joint(bone) for bone in (limb.upper, limb.lower, limb.end))
        return float(np.linalg.norm(middle - start) + np.linalg.norm(end - middle))


@lru_cache(maxsize=4)
def core_bones(names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(index for index, name in enumerate(names) if name.startswith(CORE_STEMS))


def take_posture(basis: BodyBasis, rest: RestBody, rotations: Mapping[str, np.ndarray]) -> Posture:
    """Forward kinematics of the core bones: a fifth of the cost of all of them."""
    turned = np.tile(np.eye(3), (len(basis.bone_names), 1, 1))
    heads = rest.bone_heads.astype(float)
    _follow(basis, rest, rotations, turned, heads, bones=core_bones(basis.bone_names))
    return Posture(basis, rest, rotations, turned, heads)


def _hanging_on(basis: BodyBasis, start: int) -> list[int]:
    """A core bone and those that hang on it, parents first."""
    moved = [start]
    for index in core_bones(basis.bone_names):
        if basis.bone_parents[index] in moved:
            moved.append(index)
    return moved


def _follow(
    basis: BodyBasis,
    rest: RestBody,
    rotations: Mapping[str, np.ndarray],
    turned: np.ndarray,
    heads: np.ndarray,
    *,
    bones: Sequence[int],
) -> None:
    """Fills in the rows of turned [J, 3, 3] and heads [J, 3] of some bones from those of their parents."""
    for index in bones:
        local, parent = rotations.get(basis.bone_names[index]), basis.bone_parents[index]
        if parent < 0:
            turned[index] = np.eye(3) if local is None else local
            continue
        turned[index] = turned[parent] if local is None else turned[parent] @ local
        heads[index] = heads[parent] + turned[parent] @ (rest.bone_heads[index] - rest.bone_heads[parent])


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.sqrt(vector @ vector)


def perpendicular(vector: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """The unit vector nearest to `vector` at a right angle to the unit vector `axis`."""
    return unit(vector - (vector @ axis) * axis)


def smallest_rotation(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """[3, 3] that takes one unit vector to another, not to its opposite."""
    axis, cosine = np.cross(start, end), float(start @ end)
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + cross + cross @ cross / (1 + cosine)


def frame(along: np.ndarray, hinge: np.ndarray) -> np.ndarray:
    """Rotation [3, 3] whose first two columns are a bone's direction and the axis about which it bends."""
    along = unit(along)
    hinge = perpendicular(hinge, along)
    return np.stack([along, hinge, np.cross(along, hinge)], axis=1)


def rest_hinge(posture: Posture, limb: Limb) -> np.ndarray:
    """Axis [3] about which the limb bends in the A-pose: elbows are bent there, knees are nearly straight."""
    if limb.end.startswith("foot"):
        return np.array([1.0, 0.0, 0.0])
    start, middle, end = (posture.rest_joint(bone) for bone in (limb.upper, limb.lower, limb.end))
    return unit(np.cross(middle - start, end - middle))


def swivelled(hinge: np.ndarray, axis: np.ndarray, angle_rad: float) -> np.ndarray:
    """`hinge` turned about the unit vector `axis`, to which it is perpendicular."""
    return np.cos(angle_rad) * hinge + np.sin(angle_rad) * np.cross(axis, hinge)


def reach(posture: Posture, limb: Limb, target: np.ndarray, *, swivel_rad: float = 0.0) -> Posture:
    """The limb's end joint at `target` [3], or as near as the limb is long; elbows and knees bend their own way.

    The plane of the limb stays as near to the present one as it can; swivel_rad turns it about shoulder-to-wrist.
    """
    rest_start, rest_middle, rest_end = (posture.rest_joint(b) for b in (limb.upper, limb.lower, limb.end))
    upper, lower = rest_middle - rest_start, rest_end - rest_middle
    a, b = np.linalg.norm(upper), np.linalg.norm(lower)
    offset = target - posture.joint(limb.upper)
    distance = np.clip(np.linalg.norm(offset), abs(a - b) + MIN_FOLD_M, MAX_STRETCH * (a + b))
    ahead, bend = unit(offset), rest_hinge(posture, limb)
    hinge = swivelled(perpendicular(posture.turn(limb.upper) @ bend, ahead), ahead, swivel_rad)
    cosine = (a**2 + distance**2 - b**2) / (2 * a * distance)
    upper_now = a * (cosine * ahead - np.sqrt(1 - cosine**2) * np.cross(hinge, ahead))
    lower_now = distance * ahead - upper_now
    bent = posture.turned_to(limb.upper, frame(upper_now, hinge) @ frame(upper, bend).T)
    return bent.turned_to(limb.lower, frame(lower_now, hinge) @ frame(lower, bend).T)
