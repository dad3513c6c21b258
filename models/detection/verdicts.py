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
    """About how many test images, or else seeds, an equal difference would take; None where more of it cannot do.

    `both`: images and seeds, where more of both are taken in the same proportion.
    """

    num_images: int | None
    num_seeds: int | None
    both: tuple[int, int] | None


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
    """What would part the interval from 0 if the difference stayed: half-widths fall with 1 / sqrt(number)."""
    target, images, seeds = (
        value**2 for value in (result.value, result.image_half_width, result.seed_half_width)
    )
    by_images = _factor(part=images, rest=seeds, target=target)
    by_seeds = _factor(part=seeds, rest=images, target=target) if num_seeds > 1 else None
    by_both = _factor(part=images + seeds, rest=0.0, target=target) if num_seeds > 1 else None
    return Needed(
        None if by_images is None else math.ceil(num_images * by_images),
        None if by_seeds is None else math.ceil(num_seeds * by_seeds),
        None if by_both is None else (math.ceil(num_images * by_both), math.ceil(num_seeds * by_both)),
    )


def _factor(*, part: float, rest: float, target: float) -> float | None:
    """How many times more it takes where `part` falls with the number and `rest` does not; squared half-widths all."""
    if target <= rest or part > _LARGEST_FACTOR * (target - rest):
        return None
    return part / (target - rest)
