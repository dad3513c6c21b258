"""A small library of office poses, with jitter, as bone rotations of the body.

Angles in poses.json are degrees about x, y, z of a person who faces -y with hanging arms, given for the left
side; the right is the mirror image (x, -y, -z). A bone without a side means both sides, or a middle bone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from blender_assets.people.body import ARM_BONES, BodyBasis, RestBody, rotation_matrix

PoseKind = Literal["standing", "sitting"]
POSES_PATH = Path(__file__).with_name("poses.json")
JITTER_DEGREES = {
    "spine": 2.5, "neck01": 5.0, "head": 6.0, "upperarm01": 6.0, "lowerarm01": 7.0, "wrist": 6.0,
    "upperleg01": 3.0, "lowerleg01": 4.0,
}  # fmt: skip
JITTERED_BONES = ("spine05", "spine03", "spine02", "neck01", "head")
JITTERED_LIMBS = ("upperarm01", "lowerarm01", "wrist", "upperleg01", "lowerleg01")
FINGER_CURL_DEGREES = 22.0
LEG_CLOSING_DEG = 4.5  # the A-pose stands with its feet 44 cm apart


@dataclass(frozen=True)
class Pose:
    kind: PoseKind
    name: str
    is_mirrored: bool
    angles_deg: dict[str, tuple[float, float, float]]  # by full bone name, in the convention of poses.json


def load_poses(kind: PoseKind) -> list[dict[str, Any]]:
    """Entries {name, bones} of a kind. ValueError for a kind that the library lacks."""
    library = json.loads(POSES_PATH.read_text())
    if kind not in library:
        raise ValueError(f"pose_kind must be one of {sorted(library)}, but was {kind!r}; pass one of those.")
    return library[kind]


def expand_sides(bones: Mapping[str, list[float]]) -> dict[str, np.ndarray]:
    """Full bone names: a limb without a side is written out for L and R; sides given explicitly win."""
    angles: dict[str, np.ndarray] = {}
    for name, degrees in bones.items():
        is_limb = name.startswith(("upper", "lower", "foot", "wrist"))
        for full in (f"{name}.L", f"{name}.R") if is_limb and "." not in name else (name,):
            angles[full] = np.asarray(degrees, dtype=float)
    return angles


def swap_sides(angles: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The mirror image: sides exchanged, middle bones turned the other way."""
    other = {"L": "R", "R": "L"}
    swapped = {}
    for name, degrees in angles.items():
        stem, _, side = name.partition(".")
        swapped[f"{stem}.{other[side]}" if side else name] = degrees if side else degrees * [1, -1, -1]
    return swapped


def curl_fingers(rng: np.random.Generator) -> dict[str, np.ndarray]:
    angles = {}
    for side in ("L", "R"):
        curl = FINGER_CURL_DEGREES * rng.uniform(0.5, 1.6)
        for finger in (2, 3, 4, 5):
            for joint in (1, 2):
                angles[f"finger{finger}-{joint}.{side}"] = np.array([0.0, curl, 0.0])
    return angles


def draw_pose(rng: np.random.Generator, kind: PoseKind, *, jitter_factor: float) -> Pose:
    """A library entry, mirrored half of the time, every listed joint turned by normal noise in degrees."""
    entries = load_poses(kind)
    entry = entries[int(rng.integers(len(entries)))]
    is_mirrored = bool(rng.random() < 0.5)
    angles = expand_sides(entry["bones"])
    angles = swap_sides(angles) if is_mirrored else angles
    angles = {**curl_fingers(rng), **angles}
    limbs = tuple(f"{limb}.{side}" for limb in JITTERED_LIMBS for side in ("L", "R"))
    for bone in JITTERED_BONES + limbs:
        std = next(value for stem, value in JITTER_DEGREES.items() if bone.startswith(stem))
        angles[bone] = angles.get(bone, np.zeros(3)) + rng.normal(0, std * jitter_factor, 3) * [1, 0.5, 0.8]
    rounded = {bone: (float(x), float(y), float(z)) for bone, (x, y, z) in angles.items()}
    return Pose(kind=kind, name=entry["name"], is_mirrored=is_mirrored, angles_deg=rounded)


def arm_lowering(basis: BodyBasis, rest: RestBody, side: str) -> np.ndarray:
    """Rotation [3, 3] that takes the upper arm of the A-pose to hanging straight down."""
    shoulder = rest.bone_heads[basis.bone(f"upperarm01.{side}")]
    elbow = rest.bone_heads[basis.bone(f"lowerarm01.{side}")]
    arm = elbow - shoulder
    return rotation_matrix((0.0, float(np.degrees(np.arctan2(arm[0], -arm[2]))), 0.0))


def pose_rotations(basis: BodyBasis, rest: RestBody, pose: Pose) -> dict[str, np.ndarray]:
    """Rotations [3, 3] by bone in the axes of the A-pose, as pose_body wants them."""
    lowering = {side: arm_lowering(basis, rest, side) for side in ("L", "R")}
    rotations = {f"upperarm01.{side}": lowering[side] for side in ("L", "R")}
    closing_deg = LEG_CLOSING_DEG if pose.kind == "standing" else 0.0
    for bone, degrees in pose.angles_deg.items():
        stem, _, side = bone.partition(".")
        degrees = np.array(degrees) + ([0, closing_deg, 0] if stem == "upperleg01" else [0, 0, 0])
        turn = rotation_matrix(degrees * ([1, -1, -1] if side == "R" else [1, 1, 1]))
        if side and stem.startswith(ARM_BONES):
            hanging = lowering[side]
            turn = turn @ hanging if stem == "upperarm01" else hanging.T @ turn @ hanging
        rotations[bone] = turn
    return rotations
