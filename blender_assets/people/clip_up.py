"""Which axis of a motion capture file points up: judged by its frames, and by its zero pose where that is a person.

A zero pose alone tells nothing: exporters lay all bones along one axis, or stand it along another axis than the frames.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from blender_assets.people.support import PoseKind

UpAxis = Literal["auto", "x", "y", "z", "-x", "-y", "-z"]
AXES: dict[str, np.ndarray] = {
    f"{sign}{axis}": (-1.0 if sign else 1.0) * np.eye(3)[k]
    for k, axis in enumerate("xyz")
    for sign in ("", "-")
}
# Where an upright person in all frames is 1: a zero pose counts less than frames, a floor as much as both.
ZERO_POSE_SCORE, FLOOR_SCORE, CLIMB_COST, LEAST_LEAD = 0.8, 1.8, 1.0, 0.25
# Where frames alone tell: who leans farther from an axis than 24 degrees may lie across two.
FRAMES_LEAD = 0.5
LEAST_UPRIGHT, LYING_SHARE = 0.5, 0.8  # of people who lie upright frames are not expected
# In leg lengths: joints lie in the body, the lowest above the floor by no more than a hand's breadth, the hips farther.
FLOOR_RANGE, LEAST_HIPS, CLIMB = (-0.08, 0.2), 0.06, 0.6
SUPPORT, LARGEST_REACH = 0.2, 0.7
LARGEST_TRAVEL = 0.7  # of the longest way: along which axis people travel, they do not stand


def find_up(
    places: Mapping[str, np.ndarray],
    leg_length: float,
    *,
    zero_up: np.ndarray | None,
    kind: PoseKind,
    wanted: UpAxis,
) -> np.ndarray:
    """[3] unit vector along an axis of the file. ValueError where two axes could be up.

    places: our joint -> [F, 3]; zero_up: where the head of the zero pose points, None where that is no person's.
    """
    if wanted != "auto":
        return AXES[wanted]
    upright = {name: _upright(places, axis) for name, axis in AXES.items()}
    floor = {name: _floor(places, axis, leg_length) for name, axis in AXES.items()}
    zero = {name: zero_up is not None and bool(zero_up @ axis > 0.7) for name, axis in AXES.items()}
    is_lying = kind == "lying"

    def score(name: str) -> float:
        return upright[name] * (1 - LYING_SHARE * is_lying) + ZERO_POSE_SCORE * zero[name] + floor[name]

    second, best = sorted(AXES, key=score)[-2:]
    # Without a floor frames and zero pose must say the same, if the zero pose says anything.
    is_told = floor[best] > 0 or (
        (zero[best] or not any(zero.values())) and (is_lying or upright[best] > LEAST_UPRIGHT)
    )
    least = LEAST_LEAD if floor[best] > 0 or zero[best] else FRAMES_LEAD
    if not is_told or score(best) - score(second) < least:
        raise ValueError(
            "its frames, the floor under them and its zero pose do not tell together which axis of the file points up, "
            f"{best} or {second}; name it, e.g. up: {min(best, second, key=len)}"
        )
    return AXES[best]


def _upright(places: Mapping[str, np.ndarray], axis: np.ndarray) -> float:
    """How far along the axis the frames stretch from feet to head, 0 to 1 on average."""
    feet = (places["left_foot"] + places["right_foot"]) / 2
    along = places["head"] - feet
    lengths = np.maximum(np.linalg.norm(along, axis=1), 1e-12)
    return float(np.maximum(along @ axis / lengths, 0).mean())


def _floor(places: Mapping[str, np.ndarray], axis: np.ndarray, leg_length: float) -> float:
    """For an axis on whose zero the lowest joints stay, against one along which the whole body travels."""
    lowest = np.min([found @ axis for found in places.values()], axis=0) / leg_length
    climb = _span(lowest)
    longest = max(_span(places["hips"][:, k] / leg_length) for k in range(3))
    if climb > CLIMB and climb > LARGEST_TRAVEL * longest:
        return -CLIMB_COST
    hips = float(np.median(places["hips"] @ axis)) / leg_length
    is_on_zero = (
        climb <= CLIMB and FLOOR_RANGE[0] <= np.median(lowest) <= FLOOR_RANGE[1] and hips > LEAST_HIPS
    )
    return FLOOR_SCORE if is_on_zero and _reach(places, axis, leg_length) < LARGEST_REACH else 0.0


def _reach(places: Mapping[str, np.ndarray], axis: np.ndarray, leg_length: float) -> float:
    """How far beside what rests on the floor the hips are, in leg lengths: people are not held up by an outer foot."""
    all_places = np.stack(list(places.values()), axis=1)
    heights = all_places @ axis
    is_low = (heights < heights.min(axis=1, keepdims=True) + SUPPORT * leg_length)[:, :, None]
    aside = places["hips"] - (all_places * is_low).sum(axis=1) / is_low.sum(axis=1)
    return float(np.median(np.linalg.norm(aside - (aside @ axis)[:, None] * axis, axis=1))) / leg_length


def _span(values: np.ndarray) -> float:
    low, high = np.percentile(values, [5, 95])
    return float(high - low)
