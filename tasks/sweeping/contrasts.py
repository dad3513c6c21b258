"""All comparisons of a section, judged together: what is said of one allows for how many were made."""

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from models.detection.resampling import (
    Draws,
    draw_chances,
    estimate_difference_over,
    estimate_f1_over,
)
from models.detection.verdicts import Needed, Verdict, decide, find_needed, holm
from tasks.report.headline import Size
from tasks.sweeping.points import Group

_DRAWS = 5000  # a p-value can be as small as 2 / draws, times the comparisons of a section


@dataclass(frozen=True)
class Wanted:
    """One arm against another of the same group."""

    group: Group
    arm: str
    baseline: str

    def evidence(self) -> str:
        """What the comparison rests on: two of the same detections are one comparison."""
        hasher = hashlib.sha256(f"{self.arm}\0{self.baseline}".encode())
        for counts in (*self.group.detections(self.arm), *self.group.detections(self.baseline)):
            hasher.update(counts.num_true.tobytes() + counts.num_found.tobytes())
        return hasher.hexdigest()


@dataclass(frozen=True)
class Contrast:
    """F1 of `arm` minus F1 of `baseline`; `verdict` after Holm's correction over the section."""

    arm: str
    baseline: str
    difference: float
    interval: tuple[float, float] | None
    p_value: float | None
    verdict: Verdict
    needed: Needed | None
    size: Size

    def record(self) -> dict[str, Any]:
        return asdict(self)


Judged = Mapping[str, Contrast]


def judge(wanted: Iterable[Wanted]) -> Judged:
    """Every different comparison by its evidence."""
    different = {item.evidence(): item for item in wanted}
    contrasts = {name: _contrast(item) for name, item in different.items()}
    told = {name: item.p_value for name, item in contrasts.items() if item.p_value is not None}
    adjusted = dict(zip(told, holm(list(told.values())), strict=True))
    return {name: _adjusted(item, adjusted.get(name), len(contrasts)) for name, item in contrasts.items()}


def score_interval(group: Group, arm: str) -> tuple[float, float] | None:
    """95 % interval of an arm's mean F1: over images and seeds, and where the refiner has several seeds over these."""
    counts = group.detections(arm)
    draws = _draws(group, num_seeds=len(counts[0].num_true), num_groups=len(counts))
    return None if draws is None else estimate_f1_over(counts, draws).interval


def _contrast(item: Wanted) -> Contrast:
    counts, base = item.group.detections(item.arm), item.group.detections(item.baseline)
    num_seeds, num_images = counts[0].num_true.shape
    num_groups = max(len(counts), len(base))
    draws = _draws(item.group, num_seeds=num_seeds, num_groups=num_groups)
    unjudged = Contrast(
        arm=item.arm,
        baseline=item.baseline,
        difference=item.group.mean_score(item.arm, "f1") - item.group.mean_score(item.baseline, "f1"),
        interval=None,
        p_value=None,
        verdict="cannot tell",
        needed=None,
        size=Size(num_images, num_seeds, 0, num_groups),
    )
    if draws is None:
        return unjudged
    result = estimate_difference_over(counts, base, draws)
    needed = find_needed(result, num_images=num_images, num_seeds=num_seeds)
    return replace(unjudged, interval=result.interval, p_value=result.p_value, needed=needed)


def _adjusted(item: Contrast, p: float | None, count: int) -> Contrast:
    size = replace(item.size, num_comparisons=count)
    if p is None:
        return replace(item, size=size)
    verdict = decide(item.difference, p, num_seeds=size.num_seeds)
    return replace(item, p_value=p, verdict=verdict, size=size)


def _draws(group: Group, *, num_seeds: int, num_groups: int) -> Draws | None:
    """Of seeds and refiners' seeds, the fewer say how wide Student's t is."""
    samples = min((number for number in (num_seeds, num_groups) if number > 1), default=1)
    return _equal_draws(tuple(group.clips), samples)


@functools.lru_cache(maxsize=4)
def _equal_draws(clips: tuple[str, ...], num_seeds: int) -> Draws | None:
    """The same for all that is scored on the same images."""
    return draw_chances(list(clips), num_seeds=num_seeds, draws=_DRAWS, rng=np.random.default_rng(0))
