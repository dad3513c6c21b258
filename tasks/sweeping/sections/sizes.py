"""How many synthetic images to add: Table 4.6 and Figure 4.7."""

from collections.abc import Sequence

from tasks.detection.arms import Part, parse_arm
from tasks.report.blocks import Table, number
from tasks.report.headline import say
from tasks.sweeping.blocks import Plot, Section, count
from tasks.sweeping.contrasts import Judged, score_interval
from tasks.sweeping.figures import Measured, measured_lines
from tasks.sweeping.points import Group, score_title
from tasks.sweeping.scores import ARM, contrast_of, score_cells, score_header


def describe(title: str, groups: Sequence[Group], judged: Judged) -> Section:
    """The score over the number of synthetic images beside the same real ones."""
    scored = [group for group in groups if group.arms]
    tables = tuple(_table(group, judged) for group in scored)
    lines = {group.name or "R_train + N": _line(group) for group in scored}
    measured = score_title(scored)
    plot = measured_lines(lines, x="synthetic images added to R_train", y=f"{measured} on R_test")
    plots = (Plot(f"Figure 4.7: {measured} over the number of synthetic images", plot),) if scored else ()
    return Section("", title, tuple(_lead(group, judged) for group in scored), (), tables, plots)


def _steps(group: Group) -> list[tuple[int, str]]:
    """(images, arm), ascending; "S+" without a count stands for all that there are, at the end."""
    found = []
    for arm in group.arms:
        synthetic = [part for part in parse_arm(arm) if not part.is_real]
        if len(synthetic) <= 1 and len(synthetic) < len(parse_arm(arm)):
            found.append((_amount(group, synthetic), arm))
    return sorted(found)


def _amount(group: Group, synthetic: list[Part]) -> int:
    if not synthetic:
        return 0
    summary = group.points[0].summary
    assert summary is not None
    return synthetic[0].count or summary["num_scenes"]


def _table(group: Group, judged: Judged) -> Table:
    summary = group.points[0].summary
    assert summary is not None
    rows = []
    for amount, arm in _steps(group):
        times = number(amount / summary["num_real"], "{:.2g} x")
        rows.append((arm, str(amount), times, *score_cells(group, arm, judged)))
    caption = (
        f"Table 4.6{': ' + group.name if group.name else ''}. N synthetic images beside the {summary['num_real']} of "
        "R_train, and N as a multiple of these. Every detector took equally many optimiser steps."
    )
    return Table(caption, (ARM, "N", "of R_train", *score_header(group)), tuple(rows))


def _line(group: Group) -> list[Measured]:
    return [
        Measured(amount, group.mean_score(arm), score_interval(group, arm), arm)
        for amount, arm in _steps(group)
    ]


def _lead(group: Group, judged: Judged) -> str:
    """The number that R_val prefers, which R_test then judges."""
    added = [(amount, arm) for amount, arm in _steps(group) if amount]
    name = f"{group.name}: " if group.name else ""
    if not added:
        return f"{name}No arm adds synthetic images."
    amount, arm = max(added, key=lambda item: group.measure.gain(group.mean_score_on_val(item[1])))
    contrast = contrast_of(group, arm, judged)
    said = "" if contrast is None else f" {say(contrast)}"
    if len(added) == 1:
        return f"{name}{count(amount, 'synthetic image')} beside R_train.{said}"
    return f"{name}Of {len(added)} sizes, R_val prefers {count(amount, 'synthetic image')}.{said}"
