"""How far a long step has come, reported to whoever watches the run."""

from collections.abc import Callable
from contextvars import ContextVar

Listener = Callable[[int, int, str], None]
_listener: ContextVar[Listener | None] = ContextVar("progress_listener", default=None)


def listen(listener: Listener) -> None:
    """Send the progress of steps in this context (thread or task) to `listener(done, total, note)`."""
    _listener.set(listener)


def current() -> Listener | None:
    """Who listens in this context, for steps that add up the progress of several threads."""
    return _listener.get()


def report(done: int, total: int, note: str = "") -> None:
    """Say that `done` of `total` units are finished; `note` holds a loss or a file name."""
    listener = _listener.get()
    if listener is not None:
        listener(done, total, note)
