"""A log that several starts of a process write one after the other, kept short enough to be read."""

import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import IO

from flows.watching import json_lines

_MOST_BYTES, _GENERATIONS = 10_000_000, 3
_START = "---- "  # begins the line that each start writes
_STARTED = "verisim.start"  # the logger that such a line names where lines are JSON


def open_to_append(path: Path, title: str) -> IO[str]:
    """The log with a line that says who starts now, and when."""
    shorten(path)
    log = path.open("a", encoding="utf-8")
    log.write(f"{_first_line(title)}\n")
    log.flush()
    return log


def shorten(path: Path) -> None:
    """Move what a log holds into NAME.1 once it is 10 MB, also while a process appends to it; NAME.3 is the oldest."""
    if not path.is_file() or path.stat().st_size <= _MOST_BYTES:
        return
    older = [path.with_name(f"{path.name}.{number}") for number in range(1, _GENERATIONS + 1)]
    for old, new in zip(older[-2::-1], older[:0:-1], strict=True):
        if old.exists():
            old.replace(new)
    shutil.copyfile(path, older[0])
    os.truncate(path, 0)


def lines_of_last_start(path: Path) -> list[str]:
    """What the last process to be started wrote."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    begins = [number for number, line in enumerate(lines) if _is_start(line)]
    return lines[begins[-1] + 1 if begins else 0 :]


def _first_line(title: str) -> str:
    if json_lines.is_json_wanted():
        return json_lines.line(f"{title} starts", logger=_STARTED)
    return f"{_START}{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {title}"


def _is_start(line: str) -> bool:
    return line.startswith(_START) or (
        _STARTED in line and line.startswith("{") and _logger_of(line) == _STARTED
    )


def _logger_of(line: str) -> str | None:
    try:
        return json.loads(line).get("logger")
    except ValueError:
        return None
