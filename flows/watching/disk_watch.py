"""Looks at the disks that a run or a worker writes to, in a thread of its own, before they are full."""

import contextlib
import logging
import platform
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from flows.watching.disk_space import disk_space, least_free_gb
from flows.watching.events import DISK_LOW, Trouble, tell
from flows.watching.told_before import is_due

_EVERY_S = 60.0
log = logging.getLogger(__name__)  # not below `verisim`: no run has it, and Prefect would ask for one


def look_at_disks(folders: tuple[Path, ...]) -> list[Trouble]:
    """What to tell of disks that have too little room: once an hour of each disk of this host. Logs it."""
    found = []
    for folder in folders:
        space = disk_space(folder)
        if space is None or not space.is_low() or not is_due(f"{DISK_LOW} {space.device}"):
            continue
        message = (
            f"the disk of {folder} on {platform.node()} has {space.free_bytes / 1e9:.1f} GB free, less than "
            f"{least_free_gb():g} GB: `python -m flows artifacts gc --keep-last 3` frees what older runs made"
        )
        log.warning("%s", message)
        found.append(Trouble(DISK_LOW, (platform.node(), str(folder)), message))
    return found


@contextlib.contextmanager
def watching_disks(store: Path) -> Iterator[None]:
    """Meanwhile the disks of the store's folder and of temporary files are looked at."""
    ended = threading.Event()
    folders = (store, Path(tempfile.gettempdir()))

    def look() -> None:
        while True:
            for trouble in look_at_disks(folders):
                tell(trouble)
            if ended.wait(_EVERY_S):
                return

    least_free_gb()  # a bad setting is said before anything begins
    threading.Thread(target=look, daemon=True, name="disks").start()
    try:
        yield
    finally:
        ended.set()
