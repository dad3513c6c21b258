"""Judges comparisons of arms together, for a run, a sweep and two runs alike: what is said of one allows for how many
were made.

All draws are of one number and one seed: the same two arms on the same images have the same p wherever they are compared.
"""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.judging.measures import Measure, read_measure
from models.judging.resampling import (
    Draws,
    Estimate,
    draw_chances,
    estimate_difference_over,
    estimate_score_over,
    estimate_unpaired_difference,
)
from models.judging.verdicts import Amount, Needed, Size, Verdict, decide, find_needed, holm

NUM_DRAWS = 5000  # a p-value can be as small as 2 / draws, times the comparisons that are judged together


@dataclass(frozen=True, eq=False)
class Evidence:
    """What was counted of two arms in the same images, which are of `clips`, an entry an image, and what scores it.

    Statistics are [k seeds, n images, s] for each refiner's seed, or of a single one. `is_paired`: both arms have
    trainings of the same seeds. `are_trainings`: False for two given networks, of one "seed" each.
    """

    arm: str
    baseline: str
    statistics: Sequence[np.ndarray]
    baseline_statistics: Sequence[np.ndarray]
    clips: Sequence[str]
    measure: Measure
    is_paired: bool = True
    are_trainings: bool = True

    def digest(self) -> str:
        """Two of the same statistics are one comparison."""
        hasher = hashlib.sha256(f"{self.arm}\0{self.baseline}\0{self.measure.name}".encode())
        for statistics in (*self.statistics, *self.baseline_statistics):
            hasher.update(np.asarray(statistics, np.float64).tobytes())
        return hasher.hexdigest()

    def size(self, num_comparisons: int) -> Size:
        """Of images and clips, those that count: that hold for all trainings what the measure scores, such as a class."""
        sides = (self.statistics, self.baseline_statistics)
        clips = _counting_clips(self.measure, [*self.statistics, *self.baseline_statistics], self.clips)
        return Size(
            num_images=len(clips),
            num_clips=len(set(clips)),
            num_seeds=min(len(statistics) for side in sides for statistics in side),
            num_comparisons=num_comparisons,
            num_refiners=max(map(len, sides)),
            are_trainings=self.are_trainings,
        )


@dataclass(frozen=True)
class Judgement:
    """The score of `arm` minus that of `baseline`; without interval, p and `needed` for a single image, or a single clip
    of several that holds what is scored.

    `verdict` is of the arm: it helps where the score becomes better, larger or smaller as the measure has it. `p_value`
    is `unadjusted_p` after Holm's correction over all that were judged together.
    """

    arm: str
    baseline: str
    difference: float
    interval: tuple[float, float] | None
    unadjusted_p: float | None
    p_value: float | None
    verdict: Verdict
    needed: Needed | None
    size: Size
    measure: Measure

    def record(self) -> dict[str, Any]:
        """For JSON. Of trainings, as most comparisons are, it says nothing of that: so records stay what they were."""
        found = asdict(self) | {"measure": self.measure.record()}
        if self.size.are_trainings:
            del found["size"]["are_trainings"]
        return found


def read_judgement(record: dict[str, Any]) -> Judgement:
    """From a `record`, also one that went through JSON; one without a measure is of F1."""
    needed = record["needed"]
    bounds = None if record["interval"] is None else tuple(record["interval"])
    rest = {
        "interval": bounds,
        "size": Size(**record["size"]),
        "needed": None if needed is None else _read_needed(needed),
        "measure": read_measure(record.get("measure")),
    }
    return Judgement(**(record | rest))


def _read_needed(record: dict[str, Any]) -> Needed:
    images, everything = record["images"], record["all"]
    return Needed(
        None if images is None else Amount(**images),
        record["num_trainings"],
        None if everything is None else (Amount(**everything[0]), everything[1], everything[2]),
    )


def judge(evidence: Sequence[Evidence]) -> list[Judgement]:
    """Every comparison, in the order given; Holm's correction over all of them.

    ValueError for one whose score has no finite value on its images.
    """
    for item in evidence:
        check_defined(item.measure, item.arm, item.statistics)
        check_defined(item.measure, item.baseline, item.baseline_statistics)
    estimates = [_estimate(item) for item in evidence]
    adjusted = iter(holm([result.p_value for result in estimates if result is not None]))
    return [
        _unjudged(item, len(evidence))
        if result is None
        else _judged(item, result, next(adjusted), len(evidence))
        for item, result in zip(evidence, estimates, strict=True)
    ]


