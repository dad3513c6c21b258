"""One table of all points of a sweep: CSV, JSON and a page."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from models.judging.comparisons import Judgement
from tasks.building.steps import step
from tasks.report.headline import say
from tasks.scoring.records import main_measure, name_measures, shown_measures
from tasks.sweeping.page import SweepPage, render_page
from tasks.sweeping.points import KindCost, Point, PointConfig, read_summary
from tasks.sweeping.row_scores import name_scores
from tasks.sweeping.sections.kinds import describe_grid, describe_sections

_BESIDE_FIGURES = ("refiner_key", "steps", "seconds_per_step", "warnings", "error")  # no figure is called so


class SweepTableConfig(BaseModel):
    """The points in the order of the grid; the inputs hold the summaries of those without an error, in that order.

    `titles` of the sections by name, in order; none of a plain grid.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    axes: tuple[str, ...]
    points: tuple[PointConfig, ...]
    titles: dict[str, str] = {}
    costs: tuple[KindCost, ...] = ()
    is_sample_site: bool
    has_test: bool


@step("sweep-table", libraries=("numpy", "pandas", "plotly", "opencv-python-headless"))
def tabulate_sweep(out: Path, config: SweepTableConfig, points: list[Path]) -> None:
    """`table.csv` (one row a point), `seeds.csv` where an axis is a seed, `table.json` and `index.html`.

    A sweep of sections has their tables and figures on the page, and their sentences in `table.json`.
    """
    import pandas as pd  # a fifth of a second in every process that knows the journey

    summaries = iter(read_summary(folder) for folder in points)
    found = [None if point.error else next(summaries) for point in config.points]
    rows = [_row(point, summary) for point, summary in zip(config.points, found, strict=True)]
    pd.DataFrame(rows).to_csv(out / "table.csv", index=False)
    seeds = over_seeds(rows, config.axes)
    if seeds:
        pd.DataFrame(seeds).to_csv(out / "seeds.csv", index=False)
    content = {
        "name": config.name,
        "axes": list(config.axes),
        "is_sample_site": config.is_sample_site,
        "has_test": config.has_test,
        **_find_measures(found),
        "rows": [_without_gaps(row) for row in rows],
        "seeds": [_without_gaps(row) for row in seeds],
    }
    points_found = [Point(point, summary) for point, summary in zip(config.points, found, strict=True)]
    sections = describe_sections(points_found, config.titles)
    grid = describe_grid([] if sections else points_found)
    content["sections"] = [{"title": section.title, "lead": section.lead} for section in sections]
    content["comparisons"] = [
        _record(item, section.name) for section in (grid, *sections) for item in section.between
    ]
    (out / "table.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    page = SweepPage(content, points_found, grid, sections, config.costs)
    (out / "index.html").write_text(render_page(page), encoding="utf-8")


def _record(item: Judgement, section: str) -> dict[str, Any]:
    """A point against the first one of its section, "" in a plain grid."""
    return item.record() | {"section": section, "sentence": say(item)}


def over_seeds(rows: list[dict[str, Any]], axes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Mean, standard deviation (n - 1), least and largest of every figure over the seeds, a row a remaining point.

    Empty where no axis is a seed.
    """
    seed_axes = [axis for axis in axes if axis.endswith("seed")]
    kept = [axis for axis in axes if axis not in seed_axes]
    if not seed_axes:
        return []
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[axis] for axis in kept), []).append(row)
    return [
        _statistics(dict(zip(kept, values, strict=True)), group, axes) for values, group in groups.items()
    ]


def _statistics(values: dict[str, Any], group: list[dict[str, Any]], axes: tuple[str, ...]) -> dict[str, Any]:
    """Intervals of single points are left out: they say nothing about seeds."""
    row: dict[str, Any] = {**values, "num_seeds": sum("error" not in item for item in group)}
    names = dict.fromkeys(name for item in group for name in item)
    for name in names:
        if name in axes or name in _BESIDE_FIGURES or name.endswith((" low", " high")):
            continue
        found = np.array([item[name] for item in group if item.get(name) is not None], float)
        if len(found):
            row[f"{name} mean"] = float(found.mean())
            row[f"{name} sd"] = _deviation(found)
            row[f"{name} min"], row[f"{name} max"] = float(found.min()), float(found.max())
    return row


def _deviation(values: np.ndarray) -> float | None:
    """Of equal values exactly 0, which a mean that is rounded would miss."""
    if len(values) < 2:
        return None
    return 0.0 if np.ptp(values) == 0 else float(values.std(ddof=1))


def _row(point: PointConfig, summary: dict[str, Any] | None) -> dict[str, Any]:
    """One line of the table; without a summary only the error is known."""
    if summary is None:
        return {**point.values, "error": point.error}
    assert not set(summary["figures"]) & {*point.values, *_BESIDE_FIGURES}, (
        "a figure has the name of a column"
    )
    row: dict[str, Any] = {
        **point.values,
        **_of_refiner(point, summary["steps"]),
        "steps": summary["steps"],
        **summary["figures"],
    }
    if summary["warnings"]:
        row["warnings"] = "; ".join(summary["warnings"])
    for score in (summary["evaluation"] or {"scores": []})["scores"]:
        row |= name_scores(score, summary["evaluation"])
    return row


def _of_refiner(point: PointConfig, steps: int) -> dict[str, Any]:
    """Nothing of a point that trained none."""
    if not point.refiner_key:
        return {}
    return {"refiner_key": point.refiner_key, "seconds_per_step": point.refiner_seconds / steps}


def _find_measures(summaries: list[dict[str, Any] | None]) -> dict[str, Any]:
    """By which the points are scored, all by the same; nothing is named without detectors."""
    found = [item["evaluation"] for item in summaries if item and item["evaluation"]]
    named = [name_measures(main_measure(item), shown_measures(item)) for item in found]
    if any(item != named[0] for item in named):
        titles = sorted({item["measure"]["title"] for item in named})
        raise ValueError(f"points of one sweep must be scored alike, but there are {', '.join(titles)}")
    return named[0] if named else {}


def _without_gaps(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}
