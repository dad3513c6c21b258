"""A worker: takes runs from one pool of a Prefect server and starts a process for each."""

import asyncio
import contextlib
import os
import platform
import signal
import sys
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from blender_assets.both_sides.child_protocol import claim_stdout, exit_when_stdin_closes
from flows.server.abandoned_runs import revive_in_background
from flows.server.api import ServerApi
from flows.server.embedded_server import wait_for_api
from flows.server.flow_process import WORKING_FOLDER
from flows.server.lookout import look_out_in_background
from flows.server.pools import pool_name, usual_limit
from flows.server.supervised_process import READY
from flows.watching import json_lines
from tasks.artifacts.code_version import PROJECT_ROOT

_RUNS_GRACE_S = 15.0


@dataclass(frozen=True)
class WorkerPlace:
    """Which runs a worker takes, and how many at once."""

    pool: str
    limit: int
    name: str


def worker_place(pool: str, *, limit: int | None = None, name: str | None = None) -> WorkerPlace:
    """With the pool's usual limit, and named after this machine."""
    return WorkerPlace(pool, limit or usual_limit(pool), name or f"{platform.node()} {pool}")


def work(place: WorkerPlace, say: Callable[[str], None]) -> None:
    """Take runs until SIGINT or SIGTERM, which end the runs that are going on; `say` hears when polling begins."""
    from prefect.utilities.processutils import setup_signal_handlers_worker
    from prefect.workers.process import ProcessWorker

    _prepare_environment()
    worker = ProcessWorker(work_pool_name=pool_name(place.pool), name=place.name, limit=place.limit)
    wait_for_api()
    setup_signal_handlers_worker(os.getpid(), f"the worker of pool {place.pool}", json_lines.say)
    _end_runs_on_signals()
    revive_in_background(pool_name(place.pool))
    look_out_in_background(place.pool, place.name, lambda: len(_flow_processes()))
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(worker.start(printer=lambda _: say(READY)))
    _say_goodbye(place)


def _say_goodbye(place: WorkerPlace) -> None:
    """A worker that ends in good order is not one that fell silent."""
    name = urllib.parse.quote(place.name, safe="")
    with contextlib.suppress(ValueError):
        ServerApi().delete(f"work_pools/{pool_name(place.pool)}/workers/{name}")


def _end_runs_on_signals() -> None:
    """End flow processes before Prefect's worker leaves them behind, so that they can tell the server how they end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        then = signal.getsignal(number)
        assert callable(then)

        def end(number: int, frame: FrameType | None, then: Callable[..., Any] = then) -> None:
            _end_flow_processes()
            then(number, frame)

        signal.signal(number, end)


def _end_flow_processes() -> None:
    """Return when all have ended. No run is taken meanwhile: the worker's event loop stands still."""
    for pid in _flow_processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    begun = time.monotonic()
    while _flow_processes() and time.monotonic() - begun < _RUNS_GRACE_S:
        time.sleep(0.1)


def _flow_processes() -> list[int]:
    """Process ids of this worker's runs that have not ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, parent = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:2]
            is_mine = parent == str(os.getpid()) and state != "Z"
            if is_mine and b"flows.server.flow_process" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def _prepare_environment() -> None:
    """What flow processes inherit: this Python, this project, and the folder that relative places start from."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    paths = [str(PROJECT_ROOT), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    os.environ.setdefault(WORKING_FOLDER, str(Path.cwd()))


def _main() -> None:
    """The child of `flows up`."""
    exit_when_stdin_closes()
    heard = claim_stdout()

    def say(word: str) -> None:
        heard.write(f"{word}\n")

    work(worker_place(sys.argv[1]), say)


if __name__ == "__main__":
    _main()