def check_defined(measure: Measure, arm: str, groups: Sequence[np.ndarray]) -> None:
    """ValueError where the score of a seed has no finite value on all the images together."""
    for statistics in groups:
        if not np.isfinite(measure.by_seed(statistics)).all():
            raise ValueError(
                f"{measure.title} of {arm} has no finite value on these {statistics.shape[1]} images, which hold nothing "
                "that it scores, or nothing that is wrong; choose another measure, or other images"
            )


def score_interval(
    measure: Measure, statistics: Sequence[np.ndarray], clips: Sequence[str]
) -> tuple[float, float] | None:
    """95 % interval of an arm's mean score, over images and seeds of trainings, or of refiners where there are several.

    None for a single image, and where a single clip of several holds what the measure scores.
    """
    draws = _draws(clips, num_seeds=len(statistics[0]), num_refiners=len(statistics))
    if draws is None or _is_alone(_counting_clips(measure, statistics, clips), clips):
        return None
    return estimate_score_over(measure, statistics, draws).interval


def _counting_clips(measure: Measure, groups: Sequence[np.ndarray], clips: Sequence[str]) -> np.ndarray:
    """The clips, an entry an image, without the images in which a score is not defined."""
    is_defined = [~np.isnan(measure.score(statistics)).any(axis=0) for statistics in groups]
    return np.array(clips)[np.logical_and.reduce(is_defined)]


def _is_alone(counting: np.ndarray, clips: Sequence[str]) -> bool:
    """Whether what counts is one image, or one clip of several: however often it is drawn, its score is the same."""
    return len(counting) < 2 or len(set(counting)) < min(2, len(set(clips)))


def _estimate(item: Evidence) -> Estimate | None:
    size = item.size(1)
    draws = _draws(item.clips, num_seeds=size.num_seeds, num_refiners=size.num_refiners)
    groups = [*item.statistics, *item.baseline_statistics]
    if draws is None or _is_alone(_counting_clips(item.measure, groups, item.clips), item.clips):
        return None
    if item.is_paired:
        return estimate_difference_over(item.measure, item.statistics, item.baseline_statistics, draws)
    (statistics,), (base,) = item.statistics, item.baseline_statistics
    return estimate_unpaired_difference(item.measure, statistics, base, draws)


def _judged(item: Evidence, result: Estimate, p: float, num_comparisons: int) -> Judgement:
    size = item.size(num_comparisons)
    return Judgement(
        arm=item.arm,
        baseline=item.baseline,
        difference=result.value,
        interval=result.interval,
        unadjusted_p=result.p_value,
        p_value=p,
        verdict=decide(item.measure.gain(result.value), p, size),
        needed=find_needed(result, size),
        size=size,
        measure=item.measure,
    )


def _unjudged(item: Evidence, num_comparisons: int) -> Judgement:
    """Of what is alone."""
    means = [
        np.mean([item.measure.by_seed(statistics).mean() for statistics in side])
        for side in (item.statistics, item.baseline_statistics)
    ]
    return Judgement(
        arm=item.arm,
        baseline=item.baseline,
        difference=float(means[0] - means[1]),
        interval=None,
        unadjusted_p=None,
        p_value=None,
        verdict="cannot tell",
        needed=None,
        size=item.size(num_comparisons),
        measure=item.measure,
    )


def _draws(clips: Sequence[str], *, num_seeds: int, num_refiners: int) -> Draws | None:
    """Of seeds and refiners' seeds, the fewer say how wide Student's t is."""
    samples = min((number for number in (num_seeds, num_refiners) if number > 1), default=1)
    return equal_draws(tuple(clips), samples)


@functools.lru_cache(maxsize=2)
def equal_draws(clips: tuple[str, ...], num_seeds: int) -> Draws | None:
    """The same for all that is scored on the same images; None for a single image."""
    return draw_chances(clips, num_seeds=num_seeds, draws=NUM_DRAWS, rng=np.random.default_rng(0))
