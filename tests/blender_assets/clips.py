"""A small motion capture clip of our own, in the names of the CMU skeleton."""

# (name, offset, children): a T-pose, y up, facing +z, in centimetres.
LIMBS = {"Left": 1, "Right": -1}


def limb_joints(side: str) -> tuple[tuple, tuple]:
    x = LIMBS[side]
    leg = (f"{side}UpLeg", (10 * x, 0, 0), [(f"{side}Leg", (0, -42, 0), [
        (f"{side}Foot", (0, -40, 0), [(f"{side}ToeBase", (0, -6, 14), [])])])])  # fmt: skip
    arm = (f"{side}Shoulder", (4 * x, 20, 0), [(f"{side}Arm", (12 * x, 0, 0), [
        (f"{side}ForeArm", (28 * x, 0, 0), [(f"{side}Hand", (25 * x, 0, 0), [])])])])  # fmt: skip
    return leg, arm


def skeleton() -> tuple:
    (left_leg, left_arm), (right_leg, right_arm) = limb_joints("Left"), limb_joints("Right")
    head = ("Neck", (0, 22, 0), [("Head", (0, 8, 0), [])])
    chest = ("Spine1", (0, 12, 0), [head, left_arm, right_arm])
    return (
        "Hips",
        (0, 88, 0),
        [left_leg, right_leg, ("LowerBack", (0, 5, 0), [("Spine", (0, 12, 0), [chest])])],
    )


def bvh_text(frames: list[dict[str, tuple[float, float, float]]], hips_height: list[float]) -> str:
    """Frames of joint -> degrees about z, y, x."""
    order: list[str] = []

    def write(joint: tuple, keyword: str) -> str:
        name, (x, y, z), children = joint
        order.append(name)
        position = "Xposition Yposition Zposition " if keyword == "ROOT" else ""
        inner = "".join(write(child, "JOINT") for child in children) or "End Site { OFFSET 0 1 0 }"
        count = 6 if position else 3
        channels = f"CHANNELS {count} {position}Zrotation Yrotation Xrotation"
        return f"{keyword} {name} {{ OFFSET {x} {y} {z} {channels} {inner} }} "

    hierarchy = write(skeleton(), "ROOT")
    rows = []
    for frame, height in zip(frames, hips_height, strict=True):
        angles = [f"{a:g}" for name in order for a in frame.get(name, (0, 0, 0))]
        rows.append(" ".join(["0", f"{height:g}", "0", *angles]))
    return f"HIERARCHY\n{hierarchy}\nMOTION\nFrames: {len(rows)}\nFrame Time: 0.01\n" + "\n".join(rows) + "\n"


ARMS_DOWN = {"LeftArm": (-90.0, 0.0, 0.0), "RightArm": (90.0, 0.0, 0.0)}
# Frame 1 stands; 2 has the left thigh level and the shin hanging; 3 is 1 turned to face +x.
FRAMES = [
    {},
    ARMS_DOWN,
    ARMS_DOWN | {"LeftUpLeg": (0.0, 0.0, -90.0), "LeftLeg": (0.0, 0.0, 90.0)},
    ARMS_DOWN | {"Hips": (0.0, 90.0, 0.0)},
]


def _walking(angle: float) -> dict[str, tuple[float, float, float]]:
    return ARMS_DOWN | {
        "LeftUpLeg": (0, 0, -angle), "LeftLeg": (0, 0, 0.9 * max(angle, 5)),
        "RightUpLeg": (0, 0, angle), "RightLeg": (0, 0, 0.9 * max(-angle, 5)),
        "LeftForeArm": (0, -25 - angle / 2, 0), "RightForeArm": (0, 25 - angle / 2, 0),
        "Head": (0, angle, 0), "Spine": (0, -angle / 4, 3),
    }  # fmt: skip


def _crawling(angle: float) -> dict[str, tuple[float, float, float]]:
    return {
        "Hips": (0, 0, 90), "LeftArm": (0, -90, 0), "RightArm": (0, 90, 0),
        "LeftUpLeg": (0, 0, -90 + angle), "LeftLeg": (0, 0, 90 - angle), "LeftFoot": (0, 0, 60),
        "RightUpLeg": (0, 0, -90 - angle), "RightLeg": (0, 0, 90 + angle), "RightFoot": (0, 0, 60),
    }  # fmt: skip


_SEATED = {"LeftUpLeg": (0, 0, -85), "LeftLeg": (0, 0, 85), "RightUpLeg": (0, 0, -85), "RightLeg": (0, 0, 85)}
# Motions by name, y up: walking on the spot while turning, sitting, lying on the back, crawling, a cartwheel.
MOTIONS = {
    "walk": bvh_text([_walking(a) | {"Hips": (0, 3 * a, 0)} for a in range(-35, 36, 10)], [88.0] * 8),
    "sit": bvh_text(
        [ARMS_DOWN | _SEATED | {"LeftForeArm": (0, -60, 0), "RightForeArm": (0, 60, 0)}] * 2, [48.0] * 2
    ),
    "lie": bvh_text(
        [
            ARMS_DOWN | {"Hips": (0, 0, -90), "LeftUpLeg": (0, 0, -a), "LeftLeg": (0, 0, 1.6 * a)}
            for a in (0, 20, 45)
        ],
        [12.0] * 3,
    ),
    "crawl": bvh_text([_crawling(a) for a in (-15, 0, 15)], [54.0] * 3),
    "wheel": bvh_text([{"Hips": (a, 0, 0)} for a in range(0, 361, 30)], [90.0] * 13),
}
