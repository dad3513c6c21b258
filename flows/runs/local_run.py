"""Runs one flow in this process, from its store to its result and its last line."""

import time
from collections.abc import Callable
from typing import Any

from flows.configuration.run import ComputeConfig, RunSettings
from flows.pipelines.pipeline import Pipeline
from flows.runs.console import RunConsole
from flows.runs.interrupts import ending_children_on_interrupt
from flows.runs.recorded_run import num_workers
from flows.runs.time_limit import OutOfTime
from flows.server.embedded_server import wait_for_api
from tasks.artifacts.store import Store
from tasks.building.child_process import ChildFailed, is_stopped
from tasks.building.run_context import Run, going_on

INTERRUPTED, FAILED, SUCCEEDED = 130, 1, 0


def run_here(pipeline: Pipeline[Any], config: RunSettings, store: Store) -> int:
    """Run the pipeline's flow and print its end; returns the exit code."""
    flow = pipeline.load_flow()
    return run_work(
        config.name, config.compute, store, lambda: (SUCCEEDED, f"{pipeline.result}: {flow(config)}")
    )


def run_work(name: str, compute: ComputeConfig, store: Store, work: Callable[[], tuple[int, str]]) -> int:
    """Do work that gives an exit code and a last line, with what a person sees meanwhile; returns the exit code."""
    with RunConsole() as console, ending_children_on_interrupt():
        run = Run(
            store=store,
            name=name,
            num_workers=num_workers(compute),
            watch=console.show,
            listener_for=console.listener_for,
        )
        with going_on(run):
            code, message = _attempt(work, run)
    print(message)
    print(f"{run.made()}, {time.time() - run.started:.0f} s")
    return code


def _attempt(work: Callable[[], tuple[int, str]], run: Run) -> tuple[int, str]:
    """(exit code, what to tell the user)."""
    try:
        wait_for_api()
        return work()
    except OutOfTime as error:
        return FAILED, f"error: {error}"
    except BaseException as error:
        if is_stopped() or isinstance(error, KeyboardInterrupt):
            return INTERRUPTED, "stopped: everything finished is kept; run the same command again to go on"
        if isinstance(error, ValueError | ChildFailed):
            return FAILED, f"error: {error}"
        first = next((outcome for outcome in run.outcomes if outcome.state == "failed"), None)
        if first is None:
            raise
        return FAILED, f"error: {first.label}: {first.reasons[0]}"
