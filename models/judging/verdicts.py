"""What may be concluded from several comparisons, and what it would take to conclude more."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.judging.resampling import LEAST_CLIPS, Estimate

LEVEL = 0.05
_LARGEST_FACTOR = 1000  # more of images or trainings than this times what there are is no useful advice
# Of the half-width that just parts the interval from 0 to the one that does so 4 times in 5 (normal quantiles of
# 97.5 % and 80 %: the usual sample size for 80 % power, e.g. Cohen 1988, section 2.4).
_MARGIN = (1.96 + 0.84) / 1.96
Verdict = Literal["helps", "hurts", "cannot tell"]


@dataclass(frozen=True)
class Size:
    """How much stands behind a comparison, and among how many it is one.

    `num_seeds`: detectors of each training set. `num_refiners`: seeds of the refiner, each with so many detectors.
    `are_trainings`: False of two given networks, where nobody asks what another training would give.
    """

    num_images: int
    num_clips: int
    num_seeds: int
    num_comparisons: int
    num_refiners: int = 1
    are_trainings: bool = True

    def __str__(self) -> str:
        trainings = f"{self._trainings()}, " if self.are_trainings else ""
        return f"{trainings}{count(self.num_images, 'image')}{self._clips()}"

    def _trainings(self) -> str:
        if self.num_refiners == 1:
            return count(self.num_seeds, "seed")
        return (
            f"{self.num_refiners} refiners of different seeds with {count(self.num_seeds, 'detector')} each"
        )

    def _clips(self) -> str:
        return "" if self.num_clips == self.num_images else f" in {count(self.num_clips, 'clip')}"


@dataclass(frozen=True)
class Amount:
    """So many test images, in so many clips of as many images as now."""

    num_images: int
    num_clips: int


@dataclass(frozen=True)
class Needed:
    """About what an equal difference would take to be told 4 times in 5, were it the only comparison.

    More test images, or else more trainings: seeds of detectors, or of refiners where there are several. None where more
    of it cannot do. `all`: images, trainings, and detectors of each training set, all more in the same proportion.
    """

    images: Amount | None
    num_trainings: int | None
    all: tuple[Amount, int, int] | None


def holm(p_values: list[float]) -> list[float]:
    """Holm's step-down adjusted p-values (1979), in the order given: reject those <= the level of the whole family."""
    order = np.argsort(p_values, kind="stable")
    scaled = np.array(p_values)[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(scaled))
    return [float(value) for value in adjusted]


def decide(gain: float, adjusted_p: float, size: Size) -> Verdict:
    """Of a difference that is above 0 where the arm is better.

    One seed of a training never decides: trained again, either arm might have won. Nor do one or two clips, another day.
    """
    are_known = size.num_seeds > 1 or not size.are_trainings
    is_enough = are_known and size.num_clips >= LEAST_CLIPS
    if not is_enough or adjusted_p > LEVEL or gain == 0:
        return "cannot tell"
    return "helps" if gain > 0 else "hurts"


def find_needed(result: Estimate, size: Size) -> Needed:
    """What would part the interval from 0 if the difference stayed.

    Half-widths fall with 1 / sqrt(number): that of images with the number of clips, for frames of one clip are no
    independent evidence; that of seeds with the number of trainings, of several refiners but for the part that a
    baseline which all share has in it.
    """
    target, images, seeds, common = (
        value**2
        for value in (
            result.value / _MARGIN,
            result.image_half_width,
            result.seed_half_width,
            result.common_half_width if size.num_refiners > 1 else 0.0,
        )
    )
    num_trainings = size.num_refiners if size.num_refiners > 1 else size.num_seeds
    by_images = _factor(part=images, rest=seeds, target=target)
    by_trainings = by_all = None
    if num_trainings > 1:
        by_trainings = _factor(part=seeds - common, rest=images + common, target=target)
        by_all = _factor(part=images + seeds, rest=0.0, target=target)
    return Needed(
        None if by_images is None else _more_images(size, by_images),
        None if by_trainings is None else math.ceil(num_trainings * by_trainings),
        None
        if by_all is None
        else (
            _more_images(size, by_all),
            math.ceil(num_trainings * by_all),
            math.ceil(size.num_seeds * by_all),
        ),
    )


def _factor(*, part: float, rest: float, target: float) -> float | None:
    """How many times more it takes where `part` falls with the number and `rest` does not; squared half-widths all."""
    if target <= rest or part > _LARGEST_FACTOR * (target - rest):
        return None
    return part / (target - rest)


def _more_images(size: Size, factor: float) -> Amount:
    num_clips = math.ceil(size.num_clips * factor)
    return Amount(math.ceil(size.num_images * num_clips / size.num_clips), num_clips)


def count(number: int, noun: str) -> str:
    """In words, e.g. "1 seed", "2 seeds"."""
    return f"{number} {noun}" + "s" * (number != 1)
