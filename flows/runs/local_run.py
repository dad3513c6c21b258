"""Runs one flow in this process, from its store to its result and its last line."""

import time
from collections.abc import Callable

from flows.people.config import ComputeConfig, RunConfig
from flows.people.flow import augment
from flows.pretraining.config import PretrainConfig
from flows.pretraining.flow import pretrain
from flows.runs.console import RunConsole
from flows.runs.interrupts import ending_children_on_interrupt
from flows.runs.recorded_run import num_workers
from flows.runs.result_pages import sweep_page
from flows.runs.time_limit import OutOfTime
from flows.server.embedded_server import wait_for_api
from flows.sweeps.config import SweepConfig, list_points
from flows.sweeps.flow import PointsFailed, sweep
from flows.sweeps.text_table import print_table
from tasks.artifacts.store import Store
from tasks.building.child_process import ChildFailed, is_stopped
from tasks.building.run_context import Run, going_on

INTERRUPTED, FAILED, SUCCEEDED = 130, 1, 0


def run_here(config: RunConfig, store: Store) -> int:
    """Run `augment` and print its end; returns the exit code."""
    return _run(config.name, config.compute, store, lambda: (SUCCEEDED, f"report: {augment(config)}"))


def pretrain_here(config: PretrainConfig, store: Store) -> int:
    """Run `pretrain` and print its end; returns the exit code."""
    return _run(config.name, config.compute, store, lambda: (SUCCEEDED, f"weights: {pretrain(config)}"))


def sweep_here(config: SweepConfig, store: Store) -> int:
    """Run `sweep` and print its table and its end; returns the exit code."""
    shared = list_points(config)[0].config
    table = sweep_page(shared).with_name("table.json")

    def work() -> tuple[int, str]:
        try:
            code, message = SUCCEEDED, f"table: {sweep(config)}"
        except PointsFailed as error:
            code, message = FAILED, f"error: {error}"
        print_table(table)
        return code, message

    return _run(shared.name, shared.compute, store, work)


def _run(name: str, compute: ComputeConfig, store: Store, work: Callable[[], tuple[int, str]]) -> int:
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
