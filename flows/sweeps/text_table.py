"""A sweep's table as texts, for the terminal and for Prefect's UI."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.judging.measures import Measure
from tasks.report.blocks import interval
from tasks.scoring.records import main_measure
from tasks.sweeping.page import describe, list_figures
from tasks.sweeping.row_scores import find_arms, find_score
from tasks.sweeping.scores import shorten

_UNBOUNDED = 100_000  # columns: in a file or a pipe no line is folded


def print_table(path: Path) -> None:
    """Print the `table.json` of a sweep."""
    content = json.loads(path.read_text(encoding="utf-8"))
    header, *rows = table_cells(content)
    console = Console(highlight=False)
    console.width = console.width if console.is_terminal else _UNBOUNDED
    table = Table(box=None, pad_edge=False)
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)
    for item in content["comparisons"]:
        console.print(item["sentence"], markup=False, soft_wrap=True)
    for name, value in list_figures(content)[1].items():
        console.print(f"{name.replace('_', ' ')} is {_cell(value)} at every point", soft_wrap=True)
    for row in content["rows"]:
        values = describe({axis: row[axis] for axis in content["axes"]})
        if "error" in row:
            console.print(f"{values} failed. {shorten(row['error'])}", markup=False, soft_wrap=True)
        if "warnings" in row:
            console.print(f"{values}: {row['warnings']}", markup=False, soft_wrap=True)


def table_cells(content: dict[str, Any]) -> list[list[str]]:
    """The header and a row a point: axes, figures that differ, the score of every arm with its interval.

    Empty where a point failed.
    """
    rows, arms, measure = content["rows"], find_arms(content), main_measure(content)
    axes, figures = content["axes"], list_figures(content)[0]
    header = [
        *axes,
        *(name.replace("_", " ") for name in figures),
        *(f"{measure.title} {arm}" for arm in arms),
    ]
    plain = [*axes, *figures]
    cells = (
        [_cell(row.get(name)) for name in plain] + [_score(row, arm, measure) for arm in arms] for row in rows
    )
    return [header, *cells]


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _score(row: dict[str, Any], arm: str, measure: Measure) -> str:
    score = find_score(row, arm, measure)
    if score is None:
        return ""
    bounds = "" if score.bounds is None else f" {interval(score.bounds, measure.pattern)}"
    return measure.pattern.format(score.value) + bounds
