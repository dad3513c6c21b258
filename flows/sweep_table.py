"""A sweep's table as texts, for the terminal and for Prefect's UI."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tasks.sweeping.page import find_arms

_UNBOUNDED = 100_000  # columns: in a file or a pipe no line is folded


def print_table(path: Path) -> None:
    """Print the `table.json` of a sweep."""
    header, *rows = table_cells(json.loads(path.read_text()))
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table, width=None if console.is_terminal else _UNBOUNDED)


def table_cells(content: dict[str, Any]) -> list[list[str]]:
    """The header and a row a point: axes, figures, F1 of every arm with its interval, error."""
    rows, arms = content["rows"], find_arms(content["rows"])
    names = list(dict.fromkeys(name for row in rows for name in row))
    scores = [name for name in names if any(name.startswith(f"{arm} ") for arm in arms)]
    plain = [name for name in names if name not in (*scores, "refiner", "steps", "error")]
    errors = ["error"] if "error" in names else []
    header = [*(name.replace("_", " ") for name in plain), *(f"{arm}: F1" for arm in arms), *errors]
    return [
        header,
        *(
            [_cell(row.get(name)) for name in plain]
            + [_f1(row, arm) for arm in arms]
            + [row.get(name, "").splitlines()[0] if row.get(name) else "" for name in errors]
            for row in rows
        ),
    ]


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _f1(row: dict[str, Any], arm: str) -> str:
    if f"{arm} F1" not in row:
        return ""
    low, high = row.get(f"{arm} F1 low"), row.get(f"{arm} F1 high")
    interval = "" if low is None else f" [{low:.3f}, {high:.3f}]"
    return f"{row[f'{arm} F1']:.3f}{interval}"
