"""What may be concluded from several comparisons, and what it would take to conclude more."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.detection.resampling import Estimate

LEVEL = 0.05
_LARGEST_FACTOR = 1000  # more of images or seeds than this times what there are is no useful advice
Verdict = Literal["helps", "hurts", "cannot tell"]


@dataclass(frozen=True)
class Needed:
    """About how many test images, or else seeds, an equal difference would take; None where more of it cannot do."""

    num_images: int | None
    num_seeds: int | None


def holm(p_values: list[float]) -> list[float]:
    """Holm's step-down adjusted p-values (1979), in the order given: reject those <= the level of the whole family."""
    order = np.argsort(p_values, kind="stable")
    scaled = np.array(p_values)[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(scaled))
    return [float(value) for value in adjusted]


def decide(difference: float, adjusted_p: float, *, num_seeds: int) -> Verdict:
    """One seed never decides: trained again, either detector might have won."""
    if num_seeds < 2 or adjusted_p > LEVEL or difference == 0:
        return "cannot tell"
    return "helps" if difference > 0 else "hurts"


def find_needed(result: Estimate, *, num_images: int, num_seeds: int) -> Needed:
    """What would part the interval from 0 if the difference stayed: half-widths fall with 1 / sqrt(number).

    Each number alone, the other staying as it is.
    """
    target, images, seeds = (
        value**2 for value in (result.value, result.image_half_width, result.seed_half_width)
    )
    return Needed(
        _needed(num_images, part=images, rest=seeds, target=target),
        _needed(num_seeds, part=seeds, rest=images, target=target) if num_seeds > 1 else None,
    )


def _needed(count: int, *, part: float, rest: float, target: float) -> int | None:
    """`part` falls with the number, `rest` does not; both are squared half-widths."""
    if target <= rest:
        return None
    factor = part / (target - rest)
    return math.ceil(count * factor) if factor <= _LARGEST_FACTOR else None
