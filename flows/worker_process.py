"""A worker: takes runs from one pool of a Prefect server and starts a process for each."""

import asyncio
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from blender_assets.child_protocol import claim_stdout, exit_when_stdin_closes
from flows.embedded_server import wait_for_api
from flows.flow_process import WORKING_FOLDER
from flows.kept_child import READY
from tasks.artifacts.code_version import PROJECT_ROOT

POOLS = ("render", "gpu")


@dataclass(frozen=True)
class WorkerPlace:
    """Which runs a worker takes, and how many at once."""

    pool: str
    limit: int
    name: str


def worker_place(pool: str, *, limit: int | None = None, name: str | None = None) -> WorkerPlace:
    """With the pool's usual limit, and named after this machine."""
    return WorkerPlace(pool, limit or usual_limit(pool), name or f"{platform.node()} {pool}")


def usual_limit(pool: str) -> int:
    """Runs at once on this machine: one training, or a run for every core that this process may use."""
    return 1 if pool == "gpu" else len(os.sched_getaffinity(0))


def work(place: WorkerPlace, say: Callable[[str], None]) -> None:
    """Take runs until SIGINT or SIGTERM, which end the runs that are going on; `say` hears when polling begins."""
    from prefect.utilities.processutils import setup_signal_handlers_worker
    from prefect.workers.process import ProcessWorker

    _prepare_environment()
    worker = ProcessWorker(work_pool_name=place.pool, name=place.name, limit=place.limit)
    wait_for_api()
    setup_signal_handlers_worker(os.getpid(), f"the worker of pool {place.pool}", print)
    try:
        asyncio.run(worker.start(printer=lambda _: say(READY)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return


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
