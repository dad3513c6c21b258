"""A log that several starts of a process write one after the other, kept short enough to be read."""

import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import IO

_MOST_BYTES = 10_000_000
_START = "---- "  # begins the line that each start writes


def open_to_append(path: Path, title: str) -> IO[str]:
    """The log with a line that says who starts now, and when."""
    shorten(path)
    log = path.open("a", encoding="utf-8")
    log.write(f"{_START}{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {title}\n")
    log.flush()
    return log


def shorten(path: Path) -> None:
    """Move what a log holds into NAME.1 once it is 10 MB, also while a process appends to it."""
    if path.is_file() and path.stat().st_size > _MOST_BYTES:
        shutil.copyfile(path, path.with_name(f"{path.name}.1"))
        os.truncate(path, 0)


def lines_of_last_start(path: Path) -> list[str]:
    """What the last process to be started wrote."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    begins = [number for number, line in enumerate(lines) if line.startswith(_START)]
    return lines[begins[-1] + 1 if begins else 0 :]
