"""Brings a posture into touch with its surroundings: soles on the floor, pelvis on the seat, hands where they rest."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from blender_assets.people.body import BodyBasis, bone_share
from blender_assets.people.posture import SIDES, Posture, Side, arm, core_bones, frame, leg, reach
from blender_assets.people.support import Desk, PoseKind, Support
from blender_assets.people.trunk import keep_arms_out, measure_trunk

# flat: the whole sole on the floor; touching: heel or toes, at the foot's own angle; free: held up on purpose.
FootContact = Literal["flat", "touching", "free"]
HandPlace = Literal["head", "chest", "pelvis", "thigh", "other_thigh", "desk", "floor"]
SEAT_HEIGHT_M = (0.41, 0.52)  # of chairs that suit the sitter
UNDER_PELVIS_M = 0.12
TROUSERS_M = 0.008
SEAT_ROUNDS = 2
PALM_M = 0.05  # from a desk's top up to the wrist
FOREARM_M = 0.065  # from a desk's edge up to the middle of the forearm
FARTHEST_HAND = 0.93  # of the arm's length
PELVIS_STEMS = ("pelvis", "upperleg", "root", "spine05", "spine04")


@dataclass(frozen=True)
class HandGoal:
    """Where a wrist rests: metres [3] from a joint, in its bone's axes; for the desk from the edge's middle.

    On the floor it rests straight below where it is.
    """

    at: HandPlace
    offset_m: tuple[float, float, float]


INSTEAD_OF_DESK = HandGoal("thigh", (0.0, -0.1, 0.14))


@dataclass(frozen=True)
class Contacts:
    """What touches what in a pose. A side without a goal keeps its arm as posed."""

    feet: Mapping[Side, FootContact]
    hands: Mapping[Side, HandGoal]


Soles = Mapping[Side, np.ndarray]  # [n, 3] the foot's surface around its ankle in the A-pose, metres


def settle(
    posture: Posture, kind: PoseKind, contacts: Contacts, support: Support, *, scale: float
) -> Posture:
    """The posture in touch with floor, seat and desk; lengths of the support are metres of the scaled body."""
    soles: Soles = {side: _foot_surface(posture, side) for side in SIDES}
    if kind == "lying":
        floor_z = lowest_of_trunk(posture)
        posture = _put_feet_on(posture, soles, contacts.feet, floor_z)
    elif kind == "sitting":
        posture, floor_z = _sit(posture, soles, contacts.feet, support.seat_height_m, scale)
    else:
        posture, floor_z = _stand(posture, soles, contacts.feet)
    desk = _desk_in_body(support.desk, scale)
    goals: dict[Side, HandGoal] = {side: goal for side, goal in contacts.hands.items() if goal.at != "desk"}
    on_desk: dict[Side, HandGoal] = {side: goal for side, goal in contacts.hands.items() if goal.at == "desk"}
    for side, goal in on_desk.items():
        reached = desk and _rest_on_desk(posture, side, goal, desk, floor_z)
        posture, goals = (reached, goals) if reached else (posture, {**goals, side: INSTEAD_OF_DESK})
    for side, goal in goals.items():
        posture = _rest_hand(posture, side, goal, floor_z)
    held_out: list[Side] = [side for side in SIDES if side in goals or side not in contacts.hands]
    return keep_arms_out(posture, measure_trunk(posture.basis, posture.rest), held_out)


def _desk_in_body(desk: Desk | None, scale: float) -> Desk | None:
    return None if desk is None else Desk(desk.height_m / scale, desk.edge_m / scale)


def _sit(
    posture: Posture,
    soles: Soles,
    feet: Mapping[Side, FootContact],
    seat_height_m: float | None,
    scale: float,
) -> tuple[Posture, float]:
    """Legs bent so that the soles are seat_height_m below the seat; thighs move the seat, hence the rounds."""
    for _ in range(SEAT_ROUNDS):
        seat_z = lowest_of_pelvis(posture)
        natural_m = (seat_z - _lowest_sole(posture, soles, feet)) * scale
        seat_height_m = float(np.clip(natural_m, *SEAT_HEIGHT_M)) if seat_height_m is None else seat_height_m
        floor_z = seat_z - seat_height_m / scale
        posture = _put_feet_on(posture, soles, feet, floor_z)
    return posture, floor_z


def _stand(posture: Posture, soles: Soles, feet: Mapping[Side, FootContact]) -> tuple[Posture, float]:
    """The floor under the lowest sole, or higher where another touching foot could not reach it."""
    floor_z = _lowest_sole(posture, soles, feet)
    for side in SIDES:
        if feet[side] != "free":
            hip, ankle = posture.joint(leg(side).upper), posture.joint(leg(side).end)
            across = np.linalg.norm((ankle - hip)[:2])
            drop = np.sqrt(max((0.99 * posture.length(leg(side))) ** 2 - across**2, 0.0))
            floor_z = max(
                floor_z, hip[2] - drop - _ankle_height(soles[side], _foot_turn(posture, side, feet))
            )
    return _put_feet_on(posture, soles, feet, floor_z), floor_z


def _put_feet_on(posture: Posture, soles: Soles, feet: Mapping[Side, FootContact], floor_z: float) -> Posture:
    for side in SIDES:
        limb, turn = leg(side), _foot_turn(posture, side, feet)
        height = _ankle_height(soles[side], turn)
        ankle = posture.joint(limb.end)
        if feet[side] == "free" and ankle[2] - height >= floor_z:
            continue
        hip = posture.joint(limb.upper)
        target = np.array([*ankle[:2], floor_z + height])
        farthest = np.sqrt(max((0.99 * posture.length(limb)) ** 2 - (target[2] - hip[2]) ** 2, 0.0))
        across = np.linalg.norm((target - hip)[:2])
        if across > farthest:
            target[:2] = hip[:2] + (target - hip)[:2] * farthest / across
        posture = reach(posture, limb, target).turned_to(limb.end, turn)
    return posture


def _foot_turn(posture: Posture, side: Side, feet: Mapping[Side, FootContact]) -> np.ndarray:
    """World rotation [3, 3] of the foot: a flat one keeps only its heading."""
    turn = posture.turn(leg(side).end)
    if feet[side] != "flat":
        return turn
    ahead = -turn[:, 1]
    angle = np.arctan2(ahead[0], -ahead[1])
    return np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]])


def _ankle_height(sole: np.ndarray, turn: np.ndarray) -> float:
    """Metres from the foot's lowest point up to its ankle, with the foot turned so."""
    return -float((sole @ turn[2]).min())


