"""What a worker looks after beside its runs: other workers, the server's scheduler, its disk, and figures of its machine."""

import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flows.server.api import ServerApi
from flows.server.condition import Condition, Worker, read_condition, takes_the_watch
from flows.watching.disk_watch import look_at_disks
from flows.watching.events import SCHEDULER_SILENT, WORKER_SILENT, Trouble, tell
from flows.watching.metrics import MachineFigures, write_figures

METRICS_FOLDER = "VERISIM_METRICS_FOLDER"
_EVERY_S, _FIGURES_EVERY_S = 60.0, 15.0
_OLD_NEWS_S = 600.0  # silent for longer when a worker begins: another one has told it
_AFTER_S = 120.0  # a service may be late once


@dataclass
class Lookout:
    """Of the worker `name`, what it saw before: each trouble is told once, and again when it was over meanwhile."""

    name: str
    clock: Callable[[], float] = time.monotonic
    _silent: set[str] | None = None
    _idle_since: float | None = None
    _is_idle_told: bool = False

    def look(self, condition: Condition) -> list[Trouble]:
        """What to tell. Of several workers one tells: the first by name."""
        silent = {worker.name: worker for worker in condition.workers if worker.is_silent}
        before = self._silent
        if before is None:
            before = {name for name, worker in silent.items() if worker.silent_s > _OLD_NEWS_S}
        news = [worker for name, worker in silent.items() if name not in before]
        self._silent = set(silent)
        found = [*map(_silent_worker, news), *self._idle(condition.idle_services)]
        return found if takes_the_watch(self.name, condition.workers) else []

    def _idle(self, reasons: tuple[str, ...]) -> list[Trouble]:
        if not reasons:
            self._idle_since, self._is_idle_told = None, False
            return []
        now = self.clock()
        self._idle_since = now if self._idle_since is None else self._idle_since
        if self._is_idle_told or now - self._idle_since < _AFTER_S:
            return []
        self._is_idle_told = True
        what = "; ".join(reasons)
        message = (
            f"the server's services do not do their work: {what}; look at the server's log, start it again"
        )
        return [Trouble(SCHEDULER_SILENT, ("server",), message)]


def _silent_worker(worker: Worker) -> Trouble:
    message = (
        f"the worker {worker.name} of the pool {worker.pool} was not heard for {worker.silent_s:.0f} s, and did not say "
        "that it ends: look at its host"
    )
    return Trouble(WORKER_SILENT, (worker.pool, worker.name), message)


class WorkerFigures(Collector):
    """How many runs a worker of this machine has at once."""

    def __init__(self, pool: str, count_runs: Callable[[], int]) -> None:
        self._pool, self._count_runs = pool, count_runs

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("verisim_worker_runs", "Runs that go on in the worker.", labels=("pool",))
        family.add_metric((self._pool,), self._count_runs())
        yield family


def look_out_in_background(pool: str, name: str, count_runs: Callable[[], int]) -> None:
    """In threads that end with this process. Figures are written where VERISIM_METRICS_FOLDER names a folder."""
    threading.Thread(target=_look_for_ever, args=(name,), daemon=True, name="lookout").start()
    if folder := os.environ.get(METRICS_FOLDER):
        arguments = (Path(folder), WorkerFigures(pool, count_runs), pool)
        threading.Thread(target=_write_for_ever, args=arguments, daemon=True, name="figures").start()


def _look_for_ever(name: str) -> None:
    lookout, places = Lookout(name), _disks()
    while True:
        troubles = look_at_disks(places)
        with contextlib.suppress(ValueError):  # the server is away: who asks Prometheus is told
            troubles += lookout.look(read_condition(ServerApi()))
        for trouble in troubles:
            tell(trouble)
        threading.Event().wait(_EVERY_S)


def _write_for_ever(folder: Path, figures: WorkerFigures, pool: str) -> None:
    """Workers of one machine write the same file of the machine: a figure must not come twice."""
    machine = MachineFigures(_disks())
    while True:
        with contextlib.suppress(OSError):
            write_figures(folder / "verisim.prom", machine)
            write_figures(folder / f"verisim-{pool}.prom", figures)
        threading.Event().wait(_FIGURES_EVERY_S)


def _disks() -> tuple[Path, ...]:
    """Where relative stores lie, and temporary files."""
    return (Path.cwd(), Path(tempfile.gettempdir()))
