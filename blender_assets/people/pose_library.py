"""A small library of poses of people in offices, in poses.json.

Angles are degrees about x, y, z of a person who faces -y with hanging arms, given for the left side; the right is
the mirror image (x, -y, -z). A bone without a side means both sides, or a middle bone.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from blender_assets.people.contact import Contacts, FootContact, HandGoal, HandPlace
from blender_assets.people.holding import Hold
from blender_assets.people.posture import SIDES, Side
from blender_assets.people.support import PoseKind

POSES_PATH = Path(__file__).with_name("poses.json")


class HandEntry(BaseModel):
    """Where a wrist rests, given for the left hand."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    at: HandPlace
    offset_m: tuple[float, float, float]


class PoseEntry(BaseModel):
    """One pose of the library; feet and hands without a side mean both ("LR")."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    kind: PoseKind
    activity: str
    bones: dict[str, tuple[float, float, float]]
    feet: dict[str, FootContact] = {}
    hands: dict[str, HandEntry] = {}
    hold: Hold | None = None


@lru_cache(maxsize=1)
def load_poses() -> tuple[PoseEntry, ...]:
    return tuple(
        PoseEntry.model_validate(entry) for entry in json.loads(POSES_PATH.read_text(encoding="utf-8"))
    )


def expand_sides(bones: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Full bone names: a limb without a side is written out for L and R; sides given explicitly win."""
    angles: dict[str, np.ndarray] = {}
    for name, degrees in sorted(bones.items(), key=lambda item: "." in item[0]):
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


def contacts_of(entry: PoseEntry, *, is_mirrored: bool) -> Contacts:
    """Feet stand flat where the entry says nothing else."""
    named: dict[Side, Side] = {"L": "R", "R": "L"} if is_mirrored else {"L": "L", "R": "R"}
    feet: dict[Side, FootContact] = {side: "flat" for side in SIDES}
    feet |= {side: contact for side in SIDES for key, contact in entry.feet.items() if named[side] in key}
    hands: dict[Side, HandGoal] = {
        side: HandGoal(hand.at, hand.offset_m)
        for side in SIDES
        for key, hand in entry.hands.items()
        if named[side] in key
    }
    return Contacts(feet, hands)
