"""Semantic parts of a person: the classes of the human parsing set CIHP with its numbers, and four more."""

from enum import IntEnum

import numpy as np

from blender_assets.people.body import BodyBasis


class Part(IntEnum):
    """1 to 19 are those of CIHP (Gong et al., ECCV 2018); left and right are the person's own.

    FACE is all skin of the head, eyes, and beard; the neck is TORSO_SKIN; a beanie and a headscarf are HAT; HELD is
    what is in the hands.
    """

    BACKGROUND = 0
    HAT = 1
    HAIR = 2
    GLOVE = 3
    GLASSES = 4
    UPPER_CLOTHES = 5
    DRESS = 6
    COAT = 7
    SOCKS = 8
    TROUSERS = 9
    TORSO_SKIN = 10
    SCARF = 11
    SKIRT = 12
    FACE = 13
    LEFT_ARM = 14
    RIGHT_ARM = 15
    LEFT_LEG = 16
    RIGHT_LEG = 17
    LEFT_SHOE = 18
    RIGHT_SHOE = 19
    BAG = 20
    FACE_MASK = 21
    LANYARD = 22
    HELD = 23


HIP_Z_M = -0.05  # template height where bare skin becomes a leg


def by_side(rest_x_m: np.ndarray, *, left: Part, right: Part) -> np.ndarray:
    """Parts uint8 [f] of faces whose template centres lie at rest_x_m [f]; +x is the person's left."""
    return np.where(rest_x_m > 0, left, right).astype(np.uint8)


def skin_parts(basis: BodyBasis, quads: np.ndarray) -> np.ndarray:
    """Parts uint8 [f] of bare skin: face, arms and legs by side, and torso (with the neck)."""
    centre = basis.template_m[quads].mean(axis=1)
    parts = np.full(len(quads), Part.TORSO_SKIN, dtype=np.uint8)
    for is_limb, left, right in (
        (centre[:, 2] < HIP_Z_M, Part.LEFT_LEG, Part.RIGHT_LEG),
        (basis.arm_weight[quads].mean(axis=1) > 0.5, Part.LEFT_ARM, Part.RIGHT_ARM),
    ):
        parts[is_limb] = by_side(centre[is_limb, 0], left=left, right=right)
    parts[basis.head_weight[quads].mean(axis=1) > 0.5] = Part.FACE
    return parts
