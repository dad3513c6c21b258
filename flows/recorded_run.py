"""The record of a flow's run: begun by the command line or by the flow itself, ended with the flow."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from prefect.exceptions import UnfinishedRun

from flows.gpu_pool import senders
from flows.run_config import ComputeConfig
from tasks.artifacts.budget import warn_near_budget
from tasks.artifacts.opening import StorePlace
from tasks.child_process import end_children, is_stopped
from tasks.run_context import Run, find_run, going_on


class StepFailed(RuntimeError):
    """A step of the run failed, so that others could not begin; the message is the first one's."""


@contextlib.contextmanager
def recorded_run(
    name: str, store: StorePlace, compute: ComputeConfig, config: dict[str, Any]
) -> Iterator[Run]:
    """The run that the command line prepared, or a new one where a Prefect worker calls the flow; ends its record.

    `config` is what the record says about the run. Its children end with it, also when it is told to stop.
    """
    run = find_run() or Run(store.open(), name, num_workers=num_workers(compute))
    warn_near_budget(run.store)
    run.send = senders(compute, run.store.place)
    status = "interrupted"
    try:
        with going_on(run):
            yield run
        status = "completed"
    except UnfinishedRun as error:  # of a step that waits for one that failed
        status = "interrupted" if is_stopped() else "failed"
        first = next((outcome for outcome in run.outcomes if outcome.state == "failed"), None)
        if first is None:
            raise
        raise StepFailed(f"{first.label}: {first.reasons[0]}") from error
    except Exception:
        status = "interrupted" if is_stopped() else "failed"
        raise
    except BaseException:  # Ctrl-C, or Prefect's way to say SIGTERM: cancelled, or its worker is to end
        end_children(for_good=True)
        raise
    finally:
        run.finish(status, config)


def num_workers(compute: ComputeConfig) -> int:
    """Steps built at the same time: as configured, or one for every core that this process may use."""
    return compute.num_workers or len(os.sched_getaffinity(0))
