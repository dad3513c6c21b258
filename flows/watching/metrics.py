"""Figures for Prometheus that Prefect's own do not have: of a store's runs, of the server as others see it, of a machine."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flows.watching.disk_space import DiskSpace, disk_space
from flows.watching.gpu_use import read_gpus
from flows.watching.run_tallies import RunTallies
from tasks.artifacts.store import Store

MOST_NAMES = 200  # of runs, each of which is a few series
_WEIGH_EVERY_S = 300.0  # reading every file's size of a large store takes long


class StoreFigures(Collector):
    """Runs, steps and bytes of a store, as its records say."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._tallies = RunTallies()
        self._weighed: tuple[float, int] | None = None

    def collect(self) -> Iterator[Metric]:
        try:
            self._tallies.read(self._store)
            num_bytes, is_up = self._bytes(), 1
        except (OSError, ValueError):
            num_bytes, is_up = None, 0
        yield _gauge("verisim_store_up", "Whether the store can be read.", is_up)
        if num_bytes is not None:
            yield _gauge(
                "verisim_store_bytes", "Bytes of all artifacts, looked at every five minutes.", num_bytes
            )
        yield from _counted(self._tallies)
        yield from _last_runs(self._tallies)

    def _bytes(self) -> int:
        if self._weighed is None or self._clock() - self._weighed[0] > _WEIGH_EVERY_S:
            self._weighed = (self._clock(), self._store.used_bytes())
        return self._weighed[1]


class MachineFigures(Collector):
    """The GPUs of this machine, and the room on the disks that hold these folders."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders

    def collect(self) -> Iterator[Metric]:
        spaces = [space for folder in self._folders if (space := disk_space(folder))]
        yield from _disks(spaces)
        gpus = read_gpus()
        names = ("gpu", "name")
        busy = GaugeMetricFamily(
            "verisim_gpu_busy_share", "Share of the time in which the GPU works.", labels=names
        )
        used = GaugeMetricFamily("verisim_gpu_memory_used_bytes", "Memory in use.", labels=names)
        total = GaugeMetricFamily("verisim_gpu_memory_bytes", "Memory that the GPU has.", labels=names)
        for gpu in gpus:
            for family, value in ((busy, gpu.busy_share), (used, gpu.used_bytes), (total, gpu.total_bytes)):
                if value is not None:
                    family.add_metric((gpu.index, gpu.name), value)
        yield from (family for family in (busy, used, total) if family.samples)


def write_figures(path: Path, *collectors: Collector) -> None:
    """For the node exporter's collector of text files: readers see the old file or the new one. The name ends in .prom."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(os.fspath(path), registry)


def _counted(tallies: RunTallies) -> Iterator[Metric]:
    runs = GaugeMetricFamily("verisim_runs", "Runs by how they ended.", labels=("status",))
    for status, count in sorted(tallies.runs().items()):
        runs.add_metric((status,), count)
    steps = CounterMetricFamily(
        "verisim_steps",
        "Steps by kind and by what became of them: built, reused, failed.",
        labels=("kind", "state"),
    )
    for (kind, state), count in sorted(tallies.steps().items()):
        steps.add_metric((kind, state), count)
    spent = CounterMetricFamily(
        "verisim_step_seconds", "Seconds spent on building, by kind of step.", labels=("kind",)
    )
    for kind, seconds in sorted(tallies.seconds().items()):
        spent.add_metric((kind,), seconds)
    yield from (runs, steps, spent)


def _last_runs(tallies: RunTallies) -> Iterator[Metric]:
    """Of each name's newest run; of many names, those that ran last."""
    name = ("run",)
    began = GaugeMetricFamily("verisim_last_run_timestamp_seconds", "When it began.", labels=name)
    took = GaugeMetricFamily("verisim_last_run_seconds", "How long it has taken.", labels=name)
    status = GaugeMetricFamily("verisim_last_run_status", "1 for how it ended.", labels=("run", "status"))
    steps = GaugeMetricFamily(
        "verisim_last_run_steps", "Its steps by what became of them.", labels=("run", "state")
    )
    newest = sorted(tallies.last_runs().items(), key=lambda item: -item[1].started)[:MOST_NAMES]
    for run, last in sorted(newest):
        began.add_metric((run,), last.started)
        took.add_metric((run,), last.seconds)
        status.add_metric((run, last.status), 1)
        for state in ("built", "reused", "failed"):
            steps.add_metric((run, state), last.steps.get(state, 0))
    yield from (began, took, status, steps)


def _disks(spaces: list[DiskSpace]) -> Iterator[Metric]:
    free = GaugeMetricFamily(
        "verisim_disk_free_bytes", "Room left on the disk of the folder.", labels=("folder",)
    )
    size = GaugeMetricFamily("verisim_disk_bytes", "Size of the disk of the folder.", labels=("folder",))
    for space in spaces:
        free.add_metric((str(space.folder),), space.free_bytes)
        size.add_metric((str(space.folder),), space.total_bytes)
    yield from (free, size)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)