def _lowest_sole(posture: Posture, soles: Soles, feet: Mapping[Side, FootContact]) -> float:
    """z of the lower foot, of those that touch the floor if any does."""
    touching: list[Side] = [side for side in SIDES if feet[side] != "free"] or list(SIDES)
    return min(
        float(posture.joint(leg(side).end)[2]) - _ankle_height(soles[side], _foot_turn(posture, side, feet))
        for side in touching
    )


def _foot_surface(posture: Posture, side: Side) -> np.ndarray:
    basis = posture.basis
    used = np.unique(basis.faces["tights"])
    bones = [
        k for k, name in enumerate(basis.bone_names) if name.startswith(("foot", "toe")) and name[-1] == side
    ]
    is_foot = basis.bone_weights[used][:, bones].sum(axis=1) > 0.9
    return posture.rest.vertices[used[is_foot]] - posture.rest_joint(leg(side).end)


def lowest_of_pelvis(posture: Posture) -> float:
    """z of a sitter's underside, trousers included."""
    points = _skinned(posture, _pelvis_vertices(posture.basis))
    centre = hip_centre(posture)[:2]
    return (
        float(points[np.linalg.norm(points[:, :2] - centre, axis=1) < UNDER_PELVIS_M, 2].min()) - TROUSERS_M
    )


def hip_centre(posture: Posture) -> np.ndarray:
    """[3] the middle of the hips: a person's origin lies under it."""
    basis = posture.basis
    used = np.unique(basis.faces["tights"])
    hips = used[basis.bone_weights[used, basis.bone("spine05")] > 0.2]
    offset = posture.rest.vertices[hips].mean(axis=0) - posture.rest_joint("spine05")
    return posture.joint("spine05") + posture.turn("spine05") @ offset


def lowest_of_trunk(posture: Posture) -> float:
    """z of what a lying person lies on: trunk and head."""
    basis = posture.basis
    used = np.unique(np.concatenate([basis.faces["tights"].ravel(), np.flatnonzero(basis.head_weight > 0.5)]))
    # The posture leaves toes, fingers and jaw where they rest.
    is_followed = basis.bone_weights[used][:, core_bones(basis.bone_names)].sum(axis=1) > 0.999
    leg_weight = bone_share(
        basis.bone_weights[used], basis.bone_names, stems=("upperleg", "lowerleg", "foot")
    )
    lying = used[is_followed & (basis.arm_weight[used] + leg_weight < 0.5)]
    return float(_skinned(posture, lying)[:, 2].min()) - TROUSERS_M


