"""What lies in watched folders of images: whether it changed since the last look, by names, sizes and times alone."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tasks.artifacts.lookup import all_records
from tasks.artifacts.store import Store


@dataclass(frozen=True)
class FolderState:
    """The files of one look. `number` counts the looks that found something new, from 1."""

    number: int
    digest: str
    num_files: int

    def record(self) -> dict[str, Any]:
        return asdict(self)


NOTHING_SEEN = FolderState(0, "", 0)


@dataclass(frozen=True)
class Look:
    """What was seen; `age_s` is how long ago the newest file was written."""

    digest: str
    num_files: int
    age_s: float


def look_into(folders: Sequence[Path]) -> Look:
    """All files below the folders but hidden ones. ValueError where a folder is away: it must not count as empty."""
    files, newest = [], 0.0
    for folder in folders:
        if not folder.is_dir():
            raise ValueError(f"{folder} is no folder that can be read; bring it back, or watch another one")
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not any(part.startswith(".") for part in inside.parts):
                found = path.stat()
                files.append(f"{folder}/{inside} {found.st_size} {found.st_mtime_ns}")
                newest = max(newest, found.st_mtime)
    return Look(hashlib.sha256("\n".join(files).encode()).hexdigest(), len(files), time.time() - newest)


def record_name(run: str) -> str:
    """The name under which looks at a run's folders are recorded."""
    return f"{run}-images"


def version_name(run: str, number: int) -> str:
    """The name of the run that is made after a look which found something new."""
    return f"{run}.v{number}"


def last_state(store: Store, run: str) -> FolderState:
    """What the last run was made over; NOTHING_SEEN before the first."""
    for record in all_records(store):
        if record["run"] == record_name(run) and record["status"] == "completed":
            return FolderState(**record["config"])
    return NOTHING_SEEN


def next_state(last: FolderState, look: Look, *, settle_s: float) -> FolderState:
    """The state after `last`: `last` itself where nothing changed, or while files are still being written."""
    if look.digest == last.digest or look.num_files == 0 or look.age_s < settle_s:
        return last
    return FolderState(last.number + 1, look.digest, look.num_files)
