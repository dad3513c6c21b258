"""The table of arms that every section has: what they were trained on, and what they reached on R_test."""

from collections.abc import Iterable, Iterator, Sequence

from models.judging.comparisons import Judgement
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
    """(arm, baseline): the comparisons that the evaluation of the group's own runs made."""
    if not group.arms:
        return ()
    return tuple((item["arm"], item["baseline"]) for item in group.points[0].evaluation["comparisons"])


def contrast_of(group: Group, arm: str, judged: Judged, *, baseline: str | None = None) -> Judgement | None:
    """The arm against its own (first) baseline, or against another arm of the group; None where this was not compared."""
    if baseline is None:
        return next(iter(contrasts_of(group, arm, judged)), None)
    return judged.get(evidence_of(group, arm, baseline).digest())


def contrasts_of(group: Group, arm: str, judged: Judged) -> list[Judgement]:
    """The arm against each of its baselines."""
    baselines = [baseline for name, baseline in own_pairs(group) if name == arm]
    found = (contrast_of(group, arm, judged, baseline=baseline) for baseline in baselines)
    return [item for item in found if item is not None]


def score_cells(group: Group, arm: str, judged: Judged) -> tuple[str, ...]:
    """The cells of `score_header`."""
    contrast = contrast_of(group, arm, judged)
    return (*_scores(group, arm), *(_UNCOMPARED if contrast is None else _compared(contrast)))


def _scores(group: Group, arm: str) -> tuple[str, ...]:
    pattern = group.measure.pattern
    return (
        *(number(group.mean_score_of(arm, measure), measure.pattern) for measure in group.measures),
        interval(score_interval(group, arm), pattern),
        number(group.mean_score_on_val(arm), pattern),
    )


def _compared(contrast: Judgement) -> tuple[str, ...]:
    signed = contrast.measure.signed_pattern
    difference, bounds = number(contrast.difference, signed), interval(contrast.interval, signed)
    return (contrast.baseline, difference, bounds, contrast.verdict)


def score_table(group: Group, arms: Iterable[str], judged: Judged, *, caption: str) -> Table:
    """A row an arm, and one for each further baseline of it."""
    rows = tuple(row for arm in arms for row in _arm_rows(group, arm, judged))
    return Table(caption, (ARM, *score_header(group)), rows)


def _arm_rows(group: Group, arm: str, judged: Judged) -> Iterator[tuple[str, ...]]:
    yield (arm, *score_cells(group, arm, judged))
    for contrast in contrasts_of(group, arm, judged)[1:]:
        yield (arm, *("" for _ in _scores(group, arm)), *_compared(contrast))


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
