"""Finds a body's joints in a skeleton by the names that programs and studios give them.

Known: CMU, LAFAN1, Mixamo, MotionBuilder, Rokoko, Xsens, 3ds Max bipeds, SMPL, Unreal, Unity and Poser, each also with a
prefix or a namespace. The trunk is found by what hangs on what, since the number of its joints differs most.
"""

import itertools
import re
from collections import Counter

from blender_assets.people.bvh import BvhClip

SIDES = {"left": ("left", "l"), "right": ("right", "r")}
# Names of the parts of a limb without side, likeliest first; "shoulder" and "hip" mean two things, hence whole sets.
ARMS: tuple[dict[str, tuple[str, ...]], ...] = (
    {
        "shoulder": ("shoulder", "collar", "clavicle"),
        "upper_arm": ("arm", "upperarm", "uparm"),
        "lower_arm": ("forearm", "lowerarm", "loarm"),
        "hand": ("hand", "wrist"),
    },
    {
        "shoulder": ("collar", "clavicle"),
        "upper_arm": ("shoulder", "shldr"),
        "lower_arm": ("elbow", "forearm"),
        "hand": ("wrist", "hand"),
    },
)
LEGS: tuple[dict[str, tuple[str, ...]], ...] = (
    {
        "upper_leg": ("upleg", "upperleg", "thigh"),
        "lower_leg": ("leg", "lowerleg", "shin", "calf"),
        "foot": ("foot", "ankle"),
        "toe": ("toebase", "toe", "toes", "toe0", "ball"),
    },
    {
        "upper_leg": ("hip",),
        "lower_leg": ("knee",),
        "foot": ("ankle",),
        "toe": ("toebase", "toe", "toes", "foot"),
    },
    {"upper_leg": ("hip",), "lower_leg": ("knee",), "foot": ("foot",), "toe": ("toebase", "toe", "toes")},
)
OPTIONAL_PARTS = {"shoulder", "hand", "toe"}
COMMON_SHARE = 0.6  # of the joints: what so many names begin with is a prefix


def recognise(clip: BvhClip) -> dict[str, int] | None:
    """Our joints -> numbers of the clip's; None for names that are unknown, incomplete or mean two joints."""
    named = plain_names(clip)
    limbs = [_find_limbs(clip, named, sets) for sets in (ARMS, LEGS)]
    head = named.get("head")
    if head is None or None in limbs:
        return None
    joints = {name: index for found in limbs if found is not None for name, index in found.items()}
    trunk = _find_trunk(clip, {**joints, "head": head})
    return None if trunk is None else trunk | joints


def plain_names(clip: BvhClip) -> dict[str, int]:
    """Names in small letters and digits, without prefix and namespace -> joints; what is there twice is left out."""
    names = [re.split(r"[:|]", joint.name)[-1].strip(' "') for joint in clip.joints]
    names = [re.sub(r"^mixamorig\d*[_ ]?", "", name) for name in names]
    while prefix := _common_prefix(names):
        names = [name.removeprefix(prefix) for name in names]
    plain = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in names]
    counts = Counter(plain)
    return {name: index for index, name in enumerate(plain) if counts[name] == 1}


def _common_prefix(names: list[str]) -> str:
    """The word, with what sets it off, that most names begin with; "" where there is none."""
    starts = Counter(match[0] for name in names if (match := re.match(r"[^ _.-]+[ _.-]+", name)))
    prefix, count = max(starts.items(), key=lambda item: item[1], default=("", 0))
    return prefix if count > COMMON_SHARE * len(names) else ""


def _find_limbs(
    clip: BvhClip, named: dict[str, int], sets: tuple[dict[str, tuple[str, ...]], ...]
) -> dict[str, int] | None:
    """Both arms or both legs, named in the same way, each joint hanging on the one before it."""
    for parts, is_first in itertools.product(sets, (True, False)):
        found: dict[str, int] = {}
        for side, marks in SIDES.items():
            for part, words in parts.items():
                for word, mark in itertools.product(words, marks):
                    index = named.get(f"{mark}{word}" if is_first else f"{word}{mark}")
                    if index is not None:
                        found.setdefault(f"{side}_{part}", index)
        if _is_complete(clip, found, list(parts)):
            return found
    return None


def _is_complete(clip: BvhClip, found: dict[str, int], parts: list[str]) -> bool:
    for side in SIDES:
        chain = [found[f"{side}_{part}"] for part in parts if f"{side}_{part}" in found]
        if any(f"{side}_{part}" not in found for part in parts if part not in OPTIONAL_PARTS):
            return False
        if any(above not in clip.path_to(below)[1:] for above, below in itertools.pairwise(chain)):
            return False
    return True


def _find_trunk(clip: BvhClip, joints: dict[str, int]) -> dict[str, int] | None:
    """hips where the legs meet, the spine from there to where the arms meet, the neck below the head."""
    hips = _meeting(clip, [joints["left_upper_leg"], joints["right_upper_leg"], joints["head"]])
    chest = _meeting(clip, [joints["left_upper_arm"], joints["right_upper_arm"], joints["head"]])
    if hips is None or chest is None:
        return None
    upwards = clip.path_to(joints["head"])[::-1]
    between = upwards[upwards.index(hips) + 1 : -1]
    necks = [index for index in between if "neck" in clip.joints[index].name.lower()]
    # Of a biped the arms hang on the neck.
    spine = [index for index in between if index not in necks and index <= max(chest, hips)]
    if not spine:
        return None
    trunk = {"hips": hips, "head": joints["head"]} | ({"neck": necks[0]} if necks else {})
    if len(spine) == 1:
        return trunk | {"spine": spine[0]}
    if len(spine) == 2:
        return trunk | {"spine": spine[0], "chest": spine[1]}
    return trunk | {"lower_back": spine[0], "spine": spine[len(spine) // 2], "chest": spine[-1]}


def _meeting(clip: BvhClip, joints: list[int]) -> int | None:
    """The last joint on which all of these hang."""
    paths = [clip.path_to(joint)[1:] for joint in joints]
    return next((index for index in paths[0] if all(index in path for path in paths[1:])), None)
