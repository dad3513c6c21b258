"""The sweep's table as one self-contained HTML page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plotly.offline import get_plotlyjs

from tasks.report.page import LEAST_BELIEVABLE_F1, read_style, read_template, say_clips, say_leaks
from tasks.sweeping.blocks import Section
from tasks.sweeping.points import KindCost, Point
from tasks.sweeping.scores import shorten

_BAR_PX = 130
_EDGE_PX = 5  # of a bar, so that a dot at its end is whole


@dataclass(frozen=True)
class Bar:
    """F1 with its interval on a scale that all rows share; places in pixels from the left."""

    low_px: float
    value_px: float
    high_px: float
    text: str


def render_page(
    content: dict[str, Any], points: list[Point], sections: list[Section], costs: Sequence[KindCost]
) -> str:
    """HTML of `table.json`'s content, the points with their summaries, and the sections where the sweep has any."""
    rows = content["rows"]
    arms = find_arms(rows)
    summaries = [point.summary for point in points]
    names = [describe({axis: row[axis] for axis in content["axes"]}) for row in rows]
    figures, common = list_figures(content)
    found = [summary for summary in summaries if summary]
    return read_template(Path(__file__).with_name("page.html")).render(
        style=read_style(),
        **(content | {"sections": sections}),
        plotly_js=get_plotlyjs() if any(section.plots for section in sections) else "",
        costs=costs,
        lineage=[(name, point.config) for name, point in zip(names, points, strict=True) if point.summary],
        figures=figures,
        refiner_rows=list_refiners(rows, figures),
        common=common,
        arms=arms,
        bars=_bars(rows, arms),
        best={arm: _best(rows, arm) for arm in arms},
        bar_px=_BAR_PX,
        seed_names=_seed_names(content["seeds"], figures, arms),
        headline=[] if sections else _headline(rows, names, arms),
        failures=[
            (name, shorten(row["error"]), row["error"])
            for name, row in zip(names, rows, strict=True)
            if "error" in row
        ],
        warnings=[
            (name, summary["warnings"])
            for name, summary in zip(names, summaries, strict=True)
            if summary and summary["warnings"]
        ],
        pictures=_pictures(names, summaries),
        extractors=sorted({summary["extractor"] for summary in found if summary["extractor"]}),
        best_on_val=_best_on_val(found),
        leaks=say_leaks([summary["leaks"] for summary in found]),
        clips=_clips(found),
        least_f1=LEAST_BELIEVABLE_F1,
        num_seeds=sorted({item["evaluation"]["num_seeds"] for item in found if item["evaluation"]}),
        num_scored=sorted({item["evaluation"]["num_images"] for item in found if item["evaluation"]}),
    )


def list_refiners(rows: list[dict[str, Any]], figures: list[str]) -> list[dict[str, Any]]:
    """Each refiner once for the figures that it has; points that failed all stay."""
    different: dict[tuple[Any, ...], dict[str, Any]] = {}
    for index, row in enumerate(rows):
        failure = index if "error" in row else None
        different.setdefault((failure, row.get("refiner_key"), *map(row.get, figures)), row)
    return list(different.values())


def _best_on_val(summaries: list[dict[str, Any]]) -> float | None:
    """The highest F1 on R_val of any arm, None without detectors."""
    scores = [score for summary in summaries for score in (summary["evaluation"] or {"scores": []})["scores"]]
    return max((score["val_f1"] for score in scores), default=None)


def _clips(summaries: list[dict[str, Any]]) -> str | None:
    """What the fewest clips that a point was scored on mean."""
    numbers = [item["evaluation"]["num_clips"] for item in summaries if item["evaluation"]]
    return say_clips(min(numbers)) if numbers else None


