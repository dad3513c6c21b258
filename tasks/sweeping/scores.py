"""The table of detectors that every section has: what they were trained on, and what they reached on R_test."""

from collections.abc import Iterable, Sequence

from models.judging.comparisons import Judgement
from tasks.detection.arms import pair_arms
from tasks.sweeping.blocks import NONE, Table, interval, number
from tasks.sweeping.contrasts import Judged, evidence_of, score_interval
from tasks.sweeping.points import Group, PointConfig

HEADER = (
    "Trained on",
    "P",
    "R",
    "F1",
    "95 % interval",
    "F1 on R_val",
    "Against",
    "F1 differs by",
    "95 % interval",
    "Verdict",
)


def own_pairs(group: Group) -> tuple[tuple[str, str], ...]:
    """The comparisons of the group's own runs: synthetic images against the same real ones without them."""
    arms = tuple(tuple(arm.split(" + ")) for arm in group.arms)
    return pair_arms(arms) if arms else ()


def contrast_of(group: Group, arm: str, judged: Judged, *, baseline: str | None = None) -> Judgement | None:
    """The arm against its own baseline, or against another arm of the group; None where this was not compared."""
    if baseline is None:
        baseline = dict(own_pairs(group)).get(arm)
    return None if baseline is None else judged.get(evidence_of(group, arm, baseline).digest())


def score_cells(group: Group, arm: str, judged: Judged) -> tuple[str, ...]:
    """The cells of HEADER after the first."""
    contrast = contrast_of(group, arm, judged)
    compared = (NONE,) * 4
    if contrast is not None:
        compared = (
            contrast.baseline,
            number(contrast.difference, "{:+.3f}"),
            interval(contrast.interval, "{:+.3f}"),
            contrast.verdict,
        )
    figures = (number(group.mean_score(arm, name)) for name in ("precision", "recall", "f1"))
    return (
        *figures,
        interval(score_interval(group, arm)),
        number(group.mean_score(arm, "val_f1")),
        *compared,
    )


def score_table(group: Group, arms: Iterable[str], judged: Judged, *, caption: str) -> Table:
    """A row an arm."""
    return Table(caption, HEADER, tuple((arm, *score_cells(group, arm, judged)) for arm in arms))


def failure_notes(groups: Sequence[Group]) -> tuple[str, ...]:
    """What is missing from a section, and why."""
    return tuple(
        f"{_failed(group, point)} failed and is missing here: {shorten(point.error or '')}"
        for group in groups
        for point in group.failures
    )


def _failed(group: Group, point: PointConfig) -> str:
    name = group.name or "This point"
    is_one = len(group.points) + len(group.failures) == 1
    return name if is_one else f"{name}, refiner seed {point.refiner_seed},"


def shorten(error: str) -> str:
    """An error in a line: the step and, where a log's end follows, its last line, which says why."""
    first, *rest = [line.strip() for line in error.splitlines() if line.strip()]
    return f"{first.partition(': ')[0]}: {rest[-1]}" if rest else first
