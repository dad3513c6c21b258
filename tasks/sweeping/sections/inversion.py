"""Does synthetic data still help where there are more real images: Table 5.2."""

from collections.abc import Sequence

from models.judging.comparisons import Judgement
from tasks.detection.arms import parse_arm
from tasks.report.blocks import Table, interval, number
from tasks.report.headline import say
from tasks.sweeping.blocks import Plot, Section, count
from tasks.sweeping.contrasts import Judged, score_interval
from tasks.sweeping.figures import Measured, measured_lines
from tasks.sweeping.points import Group, score_title
from tasks.sweeping.scores import contrast_of

_NOTE = (
    "S+ is the same at every size: its refiner saw all crops of R_train. For an R_train that is small in every respect give "
    "the run fewer real images."
)


def describe(title: str, groups: Sequence[Group], judged: Judged) -> Section:
    """What synthetic images add to growing numbers of real ones."""
    scored = [group for group in groups if group.arms]
    steps = {group: _steps(group, judged) for group in scored}
    tables = tuple(_table(group, steps[group]) for group in scored)
    lines = {group.name or "gain": [_gain(size, item) for size, item in steps[group]] for group in scored}
    figure = measured_lines(
        lines, x="real images", y=f"{score_title(scored)} gained by adding synthetic images", has_zero=True
    )
    plots = (Plot("Gain over the number of real images", figure),) if scored else ()
    lead = tuple(
        f"With {count(size, 'real image')}: {say(item)}" for group in scored for size, item in steps[group]
    )
    has_refined = any("S+" in item.arm for found in steps.values() for _, item in found)
    return Section("", title, lead, (_NOTE,) if has_refined else (), tables, plots)


def _steps(group: Group, judged: Judged) -> list[tuple[int, Judgement]]:
    """(real images, what synthetic ones add to them), ascending."""
    summary = group.points[0].summary
    assert summary is not None
    found = []
    for arm in group.arms:
        real = [part for part in parse_arm(arm) if part.is_real]
        contrast = contrast_of(group, arm, judged)
        if real and contrast is not None and parse_arm(contrast.baseline) == real:
            found.append((real[0].count or summary["num_real"], contrast))
    return sorted(found, key=lambda item: item[0])


def _table(group: Group, steps: list[tuple[int, Judgement]]) -> Table:
    measure = group.measure
    rows = tuple(
        (
            str(size),
            item.baseline,
            *_score(group, item.baseline),
            item.arm,
            *_score(group, item.arm),
            number(item.difference, measure.signed_pattern),
            interval(item.interval, measure.signed_pattern),
            item.verdict,
        )
        for size, item in steps
    )
    score = (measure.title, "95 % interval")
    header = ("Real images", "Trained on", *score, "and", *score, "Gain", "95 % interval", "Verdict")
    caption = f"Table 5.2{': ' + group.name if group.name else ''}. {measure.title} on R_test."
    return Table(caption, header, rows)


def _score(group: Group, arm: str) -> tuple[str, str]:
    pattern = group.measure.pattern
    return number(group.mean_score(arm), pattern), interval(score_interval(group, arm), pattern)


def _gain(size: int, item: Judgement) -> Measured:
    return Measured(size, item.difference, item.interval, item.arm)