def list_figures(content: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Names of the figures that differ between points, and the figures that are the same at every one."""
    rows = [row for row in content["rows"] if "error" not in row]
    arms = find_arms(rows)
    named = (*content["axes"], "refiner_key", "steps", "warnings")
    names = [
        name
        for name in dict.fromkeys(name for row in rows for name in row)
        if name not in named and not _is_score(name, arms)
    ]
    common = {name: rows[0][name] for name in names if len({row.get(name) for row in rows}) == 1}
    if len(rows) < 2:
        return names, {}
    return [name for name in names if name not in common], common


def find_arms(rows: list[dict[str, Any]]) -> list[str]:
    """The arms of the table, in order."""
    return list(dict.fromkeys(name[:-3] for row in rows for name in row if name.endswith(" F1")))


def describe(values: dict[str, str]) -> str:
    """The values of axes in a line, with the last part of each axis's name."""
    return ", ".join(f"{axis.rpartition('.')[2]} {value}" for axis, value in values.items() if value)


def _is_score(name: str, arms: list[str]) -> bool:
    return any(name.startswith(f"{arm} ") for arm in arms)


def _best(rows: list[dict[str, Any]], arm: str) -> float | None:
    """The highest F1, None where it is the same everywhere."""
    values = {row[f"{arm} F1"] for row in rows if f"{arm} F1" in row}
    return max(values) if len(values) > 1 else None


def _headline(rows: list[dict[str, Any]], names: list[str], arms: list[str]) -> list[str]:
    """The highest F1 of every arm, in words."""
    sentences = []
    for arm in arms:
        scored = [
            (row[f"{arm} F1"], name) for row, name in zip(rows, names, strict=True) if f"{arm} F1" in row
        ]
        best = max(value for value, _ in scored)
        winners = [name for value, name in scored if value == best]
        if len(winners) == len(scored) > 1:
            sentences.append(f"Trained on {arm}: F1 {best:.3f} at every point.")
            continue
        sentences.append(f"Trained on {arm}: the highest F1 is {best:.3f}, at {'; at '.join(winners)}.")
    return sentences


def _bars(rows: list[dict[str, Any]], arms: list[str]) -> list[dict[str, Bar]]:
    """The F1 of every arm, a dictionary a row; rows without a score have an empty one."""
    scores = [
        {arm: _score(row, arm) for arm in arms if f"{arm} F1" in row} for row in rows
    ]  # (low, value, high) each
    ends = [end for row in scores for low, _, high in row.values() for end in (low, high)]
    least, largest = min(ends, default=0.0), max(ends, default=1.0)
    scale = (_BAR_PX - 2 * _EDGE_PX) / max(largest - least, 1e-9)

    def place(value: float) -> float:
        return _EDGE_PX + (value - least) * scale

    return [
        {
            arm: Bar(place(low), place(value), place(high), _interval_text(rows[index], arm))
            for arm, (low, value, high) in row.items()
        }
        for index, row in enumerate(scores)
    ]


def _score(row: dict[str, Any], arm: str) -> tuple[float, float, float]:
    value = row[f"{arm} F1"]
    return row.get(f"{arm} F1 low", value), value, row.get(f"{arm} F1 high", value)


def _interval_text(row: dict[str, Any], arm: str) -> str:
    if f"{arm} F1 low" not in row:
        return "no interval"
    return f"{row[f'{arm} F1 low']:.3f} – {row[f'{arm} F1 high']:.3f}"


def _seed_names(seeds: list[dict[str, Any]], figures: list[str], arms: list[str]) -> dict[str, str]:
    """What the table over seeds shows, each with its title: F1 of every arm, and the figures that differ."""
    titles = {f"{arm} F1": f"F1 {arm}" for arm in arms} | {name: name.replace("_", " ") for name in figures}
    return {name: title for name, title in titles.items() if any(f"{name} mean" in row for row in seeds)}


def _pictures(names: list[str], summaries: list[dict[str, Any] | None]) -> list[dict[str, str | None]]:
    """Strips of crops: the rendered ones where they are others than in the row before, and each point's refined ones."""
    rows: list[dict[str, str | None]] = []
    before = None
    for name, summary in zip(names, summaries, strict=True):
        if summary is None or summary["after"] is None:
            continue
        is_new = summary["before"] != before
        before = summary["before"]
        rows.append({"name": name, "before": before if is_new else None, "after": summary["after"]})
    return rows
