"""How far joints turn: degrees about x, y, z in the convention of poses.json, for the left side."""

import numpy as np

# Flexion of the knee and of the elbow is one-sided: neither bends backwards.
LIMITS_DEG: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "spine": ((-25, 40), (-15, 15), (-25, 25)),
    "neck01": ((-25, 35), (-15, 15), (-35, 35)),
    "head": ((-25, 30), (-15, 15), (-40, 40)),
    "upperarm01": ((-175, 50), (-130, 20), (-60, 60)),
    "lowerarm01": ((-140, 0), (-20, 80), (-80, 45)),
    "wrist": ((-60, 60), (-40, 40), (-30, 30)),
    "upperleg01": ((-125, 30), (-45, 25), (-40, 40)),
    "lowerleg01": ((0, 145), (-8, 8), (-10, 45)),  # about z: the hip turned outwards
    "foot": ((-35, 50), (-20, 20), (-30, 30)),
}


def limits_deg(bone: str) -> np.ndarray | None:
    """[3, 2] least and most, or None for a bone that has none."""
    found = [limits for stem, limits in LIMITS_DEG.items() if bone.startswith(stem)]
    return np.array(found[0], dtype=float) if found else None


def within_limits(bone: str, degrees: np.ndarray) -> np.ndarray:
    """The angles [3] nearest to `degrees` that the joint allows."""
    limits = limits_deg(bone)
    return degrees if limits is None else np.clip(degrees, limits[:, 0], limits[:, 1])
