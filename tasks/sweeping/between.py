"""The points of a sweep against its first one, arm by arm, where both were scored on the same images."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.judging.comparisons import Evidence, Judgement
from tasks.report.blocks import Table
from tasks.report.headline import say
from tasks.report.result_tables import comparison_table_of
from tasks.scoring.same_images import Scored, why_unlike
from tasks.sweeping.points import Group, Point

_MOST_SENTENCES = 6
_CAPTION = (
    "Points against the first, {first}, on the same images. What is the same at both is left out; p and verdicts allow for "
    "all comparisons here (Holm)."
)


@dataclass(frozen=True, eq=False)
class Between:
    """What can be compared between points, and why others cannot."""

    first: str
    wanted: tuple[Evidence, ...]
    notes: tuple[str, ...]


def compare_points(groups: Sequence[Group]) -> Between:
    """Every group against the first that has scores; an arm that found the same at both is left out."""
    scored = [group for group in groups if group.arms and all(map(_has_statistics, group.points))]
    wanted: list[Evidence] = []
    notes: list[str] = []
    for group in scored[1:]:
        why = _why_unlike(scored[0], group)
        if why is None:
            wanted += _differing(scored[0], group)
        else:
            notes.append(f"{group.name} is not compared with {scored[0].name}: {why}.")
    return Between(scored[0].name if scored else "", tuple(wanted), tuple(notes))


def table_between(between: Between, judged: Sequence[Judgement]) -> Table:
    """A row a comparison, as `judged` has them."""
    return comparison_table_of(judged, caption=_CAPTION.format(first=between.first or "the only one"))


def say_between(judged: Sequence[Judgement]) -> tuple[str, ...]:
    """A sentence a comparison; of many those that are told, and how many are not."""
    if len(judged) <= _MOST_SENTENCES:
        return tuple(map(say, judged))
    told = [say(item) for item in judged if item.verdict != "cannot tell"]
    rest = len(judged) - len(told)
    return (
        *told,
        *([f"Of {rest} other comparisons with the first point nothing can be told."] if rest else []),
    )


def _has_statistics(point: Point) -> bool:
    return point.summary is not None and bool(point.summary["statistics"])


def _scored(group: Group) -> Iterator[Scored]:
    return (Scored(group.name, group.measure, point.counted) for point in group.points)


def _why_unlike(first: Group, group: Group) -> str | None:
    """Also where several seeds of refiners stand on either side, of which none is the same."""
    base = next(_scored(first))
    for other in (*_scored(first), *_scored(group)):
        if (why := why_unlike(base, other)) is not None:
            return why
    return None if all(_paired_points(first, group)) else "their refiners have no seed in common"


def _paired_points(first: Group, group: Group) -> tuple[list[Point], list[Point]]:
    """Those of the refiners' seeds that both have; the only ones of both whatever their seeds."""
    if len(first.points) == len(group.points) == 1:
        return list(first.points), list(group.points)
    seeds = [{point.config.refiner_seed for point in side.points} for side in (first, group)]
    common = set.intersection(*seeds)
    base, own = (
        [point for point in side.points if point.config.refiner_seed in common] for side in (first, group)
    )
    return base, own


def _differing(first: Group, group: Group) -> Iterator[Evidence]:
    base, own = _paired_points(first, group)
    pairs = (
        (arm, _statistics(group, own, arm), _statistics(first, base, arm))
        for arm in group.arms
        if arm in first.arms
    )
    differing = [(arm, *sides) for arm, *sides in pairs if not _are_same(*sides)]
    for arm, statistics, baseline in differing:
        name = "{}" if len(differing) == 1 else f"{arm} at {{}}"
        yield Evidence(
            name.format(group.name),
            name.format(first.name),
            statistics,
            baseline,
            clips=next(_scored(first)).sorted_clips(),
            measure=first.measure,
            is_paired=len(own) > 1 or base[0].counted.seeds == own[0].counted.seeds,
        )


def _statistics(group: Group, points: Sequence[Point], arm: str) -> list[np.ndarray]:
    """[k seeds, n images, s] of each point; once where the refiner's seed does not matter to the arm."""
    found = [Scored(group.name, group.measure, point.counted).sorted_statistics(arm) for point in points]
    return found[:1] if all(np.array_equal(item, found[0]) for item in found) else found


def _are_same(statistics: Sequence[np.ndarray], baseline: Sequence[np.ndarray]) -> bool:
    pairs = zip(statistics, baseline, strict=False)
    return len(statistics) == len(baseline) and all(np.array_equal(own, base) for own, base in pairs)
