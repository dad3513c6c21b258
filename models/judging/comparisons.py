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

from models.judging.resampling import (
    Counts,
    Draws,
    Estimate,
    draw_chances,
    estimate_difference_over,
    estimate_f1_over,
    estimate_unpaired_difference,
)
from models.judging.verdicts import Amount, Needed, Size, Verdict, decide, find_needed, holm

NUM_DRAWS = 5000  # a p-value can be as small as 2 / draws, times the comparisons that are judged together


@dataclass(frozen=True, eq=False)
class Evidence:
    """What two arms' detectors found in the same images, which are of `clips`, an entry an image.

    An arm has an entry for each refiner's seed, or a single one. `is_paired`: both have detectors of the same seeds.
    """

    arm: str
    baseline: str
    counts: Sequence[Counts]
    baseline_counts: Sequence[Counts]
    clips: Sequence[str]
    is_paired: bool = True

    def digest(self) -> str:
        """Two of the same detections are one comparison."""
        hasher = hashlib.sha256(f"{self.arm}\0{self.baseline}".encode())
        for counts in (*self.counts, *self.baseline_counts):
            hasher.update(counts.num_true.tobytes() + counts.num_found.tobytes())
        return hasher.hexdigest()

    def size(self, num_comparisons: int) -> Size:
        sides = (self.counts, self.baseline_counts)
        return Size(
            num_images=len(self.clips),
            num_clips=len(set(self.clips)),
            num_seeds=min(len(counts.num_true) for side in sides for counts in side),
            num_comparisons=num_comparisons,
            num_refiners=max(map(len, sides)),
        )


@dataclass(frozen=True)
class Judgement:
    """F1 of `arm` minus F1 of `baseline`; without interval, p and `needed` for a single image.

    `p_value` is `unadjusted_p` after Holm's correction over all that were judged together.
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

    def record(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def read_judgement(record: dict[str, Any]) -> Judgement:
    """From a `record`, also one that went through JSON."""
    needed = record["needed"]
    bounds = None if record["interval"] is None else tuple(record["interval"])
    rest = {
        "interval": bounds,
        "size": Size(**record["size"]),
        "needed": None if needed is None else _read_needed(needed),
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
    """Every comparison, in the order given; Holm's correction over all of them."""
    estimates = [_estimate(item) for item in evidence]
    adjusted = iter(holm([result.p_value for result in estimates if result is not None]))
    return [
        _unjudged(item, len(evidence))
        if result is None
        else _judged(item, result, next(adjusted), len(evidence))
        for item, result in zip(evidence, estimates, strict=True)
    ]


def score_interval(counts: Sequence[Counts], clips: Sequence[str]) -> tuple[float, float] | None:
    """95 % interval of an arm's mean F1, over images and seeds of detectors, or of refiners where there are several."""
    draws = _draws(clips, num_seeds=len(counts[0].num_true), num_refiners=len(counts))
    return None if draws is None else estimate_f1_over(counts, draws).interval


def _estimate(item: Evidence) -> Estimate | None:
    size = item.size(1)
    draws = _draws(item.clips, num_seeds=size.num_seeds, num_refiners=size.num_refiners)
    if draws is None:
        return None
    if item.is_paired:
        return estimate_difference_over(item.counts, item.baseline_counts, draws)
    (counts,), (base,) = item.counts, item.baseline_counts
    return estimate_unpaired_difference(counts, base, draws)


def _judged(item: Evidence, result: Estimate, p: float, num_comparisons: int) -> Judgement:
    size = item.size(num_comparisons)
    return Judgement(
        arm=item.arm,
        baseline=item.baseline,
        difference=result.value,
        interval=result.interval,
        unadjusted_p=result.p_value,
        p_value=p,
        verdict=decide(result.value, p, size),
        needed=find_needed(result, size),
        size=size,
    )


def _unjudged(item: Evidence, num_comparisons: int) -> Judgement:
    """Of a single image."""
    means = [
        np.mean([counts.f1_by_seed().mean() for counts in side])
        for side in (item.counts, item.baseline_counts)
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
    )


def _draws(clips: Sequence[str], *, num_seeds: int, num_refiners: int) -> Draws | None:
    """Of seeds and refiners' seeds, the fewer say how wide Student's t is."""
    samples = min((number for number in (num_seeds, num_refiners) if number > 1), default=1)
    return _equal_draws(tuple(clips), samples)


@functools.lru_cache(maxsize=2)
def _equal_draws(clips: tuple[str, ...], num_seeds: int) -> Draws | None:
    """The same for all that is scored on the same images."""
    return draw_chances(clips, num_seeds=num_seeds, draws=NUM_DRAWS, rng=np.random.default_rng(0))
