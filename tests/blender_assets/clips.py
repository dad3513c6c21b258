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
