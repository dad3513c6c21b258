"""The sweep's table as one self-contained HTML page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plotly.offline import get_plotlyjs

from models.judging.measures import Measure
from tasks.report.notes import say_clips, say_leaks, say_unbelievable
from tasks.report.templates import read_style, read_template
from tasks.scoring.records import main_measure, shown_measures
from tasks.sweeping.blocks import Section
from tasks.sweeping.points import KindCost, Point
from tasks.sweeping.row_scores import BAR_PX, best_score, draw_bars, find_arms, say_best
from tasks.sweeping.scores import shorten


@dataclass(frozen=True, eq=False)
class SweepPage:
    """`table.json`'s content, the points with their summaries, and the sections; a sweep without any has `grid`."""

    content: dict[str, Any]
    points: list[Point]
    grid: Section
    sections: list[Section]
    costs: Sequence[KindCost]


def render_page(page: SweepPage) -> str:
    """The HTML."""
    content, points, sections = page.content, page.points, page.sections
    rows, measure = content["rows"], main_measure(content)
    arms = find_arms(content)
    summaries = [point.summary for point in points]
    names = [describe({axis: row[axis] for axis in content["axes"]}) for row in rows]
    figures, common = list_figures(content)
    found = [summary for summary in summaries if summary]
    has_refiners = any("refiner_key" in row for row in rows)
    return read_template(Path(__file__).with_name("page.html")).render(
        style=read_style(),
        **(content | {"sections": sections, "measure": measure}),
        plotly_js=get_plotlyjs() if any(section.plots for section in sections) else "",
        costs=page.costs,
        grid=page.grid,
        lineage=[(name, point.config) for name, point in zip(names, points, strict=True) if point.summary],
        figures=figures,
        has_evaluations=any(point.config.evaluation_key for point in points),
        refiner_rows=list_refiners(rows, figures) if has_refiners else rows,
        has_refiners=has_refiners,
        common=common,
        arms=arms,
        others=[item for item in shown_measures(content) if item != measure],
        bars=draw_bars(rows, arms, measure),
        best={arm: best_score(rows, arm, measure) for arm in arms},
        bar_px=BAR_PX,
        seed_names=_seed_names(content["seeds"], figures, arms, measure),
        headline=[]
        if sections
        else [*(say_best(rows, names, arm, measure) for arm in arms), *page.grid.lead],
        failures=_failures(names, rows),
        warnings=_warned(names, summaries),
        pictures=_pictures(names, summaries),
        extractors=sorted({summary["extractor"] for summary in found if summary["extractor"]}),
        notes=_notes(found, measure),
        num_seeds=sorted({item["evaluation"]["num_seeds"] for item in found if item["evaluation"]}),
        num_scored=sorted({item["evaluation"]["num_images"] for item in found if item["evaluation"]}),
    )


def _notes(summaries: list[dict[str, Any]], measure: Measure) -> list[str]:
    """What limits the figures: as summaries say it, each sentence once, or found in those that do not."""
    said = dict.fromkeys(note for item in summaries for note in item["notes"] or ())
    return [*_find_notes([item for item in summaries if item["notes"] is None], measure), *said]


def _find_notes(summaries: list[dict[str, Any]], measure: Measure) -> list[str]:
    numbers = [item["evaluation"]["num_clips"] for item in summaries if item["evaluation"]]
    found = (
        say_unbelievable(_all_scores(summaries), measure),
        *say_leaks([summary["leaks"] for summary in summaries]),
        say_clips(min(numbers)) if numbers else None,  # the fewest that a point was scored on
    )
    return [note for note in found if note]


def _failures(names: list[str], rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Of points that failed: their names, and their errors, short and whole."""
    named = zip(names, rows, strict=True)
    return [(name, shorten(row["error"]), row["error"]) for name, row in named if "error" in row]


def _warned(names: list[str], summaries: Sequence[dict[str, Any] | None]) -> list[tuple[str, list[str]]]:
    """What is suspicious at which point."""
    named = zip(names, summaries, strict=True)
    return [(name, summary["warnings"]) for name, summary in named if summary and summary["warnings"]]


def list_refiners(rows: list[dict[str, Any]], figures: list[str]) -> list[dict[str, Any]]:
    """Each refiner once for the figures that it has; points that failed all stay."""
    different: dict[tuple[Any, ...], dict[str, Any]] = {}
    for index, row in enumerate(rows):
        failure = index if "error" in row else None
        different.setdefault((failure, row.get("refiner_key"), *map(row.get, figures)), row)
    return list(different.values())


def _all_scores(summaries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of every arm of every point that has detectors."""
    return [
        score for summary in summaries if summary["evaluation"] for score in summary["evaluation"]["scores"]
    ]


def list_figures(content: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Names of the figures that differ between points, and the figures that are the same at every one."""
    rows = [row for row in content["rows"] if "error" not in row]
    arms = find_arms(content)
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


def describe(values: dict[str, str]) -> str:
    """The values of axes in a line, with the last part of each axis's name."""
    return ", ".join(f"{axis.rpartition('.')[2]} {value}" for axis, value in values.items() if value)


def _is_score(name: str, arms: list[str]) -> bool:
    return any(name.startswith(f"{arm} ") for arm in arms)


def _seed_names(
    seeds: list[dict[str, Any]], figures: list[str], arms: list[str], measure: Measure
) -> dict[str, str]:
    """What the table over seeds shows, each with its title: the score of every arm, and the figures that differ."""
    scores = {f"{arm} {measure.short}": f"{measure.title} {arm}" for arm in arms}
    titles = scores | {name: name.replace("_", " ") for name in figures}
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
