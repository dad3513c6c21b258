"""Runs one configuration in this process, from its store to its report and its last line."""

import time

from flows.augment import augment, num_workers
from flows.console import RunConsole
from flows.embedded_server import wait_for_api
from flows.interrupting import ending_children_on_interrupt
from flows.run_config import RunConfig
from tasks.artifacts import Store
from tasks.child_process import ChildFailed, is_stopped
from tasks.run_context import Run, going_on

INTERRUPTED, FAILED, SUCCEEDED = 130, 1, 0


def run_here(config: RunConfig, store: Store) -> int:
    """Run `augment` and print its end; returns the exit code."""
    with RunConsole() as console, ending_children_on_interrupt():
        run = Run(
            store=store,
            name=config.name,
            num_workers=num_workers(config),
            watch=console.show,
            listener_for=console.listener_for,
        )
        with going_on(run):
            code, message = _attempt(config, run)
    print(message)
    built, reused, failed = (run.count(state) for state in ("built", "reused", "failed"))
    print(f"built {built}, reused {reused}, failed {failed}, {time.time() - run.started:.0f} s")
    return code


def _attempt(config: RunConfig, run: Run) -> tuple[int, str]:
    """(exit code, what to tell the user)."""
    try:
        wait_for_api()
        return SUCCEEDED, f"report: {augment(config)}"
    except BaseException as error:
        if is_stopped() or isinstance(error, KeyboardInterrupt):
            return INTERRUPTED, "stopped: everything finished is kept; run the same command again to go on"
        if isinstance(error, ValueError | ChildFailed):
            return FAILED, f"error: {error}"
        first = next((outcome for outcome in run.outcomes if outcome.state == "failed"), None)
        if first is None:
            raise
        return FAILED, f"error: {first.label}: {first.reasons[0]}"