def _pelvis_vertices(basis: BodyBasis) -> np.ndarray:
    used = np.unique(basis.faces["tights"])
    share = bone_share(basis.bone_weights[used], basis.bone_names, stems=PELVIS_STEMS)
    return used[share > 0.7]


def _skinned(posture: Posture, vertices: np.ndarray) -> np.ndarray:
    """[n, 3] metres: linear blend skinning of a few vertices."""
    shifts = posture.heads - np.einsum("jab,jb->ja", posture.turned, posture.rest.bone_heads)
    affine = np.concatenate([posture.turned, shifts[:, :, None]], axis=2)
    blended = (posture.basis.bone_weights[vertices] @ affine.reshape(len(affine), 12)).reshape(-1, 3, 4)
    return np.einsum("vab,vb->va", blended[:, :, :3], posture.rest.vertices[vertices]) + blended[:, :, 3]


def _offset(side: Side, goal: HandGoal) -> np.ndarray:
    return np.array(goal.offset_m) * [1 if side == "L" else -1, 1, 1]


def _rest_hand(posture: Posture, side: Side, goal: HandGoal, floor_z: float) -> Posture:
    limb = arm(side)
    if goal.at == "floor":
        wrist = posture.joint(limb.end)
        return _level_hand(reach(posture, limb, np.array([*wrist[:2], floor_z + PALM_M])), side)
    other = "R" if side == "L" else "L"
    joint, bone = {
        "head": ("head", "head"),
        "chest": ("spine01", "spine01"),
        "pelvis": ("spine05", "spine05"),
        "thigh": (leg(side).lower, leg(side).upper),
        "other_thigh": (leg(other).lower, leg(other).upper),
    }[goal.at]
    reached = reach(posture, limb, posture.joint(joint) + posture.turn(bone) @ _offset(side, goal))
    return _level_hand(reached, side) if goal.at in ("thigh", "other_thigh") else reached


def _rest_on_desk(posture: Posture, side: Side, goal: HandGoal, desk: Desk, floor_z: float) -> Posture | None:
    """The hand on the desk's top, nearer the edge where the arm is too short; None where even that fails."""
    limb, shoulder, offset = arm(side), posture.joint(arm(side).upper), _offset(side, goal)
    farthest = FARTHEST_HAND * posture.length(limb)
    edge_y = hip_centre(posture)[1] - desk.edge_m
    top_z = floor_z + desk.height_m + PALM_M
    for depth in np.linspace(offset[1], -0.02, 5):
        target = np.array([offset[0], edge_y + depth, top_z + offset[2]])
        if np.linalg.norm(target - shoulder) < farthest:
            return _clear_edge(posture, side, target, top_z + FOREARM_M - PALM_M, edge_y)
    return None


def _clear_edge(posture: Posture, side: Side, wrist: np.ndarray, least_z: float, edge_y: float) -> Posture:
    """Swings the elbow outwards until the forearm passes over the desk's edge."""
    limb, best, best_z = arm(side), posture, -np.inf
    outward = 1 if side == "L" else -1
    for degrees in (0, 15, 30, 45, 60, 75):
        tried = reach(posture, limb, wrist, swivel_rad=outward * np.radians(degrees))
        elbow = tried.joint(limb.lower)
        share = np.clip((edge_y - elbow[1]) / (wrist[1] - elbow[1]), 0, 1) if wrist[1] < elbow[1] else 0.0
        z = elbow[2] + share * (wrist[2] - elbow[2])
        if z > best_z:
            best, best_z = tried, z
        if best_z >= least_z:
            break
    return _level_hand(best, side)


def _level_hand(posture: Posture, side: Side) -> Posture:
    """The hand turned palm down with straight fingers, pointing where the forearm points."""
    limb, basis = arm(side), posture.basis
    heads = posture.rest.bone_heads
    wrist, index, little = (
        heads[basis.bone(f"{bone}.{side}")] for bone in ("wrist", "finger2-1", "finger5-1")
    )
    ahead = posture.joint(limb.end) - posture.joint(limb.lower)
    ahead = np.array([ahead[0], ahead[1], 0.0])
    if np.linalg.norm(ahead) < 0.05:
        return posture
    outward = np.cross(ahead, [0.0, 0.0, 1.0]) * (-1 if side == "L" else 1)
    rest_frame = frame((index + little) / 2 - wrist, little - index)
    curled = posture.rotations
    straight = {bone: curled[bone] for bone in curled if not (bone.startswith("finger") and bone[-1] == side)}
    return replace(posture, rotations=straight).turned_to(limb.end, frame(ahead, outward) @ rest_frame.T)
