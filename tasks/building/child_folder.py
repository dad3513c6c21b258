"""A folder for every child process: what it is told, its log, and whatever its libraries put among temporary files.

It is locked by whoever started the child, so that the next one can tell and remove those of processes that were killed.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "verisim-child-"
_LOCKED_WITHIN_S = 60.0  # between a folder and its lock


@contextlib.contextmanager
def child_folder() -> Iterator[Path]:
    """A new folder that ends with the context, or with one of a later child after this process was killed."""
    _remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name:
        descriptor = _lock(Path(name))
        try:
            yield Path(name)
        finally:
            os.close(descriptor)


def temporary_files_in(folder: Path) -> dict[str, str]:
    """The environment of a process that makes its temporary files in `folder`: Python's, Blender's and most others'."""
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))


def _remove_abandoned() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else's, in use, or just removed by another process
            if time.time() - folder.stat().st_mtime > _LOCKED_WITHIN_S:
                os.close(_lock(folder))
                shutil.rmtree(folder, ignore_errors=True)


def _lock(folder: Path) -> int:
    """A descriptor that holds the folder; BlockingIOError where another process does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
