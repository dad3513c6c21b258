"""How a Prefect server is, as whoever looks from outside sees it: its workers, its runs, and whether its scheduler works."""

import datetime
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from flows.server.api import ServerApi
from flows.server.pools import POOLS, pool_name

_SILENT_INTERVALS = 3  # heartbeats that a worker may miss
_FORGOTTEN_S = 24 * 3600.0  # a worker that is silent for longer was taken away
_OVERDUE_S = 120.0  # Prefect marks a run as late after 20 s
_LEAST_PLANNED = 2  # Prefect plans three runs of each schedule
_OURS = {"deployments": {"tags": {"all_": ["verisim"]}}}


@dataclass(frozen=True)
class Worker:
    """`silent_s`: since it was last heard, by the newest sign of life of any worker."""

    pool: str
    name: str
    silent_s: float
    is_silent: bool
    is_called_online: bool


@dataclass(frozen=True)
class Condition:
    """`idle_services`: what the server's services should have done and did not, in words."""

    workers: tuple[Worker, ...] = ()
    runs: Counter[str] = field(default_factory=Counter)  # of ours, by state: Running, Pending, Late
    idle_services: tuple[str, ...] = ()


def takes_the_watch(name: str, workers: tuple[Worker, ...]) -> bool:
    """Whether this worker is the one that looks after the others: the first by name of those that are heard."""
    return name == min((worker.name for worker in workers if not worker.is_silent), default=name)


def read_condition(api: ServerApi) -> Condition:
    """ValueError where the server does not answer, or refuses."""
    workers = tuple(_read_workers(api))
    runs = Counter({state: _count(api, state) for state in ("Running", "Pending", "Late")})
    return Condition(workers, runs, tuple(_idle_services(api, workers)))


def _read_workers(api: ServerApi) -> list[Worker]:
    """Of both pools; those that were taken away long ago are left out."""
    names = {pool_name(pool): pool for pool in POOLS}
    there = api.post("work_pools/filter", {"work_pools": {"name": {"any_": list(names)}}})
    found = [
        (names[pool["name"]], item)
        for pool in there
        for item in api.post(f"work_pools/{pool['name']}/workers/filter", {})
        if item["last_heartbeat_time"]
    ]
    newest = max((_time(item) for _, item in found), default=None)
    workers = []
    for pool, item in found:
        assert newest is not None
        silent_s = (newest - _time(item)).total_seconds()
        allowed_s = _SILENT_INTERVALS * (item["heartbeat_interval_seconds"] or 30) + 30
        if silent_s < _FORGOTTEN_S:
            is_online = item["status"] == "ONLINE"
            workers.append(Worker(pool, item["name"], silent_s, silent_s > allowed_s, is_online))
    return workers


def _idle_services(api: ServerApi, workers: tuple[Worker, ...]) -> list[str]:
    found = []
    now = datetime.datetime.now(datetime.UTC)
    overdue = now - datetime.timedelta(seconds=_OVERDUE_S)
    due = {
        "state": {"name": {"any_": ["Scheduled"]}},
        "expected_start_time": {"before_": overdue.isoformat()},
    }
    if count := api.post("flow_runs/count", _OURS | {"flow_runs": due}):
        found.append(f"{count} runs are overdue and not marked as late")
    for worker in workers:
        if worker.is_called_online and worker.silent_s > 600:
            found.append(
                f"the worker {worker.name} is called online, but was not heard for {worker.silent_s:.0f} s"
            )
    for deployment in api.read_all("deployments/filter", _OURS | {"sort": "NAME_ASC"}):
        if _has_endless_schedule(deployment) and _count_planned(api, deployment["id"], now) < _LEAST_PLANNED:
            found.append(f"the schedule of {deployment['name']} is active, but its next runs are not planned")
    return found


def _has_endless_schedule(deployment: dict[str, Any]) -> bool:
    """At regular times; other rules may have an end."""
    schedules = [item["schedule"] for item in deployment["schedules"] if item["active"]]
    return not deployment["paused"] and any("interval" in item or "cron" in item for item in schedules)


def _count_planned(api: ServerApi, deployment: str, now: datetime.datetime) -> int:
    planned = {
        "state": {"type": {"any_": ["SCHEDULED"]}},
        "expected_start_time": {"after_": now.isoformat()},
    }
    return api.post("flow_runs/count", {"deployments": {"id": {"any_": [deployment]}}, "flow_runs": planned})


def _count(api: ServerApi, state: str) -> int:
    return api.post("flow_runs/count", _OURS | {"flow_runs": {"state": {"name": {"any_": [state]}}}})


def _time(worker: dict[str, Any]) -> datetime.datetime:
    return datetime.datetime.fromisoformat(worker["last_heartbeat_time"].replace("Z", "+00:00"))
