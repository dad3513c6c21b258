"""Which noise in the cycle makes a better segmenter: Table 2 and Figure 4 of the paper (seed 002)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from models.judging.comparisons import Judgement
from tasks.report.blocks import Table
from tasks.report.headline import say
from tasks.report.noise_plots import class_bars, over_noise
from tasks.report.noise_table import MEANING, noise_table
from tasks.report.result_tables import comparison_table_of
from tasks.sweeping.blocks import Plot, Section
from tasks.sweeping.contrasts import Judged
from tasks.sweeping.points import Group
from tasks.sweeping.scores import contrasts_of
from tasks.sweeping.sections import plain


@dataclass(frozen=True, eq=False)
class Entry:
    """An arm of a point. Arms without a cycle are the same at all points: only the first point's are entries."""

    group: Group
    row: dict[str, Any]  # of the paper's table, as `table_rows` makes it

    @property
    def arm(self) -> str:
        return self.row["arm"]

    @property
    def name(self) -> str:
        if not _has_cycle(self.row):
            return self.arm
        is_alone = sum(map(_has_cycle, _rows(self.group))) == 1
        return self.group.name if is_alone else f"{self.arm} at {self.group.name}"


def describe(title: str, groups: Sequence[Group], judged: Judged) -> Section:
    """One table of all points with the paper's figures beside, what each gains over plain training, and every class."""
    scored = [group for group in groups if group.arms]
    if not all("noise_rows" in (group.points[0].summary or {}) for group in scored):
        return plain.describe(title, groups, judged)  # of another pipeline, whose section has this name
    entries = list(_entries(scored))
    contrasts = [(entry, item) for entry in entries for item in contrasts_of(entry.group, entry.arm, judged)]
    rows = [entry.row | {"arm": entry.name} for entry in entries]
    plots = (
        Plot("mIoU over the strength of the noise", over_noise(rows, "mean_iou")),
        Plot("PSNR over the strength of the noise", over_noise(rows, "psnr_db")),
        Plot("Figure 4 of the paper: every class", _class_bars(entries)),
    )
    return Section(
        "",
        title,
        lead=tuple(_lead(scored, contrasts)),
        notes=(),
        tables=(*_result(rows), *_against_baselines(contrasts)),
        plots=tuple(plot for plot in plots if plot.html),
    )


def _entries(groups: Sequence[Group]) -> Iterator[Entry]:
    for number, group in enumerate(groups):
        yield from (Entry(group, row) for row in _rows(group) if number == 0 or _has_cycle(row))


def _rows(group: Group) -> list[dict[str, Any]]:
    summary = group.points[0].summary
    assert summary is not None, "groups with arms have summaries"
    return summary["noise_rows"]


def _has_cycle(row: dict[str, Any]) -> bool:
    """Whether it gives images back."""
    return row["psnr_db"] is not None


def _lead(groups: Sequence[Group], contrasts: Sequence[tuple[Entry, Judgement]]) -> Iterator[str]:
    """What cycles without noise and class weights do, and the point that R_val prefers, which R_test then judges."""
    if len(groups) < 2:
        return
    best = max(groups, key=lambda group: group.mean_score_on_val(group.arms[-1]))
    for entry, item in contrasts:
        if entry.group is best and _has_cycle(entry.row):
            yield f"Of {len(groups)} points, R_val prefers {best.name}. {say(item)}"
        elif entry.group is groups[0]:
            yield say(item)


def _result(rows: Sequence[dict[str, Any]]) -> list[Table]:
    if not rows:
        return []
    table = noise_table(rows)
    return [Table(f"Table 2 of the paper, ours beside it. {MEANING}", table.header, table.rows, table.strong)]


def _against_baselines(contrasts: Sequence[tuple[Entry, Judgement]]) -> list[Table]:
    if not contrasts:
        return []
    table = comparison_table_of([item for _, item in contrasts], caption="Against training without a cycle.")
    rows = (
        (f"{entry.name} against {item.baseline}", *row[1:])
        for (entry, item), row in zip(contrasts, table.rows, strict=True)
    )
    return [Table(table.caption, table.header, tuple(rows), table.strong)]


def _class_bars(entries: Sequence[Entry]) -> str:
    if not entries:
        return ""
    names = {entry.name: entry.name for entry in entries}
    by_class: dict[str, dict[str, float | None]] = {}
    for entry in entries:
        for found in entry.group.points[0].evaluation["classes"]:
            by_class.setdefault(found["name"], {})[entry.name] = found["iou"][entry.arm]
    return class_bars([{"name": name, "iou": iou} for name, iou in by_class.items()], names)
