"""The record of a flow's run: begun by the command line or by the flow itself, ended with the flow."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.run_config import ComputeConfig
from tasks.artifacts import Store
from tasks.child_process import is_stopped
from tasks.run_context import Run, find_run, going_on


@contextlib.contextmanager
def recorded_run(name: str, store: str, compute: ComputeConfig, config: dict[str, Any]) -> Iterator[Run]:
    """The run that the command line prepared, or a new one where a Prefect worker calls the flow; ends its record.

    `config` is what the record says about the run.
    """
    run = find_run() or Run(Store(Path(store)), name, num_workers=num_workers(compute))
    status = "failed"
    try:
        with going_on(run):
            yield run
        status = "completed"
    finally:
        run.finish("interrupted" if is_stopped() else status, config)


def num_workers(compute: ComputeConfig) -> int:
    """Steps built at the same time: as configured, or one for every core that this process may use."""
    return compute.num_workers or len(os.sched_getaffinity(0))
