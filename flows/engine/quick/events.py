"""Events of steps that wait to be sent to the server, at the end of a run whose server ends with it."""

import contextlib
import queue
import time

from prefect.events.worker import EventsWorker

_LOOK_EVERY_S = 0.05


def send_events(*, timeout_s: float) -> int:
    """Return when the server has all events, or drop those that are left after `timeout_s`; how many were dropped.

    Prefect sends what waits when the process ends. To a server that is gone it tries each event again for seconds: a run
    of ten thousand steps then ends an hour later.
    """
    # Instances of all of Prefect's services stand in one dictionary.
    workers = [item for item in tuple(EventsWorker._instances.values()) if isinstance(item, EventsWorker)]
    deadline = time.monotonic() + timeout_s
    while any(worker._queue.unfinished_tasks for worker in workers) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)
    dropped = sum(_clear(worker) for worker in workers)
    # This asks the server whether it has them.
    EventsWorker.drain_all(timeout=max(1.0, deadline - time.monotonic()))
    return dropped


def _clear(worker: EventsWorker) -> int:
    """Take what waits out of the queue; how many that were."""
    count = 0
    with contextlib.suppress(queue.Empty):
        while True:
            event = worker._queue.get_nowait()
            worker._queue.task_done()
            if event is not None:
                worker._on_item_dropped(event)
                count += 1
    return count
