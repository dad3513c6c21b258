"""Figures for Prometheus of a server as others see it: a silent scheduler cannot tell of itself."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flows.server.api import ServerApi
from flows.server.condition import Condition, read_condition
from flows.server.pools import POOLS


class ServerFigures(Collector):
    """Asks the server that Prefect's settings name, at each scrape."""

    def collect(self) -> Iterator[Metric]:
        try:
            condition = read_condition(ServerApi())
        except ValueError:
            condition = None
        yield GaugeMetricFamily(
            "verisim_server_up", "Whether the server answers.", value=int(condition is not None)
        )
        if condition is not None:
            yield from _figures(condition)


def _figures(condition: Condition) -> Iterator[Metric]:
    idle = bool(condition.idle_services)
    yield GaugeMetricFamily(
        "verisim_scheduler_silent", "1 while the server's services do not do their work.", value=int(idle)
    )
    workers = GaugeMetricFamily(
        "verisim_workers", "Workers by pool and whether they are heard.", labels=("pool", "state")
    )
    counts = Counter((item.pool, "silent" if item.is_silent else "heard") for item in condition.workers)
    for pool in POOLS:
        for state in ("heard", "silent"):
            workers.add_metric((pool, state), counts[pool, state])
    yield workers
    runs = GaugeMetricFamily("verisim_server_runs", "Runs on the server by their state.", labels=("state",))
    for state, count in condition.runs.items():
        runs.add_metric((state.lower(),), count)
    yield runs
