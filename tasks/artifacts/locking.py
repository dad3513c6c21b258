"""Advisory file locks that the kernel releases when their process dies."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def file_lock(
    path: Path, *, shared: bool = False, on_wait: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold a lock on `path`; `on_wait` is called once when another holder makes us wait."""
    descriptor = _acquire(path, shared=shared, on_wait=on_wait)
    try:
        yield
    finally:
        os.close(descriptor)


def try_lock(path: Path) -> int | None:
    """An open descriptor that holds the exclusive lock, or None when somebody else holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    if _lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB) and _is_current(descriptor, path):
        return descriptor
    os.close(descriptor)
    return None


def _acquire(path: Path, *, shared: bool, on_wait: Callable[[], None] | None) -> int:
    mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if not _lock(descriptor, mode | fcntl.LOCK_NB):
            if on_wait is not None:
                on_wait()
                on_wait = None
            fcntl.flock(descriptor, mode)
        if _is_current(descriptor, path):
            return descriptor
        os.close(descriptor)


def _lock(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode)
    except BlockingIOError:
        return False
    return True


def _is_current(descriptor: int, path: Path) -> bool:
    """False when gc removed the file between our open and our lock: two holders would not see each other."""
    try:
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False
