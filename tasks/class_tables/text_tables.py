"""Class tables as text: CamVid's label_colors.txt, CVAT's labelmap.txt, a name a line, or a CSV of names and colours."""

import csv
import io
import re
from typing import Any

from blender_assets.both_sides.text_reading import shown

_COLOR_FIRST = re.compile(r"(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\S.*)")
_CVAT = re.compile(r"([^:#]+):(\d{1,3}),(\d{1,3}),(\d{1,3}):[^:]*:.*")
_COLUMNS = {"r": 0, "red": 0, "g": 1, "green": 1, "b": 2, "blue": 2}


def text_rows(text: str, source: str) -> list[dict[str, Any]]:
    """Records of labels, from lines like `128 64 128 Road`, `road:128,64,128::` or `road`; # begins a comment."""
    rows = [
        _text_row(line.strip()) for line in text.splitlines() if line.strip() and not line.startswith("#")
    ]
    if not rows:
        raise ValueError(f"{source} names no classes; write one a line, e.g. 128 64 128 Road")
    colored = sum("color" in row for row in rows)
    if 0 < colored < len(rows):
        odd = next(row["name"] for row in rows if "color" not in row)
        raise ValueError(
            f"{source} has colours in {colored} of {len(rows)} lines, but none in {shown(odd)}; write red, green, blue and "
            "the name in each"
        )
    return rows


def csv_rows(text: str, source: str) -> list[dict[str, Any]]:
    """Records of labels, from a CSV whose first line names its columns: name, r, g, b, and id where there is one."""
    reader = csv.reader(io.StringIO(text.replace("\0", "")))
    try:
        header, *lines = [[cell.strip() for cell in line] for line in reader if line]
    except (csv.Error, ValueError):
        raise ValueError(f"{source} is no CSV with a line of columns; begin it with name,r,g,b") from None
    columns = [name.lower() for name in header]
    if "name" not in columns:
        raise ValueError(f"{source} has the columns {shown(header)}, but `name` is needed, and r, g, b or id")
    return [_csv_row(columns, line, number, source) for number, line in enumerate(lines, start=2)]


def _text_row(line: str) -> dict[str, Any]:
    if match := _CVAT.fullmatch(line):
        return {"name": match[1].strip(), "color": [int(match[part]) for part in (2, 3, 4)]}
    if match := _COLOR_FIRST.fullmatch(line):
        return {"name": match[4].strip(), "color": [int(match[part]) for part in (1, 2, 3)]}
    return {"name": line}


def _csv_row(columns: list[str], line: list[str], number: int, source: str) -> dict[str, Any]:
    if len(line) != len(columns):
        raise ValueError(
            f"{source} has {len(line)} values in line {number}, but {len(columns)} columns; mend the line"
        )
    cells = dict(zip(columns, line, strict=True))
    row: dict[str, Any] = {"name": cells["name"]}
    colors = [name for name in columns if name in _COLUMNS]
    for name in ("id", "train_id", *colors):
        if name in cells and not re.fullmatch(r"-?[0-9]{1,6}", cells[name]):
            raise ValueError(
                f"{source} has {shown(cells[name])} as {name} in line {number}; a whole number is needed"
            )
    row |= {name: int(cells[name]) for name in ("id", "train_id") if name in cells}
    if colors:
        ordered = sorted(colors, key=lambda name: _COLUMNS[name])
        row["color"] = [int(cells[name]) for name in ordered]
    return row
