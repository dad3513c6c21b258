import re

import pytest

from blender_assets.people.bvh import BvhClip, parse_bvh
from blender_assets.people.known_skeletons import recognise
from tests.blender_assets.clips import MOTIONS

CENTRE = ("Hips", "LowerBack", "Spine", "Spine1", "Neck", "Head")
LIMBS = ("Shoulder", "Arm", "ForeArm", "Hand", "UpLeg", "Leg", "Foot", "ToeBase")


def named(centre: tuple[str, ...], limbs: tuple[str, ...], pattern: str, sides=("Left", "Right")) -> BvhClip:
    """The clip of the tests with other names; `pattern` joins side and part."""
    names = dict(zip(CENTRE, centre, strict=True))
    for given, side in zip(("Left", "Right"), sides, strict=True):
        names |= {
            f"{given}{old}": pattern.format(side=side, part=new)
            for old, new in zip(LIMBS, limbs, strict=True)
        }
    text = re.sub(r"(ROOT|JOINT) (\w+)", lambda found: f"{found[1]} {names[found[2]]}", MOTIONS["walk"])
    return parse_bvh(text)


@pytest.mark.parametrize(
    ("centre", "limbs", "pattern", "sides"),
    [
        (CENTRE, LIMBS, "{side}{part}", ("Left", "Right")),
        (tuple(f"mixamorig:{name}" for name in CENTRE), LIMBS, "mixamorig:{side}{part}", ("Left", "Right")),
        (tuple(f"mixamorig{name}" for name in CENTRE), LIMBS, "mixamorig{side}{part}", ("Left", "Right")),
        (tuple(f"Character1_{name}" for name in CENTRE), LIMBS, "Character1_{side}{part}", ("Left", "Right")),
        (tuple(f"Model_{name}" for name in CENTRE), LIMBS, "Model_{side}{part}", ("Left", "Right")),
        (
            tuple(f"First Actor {name}" for name in CENTRE),
            LIMBS,
            "First Actor {side}{part}",
            ("Left", "Right"),
        ),
        (tuple(f"actor:man:{name}" for name in CENTRE), LIMBS, "actor:man:{side}{part}", ("Left", "Right")),
        (tuple(f"Bip01 {name}" for name in CENTRE), LIMBS, "Bip01 {side}{part}", ("Left", "Right")),
        (
            ("Bip01 Pelvis", "Bip01 Spine", "Bip01 Spine1", "Bip01 Spine2", "Bip01 Neck", "Bip01 Head"),
            ("Clavicle", "UpperArm", "Forearm", "Hand", "Thigh", "Calf", "Foot", "Toe0"),
            "Bip01 {side} {part}",
            ("L", "R"),
        ),
        (
            ("Hips", "Spine1", "Spine2", "Spine4", "Neck", "Head"),
            ("Shoulder", "Arm", "ForeArm", "Hand", "Thigh", "Shin", "Foot", "Toe"),
            "{side}{part}",
            ("Left", "Right"),
        ),
        (
            ("Hips", "Chest", "Chest2", "Chest4", "Neck", "Head"),
            ("Collar", "Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle", "Toe"),
            "{side}{part}",
            ("Left", "Right"),
        ),
        (
            ("pelvis", "spine_01", "spine_02", "spine_03", "neck_01", "head"),
            ("clavicle", "upperarm", "lowerarm", "hand", "thigh", "calf", "foot", "ball"),
            "{part}_{side}",
            ("l", "r"),
        ),
        (
            ("Pelvis", "Spine1", "Spine2", "Spine3", "Neck", "Head"),
            ("Collar", "Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle", "Foot"),
            "{side}_{part}",
            ("L", "R"),
        ),
    ],
)
def test_joints_of_common_skeletons_are_found_by_name(centre, limbs, pattern, sides) -> None:
    clip = named(centre, limbs, pattern, sides)
    found = recognise(clip)
    assert found is not None and len(found) == 22
    names = {ours: clip.joints[index].name for ours, index in found.items()}
    assert [names[ours] for ours in ("hips", "lower_back", "spine", "chest", "neck", "head")] == list(centre)
    for ours, part in zip(
        ("shoulder", "upper_arm", "lower_arm", "hand", "upper_leg", "lower_leg", "foot", "toe"),
        limbs,
        strict=True,
    ):
        assert names[f"right_{ours}"] == pattern.format(side=sides[1], part=part)


def test_names_that_are_there_twice_or_named_in_two_ways_are_not_guessed() -> None:
    text = MOTIONS["walk"]
    assert recognise(parse_bvh(text.replace(" RightFoot ", " LeftFoot "))) is None
    assert recognise(parse_bvh(text.replace(" LeftUpLeg ", " l_thigh ").replace(" Head ", " skull "))) is None
    # An upper arm that hangs on the hand: the names lie.
    swapped = (
        text.replace(" LeftArm ", " tmp ").replace(" LeftHand ", " LeftArm ").replace(" tmp ", " LeftHand ")
    )
    assert recognise(parse_bvh(swapped)) is None
