"""The trunk as a stack of ellipses, and arms that keep out of it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from blender_assets.people.body import BodyBasis, RestBody, bone_share, rotation_matrix
from blender_assets.people.posture import Posture, Side, arm, reach

TRUNK_STEMS = ("spine", "pelvis", "breast", "root")
SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
SLICE_M = 0.03
BELOW_SHOULDER_M = 0.09
ELBOW_RADIUS_M, WRIST_RADIUS_M = 0.05, 0.04  # with sleeves
ABDUCTION_STEP_DEG = 4.0
MAX_STEPS = 10
FLANK = 0.8  # of the half width


@dataclass(frozen=True)
class Trunk:
    """Cross-sections of the rest body, n slices from the hips up to the armpits."""

    z: np.ndarray  # [n] metres
    centre_y: np.ndarray  # [n]
    half_width: np.ndarray  # [n]
    half_depth: np.ndarray  # [n]


@dataclass(frozen=True)
class Depth:
    """How deep points lie: ratio [p] is below 1 inside; outside [p, 3] is the nearest point on the surface."""

    ratio: np.ndarray
    outside: np.ndarray


def measure_trunk(basis: BodyBasis, rest: RestBody) -> Trunk:
    used = np.unique(basis.faces["tights"])
    share = bone_share(basis.bone_weights[used], basis.bone_names, stems=TRUNK_STEMS)
    points = rest.vertices[used[share > 0.6]]
    low = rest.bone_heads[basis.bone("upperleg01.L"), 2] + 0.02
    high = rest.bone_heads[basis.bone("upperarm01.L"), 2] - BELOW_SHOULDER_M
    levels = np.arange(low, high, SLICE_M)
    slices = [points[np.abs(points[:, 2] - z) < SLICE_M] for z in levels]
    front = np.array([part[:, 1].min() for part in slices])
    back = np.array([part[:, 1].max() for part in slices])
    width = np.array([np.abs(part[:, 0]).max() for part in slices])
    return Trunk(z=levels, centre_y=(front + back) / 2, half_width=width, half_depth=(back - front) / 2)


def depth_in_trunk(posture: Posture, trunk: Trunk, points: np.ndarray, *, radius_m: float) -> Depth:
    """[p, 3] points against the bent trunk, grown by radius_m. Each vertebra carries its part of the stack."""
    ratio = np.full(len(points), np.inf)
    outside = points.copy()
    ends = [posture.rest_joint(bone)[2] for bone in SPINE[1:]] + [np.inf]
    lowest = -np.inf
    for bone, highest in zip(SPINE, ends, strict=True):
        turn, head, rest_head = posture.turn(bone), posture.joint(bone), posture.rest_joint(bone)
        local = (points - head) @ turn + rest_head
        z = local[:, 2]
        centre = np.stack([np.zeros(len(z)), np.interp(z, trunk.z, trunk.centre_y), z], axis=1)
        axes = [np.interp(z, trunk.z, half) + radius_m for half in (trunk.half_width, trunk.half_depth)]
        here = np.hypot(local[:, 0] / axes[0], (local[:, 1] - centre[:, 1]) / axes[1])
        is_beside = (z > max(lowest, trunk.z[0]) - 0.01) & (z < min(highest, trunk.z[-1]) + 0.01)
        is_deeper = is_beside & (here < ratio)
        pushed = _onto_ellipse(local - centre, axes[0], axes[1]) + centre
        outside = np.where(is_deeper[:, None], (pushed - rest_head) @ turn.T + head, outside)
        ratio = np.where(is_deeper, here, ratio)
        lowest = highest
    return Depth(ratio, outside)


def _onto_ellipse(offset: np.ndarray, half_width: np.ndarray, half_depth: np.ndarray) -> np.ndarray:
    """[p, 3] offsets from the centre moved out: forwards or backwards, at the flanks sideways too."""
    x, y = offset[:, 0] / half_width, offset[:, 1] / half_depth
    is_flank = np.abs(x) > FLANK
    along_y = np.copysign(np.sqrt(np.maximum(1 - x**2, 0.0)), y)
    grown = np.maximum(np.hypot(x, y), 0.05)
    x, y = np.where(is_flank, x / grown, x), np.where(is_flank, y / grown, along_y)
    return np.stack([x * half_width, y * half_depth, offset[:, 2]], axis=1)


def keep_arms_out(posture: Posture, trunk: Trunk, sides: Iterable[Side]) -> Posture:
    """The same posture with arms moved, as little as is needed, so that none runs through the trunk."""
    for side in sides:
        posture = _lift_elbow(posture, trunk, side)
        posture = _push_forearm(posture, trunk, side)
    return posture


def _lift_elbow(posture: Posture, trunk: Trunk, side: Side) -> Posture:
    limb = arm(side)
    outward = ABDUCTION_STEP_DEG * (-1 if side == "L" else 1)
    for _ in range(MAX_STEPS):
        shoulder, elbow = posture.joint(limb.upper), posture.joint(limb.lower)
        points = np.stack([0.5 * (shoulder + elbow), elbow])
        if (depth_in_trunk(posture, trunk, points, radius_m=ELBOW_RADIUS_M).ratio >= 1).all():
            break
        chest = posture.turn("spine01")
        lift = chest @ rotation_matrix((0.0, outward, 0.0)) @ chest.T
        posture = posture.turned_to(limb.upper, lift @ posture.turn(limb.upper))
    return posture


def _push_forearm(posture: Posture, trunk: Trunk, side: Side) -> Posture:
    """Moves the wrist by what the deepest point of forearm and hand has to move."""
    limb = arm(side)
    for _ in range(MAX_STEPS):
        elbow, wrist = posture.joint(limb.lower), posture.joint(limb.end)
        along = np.array([0.35, 0.7, 1.0, 1.3])  # the last lies in the palm
        points = elbow + along[:, None] * (wrist - elbow)
        depth = depth_in_trunk(posture, trunk, points, radius_m=WRIST_RADIUS_M)
        deepest = int(np.argmin(depth.ratio))
        if depth.ratio[deepest] >= 1:
            break
        push = (depth.outside - points)[deepest] / along[deepest]
        posture = reach(posture, limb, wrist + 1.05 * push)
    return posture
