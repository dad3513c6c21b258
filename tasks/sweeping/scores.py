"""The table of detectors that every section has: what they were trained on, and what they reached on R_test."""

from collections.abc import Iterable, Sequence

from models.judging.comparisons import Judgement
from tasks.detection.arms import pair_arms
from tasks.report.blocks import NONE, Table, interval, number
from tasks.sweeping.contrasts import Judged, evidence_of, score_interval
from tasks.sweeping.points import Group, PointConfig

ARM = "Trained on"
_UNCOMPARED = (NONE,) * 4


def score_header(group: Group) -> tuple[str, ...]:
    """What follows ARM in a table of the group's scores."""
    title, short = group.measure.title, (measure.short for measure in group.measures)
    compared = ("Against", f"{title} differs by", "95 % interval", "Verdict")
    return (*short, "95 % interval", f"{title} on R_val", *compared)


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
    """The cells of `score_header`."""
    contrast, pattern = contrast_of(group, arm, judged), group.measure.pattern
    figures = (number(group.mean_score_of(arm, measure), measure.pattern) for measure in group.measures)
    return (
        *figures,
        interval(score_interval(group, arm), pattern),
        number(group.mean_score_on_val(arm), pattern),
        *(_UNCOMPARED if contrast is None else _compared(contrast)),
    )


def _compared(contrast: Judgement) -> tuple[str, ...]:
    signed = contrast.measure.signed_pattern
    difference, bounds = number(contrast.difference, signed), interval(contrast.interval, signed)
    return (contrast.baseline, difference, bounds, contrast.verdict)


def score_table(group: Group, arms: Iterable[str], judged: Judged, *, caption: str) -> Table:
    """A row an arm."""
    rows = tuple((arm, *score_cells(group, arm, judged)) for arm in arms)
    return Table(caption, (ARM, *score_header(group)), rows)


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
