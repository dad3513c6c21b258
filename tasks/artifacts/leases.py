"""The keys that a living process uses, so that gc leaves them alone."""

import fcntl
import os
import uuid
from pathlib import Path

from tasks.artifacts.locking import try_lock


class Lease:
    """A file of keys, locked for as long as this process lives."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._file = self._path.open("a", encoding="utf-8")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._keys: set[str] = set()

    def add(self, key: str) -> None:
        if key not in self._keys:
            self._keys.add(key)
            self._file.write(key + "\n")
            self._file.flush()


def leased_keys(folder: Path) -> set[str]:
    """Keys in use by living processes; leases of dead ones are removed."""
    keys: set[str] = set()
    for path in folder.iterdir():
        descriptor = try_lock(path)
        if descriptor is None:
            keys.update(path.read_text(encoding="utf-8").split())
        else:
            path.unlink()
            os.close(descriptor)
    return keys
