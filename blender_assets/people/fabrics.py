"""What clothes are made of: colours, pattern, and the coordinates in which a pattern is woven."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from blender_assets.people.colors import draw_fabric_color
from blender_assets.people.phenotypes import PeopleSettings

Color = tuple[float, float, float]
PatternKind = Literal["plain", "stripes", "pinstripes", "checks", "print"]
PATTERN_KINDS: tuple[PatternKind, ...] = ("plain", "stripes", "pinstripes", "checks", "print")
PERIODS_M: dict[PatternKind, tuple[float, float]] = {
    "plain": (0.05, 0.05),
    "stripes": (0.02, 0.09),
    "pinstripes": (0.012, 0.03),
    "checks": (0.02, 0.07),
    "print": (0.07, 0.16),
}

# Joints of the left arm and leg on the template body (metres), and the radii that turn angles into lengths.
SHOULDER, ELBOW, WRIST = np.array([[0.168, -0.015, 0.525], [0.313, -0.013, 0.349], [0.431, -0.176, 0.245]])
HIP, ANKLE = np.array([[0.11, -0.012, 0.049], [0.22, 0.001, -0.745]])
ARM_LENGTH_M = 0.48  # along the bend
TORSO_RADIUS_M, ARM_RADIUS_M, LEG_RADIUS_M = 0.15, 0.055, 0.085


@dataclass(frozen=True)
class Fabric:
    """Linear RGB; period_m is the width of one repeat, of a print its whole width."""

    color: Color
    kind: PatternKind = "plain"
    second_color: Color = (0.0, 0.0, 0.0)
    period_m: float = 0.05
    variant: float = 0.0  # 0..1, chooses between prints

    def finish(self) -> np.ndarray:
        """[3] what the shader reads of the pattern: kind, period, variant."""
        return np.array([PATTERN_KINDS.index(self.kind), self.period_m, self.variant])


def as_color(color: np.ndarray) -> Color:
    red, green, blue = (float(channel) for channel in color)
    return red, green, blue


def draw_fabric(
    rng: np.random.Generator,
    color: np.ndarray,
    *,
    kinds: tuple[PatternKind, ...],
    settings: PeopleSettings,
) -> Fabric:
    """A fabric of that colour: plain, or one of the kinds with a second colour."""
    kind: PatternKind = "plain"
    if kinds and rng.random() >= settings.plain_fabric_fraction:
        kind = kinds[int(rng.integers(len(kinds)))]
    return Fabric(
        color=as_color(color),
        kind=kind,
        second_color=as_color(draw_fabric_color(rng, settings=settings)),
        period_m=float(rng.uniform(*PERIODS_M[kind])),
        variant=float(rng.random()),
    )


def place_along(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of the way from start to end [n], and offset from the line [n, 3]."""
    axis = end - start
    share = (points - start) @ axis / (axis @ axis)
    return share, points - start - share[:, None] * axis


def weave_coordinates(rest: np.ndarray) -> np.ndarray:
    """Metres (around, along, 0) [n, 3] of template positions [n, 3], without a jump anywhere.

    Around trunk and limbs the angle is taken without its sign, so that it mirrors instead of jumping at the
    back; from trunk to arm both coordinates blend over the shoulder.
    """
    points = rest * [1.0, 1.0, 1.0]
    points[:, 0] = np.abs(points[:, 0])
    share, _ = place_along(points, SHOULDER, WRIST)
    bend, _ = place_along(ELBOW[None], SHOULDER, WRIST)
    centre = np.stack(
        [np.interp(share, [0.0, bend[0], 1.0], ends) for ends in zip(SHOULDER, ELBOW, WRIST, strict=True)],
        axis=1,
    )
    along_arm_m = share * ARM_LENGTH_M
    aside = points - centre
    near = np.clip((0.13 - np.linalg.norm(aside, axis=1)) / 0.04, 0, 1)
    on_arm = np.clip((along_arm_m + 0.02) / 0.1, 0, 1) * near
    arm_around = ARM_RADIUS_M * np.abs(np.arctan2(aside[:, 1], aside[:, 2]))
    body_around = TORSO_RADIUS_M * np.abs(np.arctan2(points[:, 0], -points[:, 1]))
    leg_share = np.clip((HIP[2] - points[:, 2]) / (HIP[2] - ANKLE[2]), 0, 1)
    centre = HIP + leg_share[:, None] * (ANKLE - HIP)
    leg_around = LEG_RADIUS_M * np.abs(np.arctan2(points[:, 0] - centre[:, 0], centre[:, 1] - points[:, 1]))
    on_leg = np.clip((0.02 - points[:, 2]) / 0.1, 0, 1)
    around = (1 - on_leg) * body_around + on_leg * leg_around
    around = (1 - on_arm) * around + on_arm * arm_around
    along = (1 - on_arm) * points[:, 2] + on_arm * (SHOULDER[2] - along_arm_m)
    return np.stack([around, along, np.zeros(len(rest))], axis=1)
