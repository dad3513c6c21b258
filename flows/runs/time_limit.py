"""The longest time that a run or a training may take: then its children end, and it fails in one clear line."""

import contextlib
import threading
from collections.abc import Iterator

from tasks.building.child_process import ChildFailed, end_children

_S_PER_H = 3600.0


class OutOfTime(ChildFailed):
    """The run was ended because it took longer than it may."""


@contextlib.contextmanager
def time_limit(timeout_h: float | None) -> Iterator[None]:
    """End this process's children for good after so many hours, None for never; OutOfTime instead of what fails thereby.

    What works in this process itself ends by itself; nothing begins any more.
    """
    if timeout_h is None:
        yield
        return
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        end_children(for_good=True)

    timer = threading.Timer(timeout_h * _S_PER_H, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if not is_late.is_set():
            raise
        raise OutOfTime(
            f"ended after {timeout_h:g} h, the limit that timeout_h sets; what is finished is kept: send it again, with a "
            "higher limit if need be, and it goes on from there"
        ) from error
    finally:
        timer.cancel()
