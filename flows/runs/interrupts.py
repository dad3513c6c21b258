"""Ctrl-C while child processes work."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import Any

from tasks.building.child_process import end_children


@contextlib.contextmanager
def ending_children_on_interrupt() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the child processes first, so that every waiting step ends at once."""

    def stop(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C does not wait
        end_children(for_good=True)
        raise KeyboardInterrupt

    with answering_interrupts(stop):
        yield


@contextlib.contextmanager
def answering_interrupts(stop: Callable[[int, Any], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM call `stop`, and afterwards what they called before."""
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
