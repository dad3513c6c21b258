"""Runs one configuration in this process, from its store to its report and its last line."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flows.augment import augment
from flows.console import RunConsole
from flows.embedded_server import wait_for_api
from flows.run_config import RunConfig
from tasks.artifacts import Ref, Store
from tasks.child_process import ChildFailed, end_children, is_stopped
from tasks.run_context import Run, going_on

INTERRUPTED, FAILED, SUCCEEDED = 130, 1, 0


def run_here(config: RunConfig, store: Store) -> int:
    """Run `augment` and write the report's page; prints the result and returns the exit code."""
    started = time.monotonic()
    with RunConsole() as console, ending_children_on_interrupt():
        run = Run(
            store=store,
            name=config.name,
            num_workers=num_workers(config),
            watch=console.show,
            listener_for=console.listener_for,
        )
        wait_for_api()
        with going_on(run):
            status, report, message = _attempt(lambda: augment(config), run)
    run.finish(status, config.model_dump(mode="json"))
    seconds = time.monotonic() - started
    page = _write_page(run, report, config, seconds) if report else None
    _print_end(run, message, page, seconds)
    return {"completed": SUCCEEDED, "interrupted": INTERRUPTED}.get(status, FAILED)


def num_workers(config: RunConfig) -> int:
    """Steps built at the same time: as configured, or one for every core that this process may use."""
    return config.compute.num_workers or len(os.sched_getaffinity(0))


@contextlib.contextmanager
def ending_children_on_interrupt() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the child processes first, so that every waiting step ends at once."""

    def stop(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        end_children(for_good=True)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _attempt(flow: Callable[[], Ref], run: Run) -> tuple[str, Ref | None, str]:
    """(status, report, what to tell the user)."""
    try:
        return "completed", flow(), ""
    except KeyboardInterrupt:
        return (
            "interrupted",
            None,
            "stopped: everything finished is kept; run the same command again to go on",
        )
    except BaseException as error:
        if is_stopped():
            return (
                "interrupted",
                None,
                "stopped: everything finished is kept; run the same command again to go on",
            )
        if isinstance(error, ValueError | ChildFailed):
            return "failed", None, f"error: {error}"
        first = next((outcome for outcome in run.outcomes if outcome.state == "failed"), None)
        if first is not None:
            return "failed", None, f"error: {first.label}: {first.reasons[0]}"
        raise


def _write_page(run: Run, report: Ref, config: RunConfig, seconds: float) -> Path:
    from tasks.report import write_page

    path = Path(config.output) / config.name / "report" / "index.html"
    content = run.store.folder(report) / "content.json"
    write_page(path, content, run, config=config.model_dump(mode="json"), seconds=seconds)
    return path


def _print_end(run: Run, message: str, page: Path | None, seconds: float) -> None:
    if message:
        print(message)
    if page:
        print(f"report: {page}")
    built, reused, failed = (run.count(state) for state in ("built", "reused", "failed"))
    print(f"built {built}, reused {reused}, failed {failed}, {seconds:.0f} s")
