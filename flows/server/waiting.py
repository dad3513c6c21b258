"""Why a run on a server does not go on: whatever of its state, pool, queue, workers and limits holds it up, in words."""

import datetime
from typing import Any

from flows.server.api import ServerApi

_OVER = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
_BEGUN = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}}}}
_SLOW_START_S = 120.0
_MOST_NAMED = 5


def why_it_waits(api: ServerApi, run: dict[str, Any]) -> list[str]:
    """A sentence for each reason, with what to do; at least one. `run` as the server gives it."""
    state = run["state"]
    message = f": {state['message']}" if state.get("message") else ""
    if state["type"] in _OVER:
        return [f"it is over: {state['name']}{message}"]
    if state["type"] == "RUNNING":
        return [f"it does not wait, it runs; `python -m flows follow {run['name']}` shows its steps"]
    if state["type"] == "PAUSED":
        return ["somebody paused it; resume it on its page in the UI"]
    if state["type"] == "CANCELLING":
        return ["it is being cancelled; its worker ends its processes"]
    begins = datetime.datetime.fromisoformat(run["expected_start_time"])
    if _seconds_since(begins) < 0:
        return [f"it is scheduled for {begins.astimezone():%Y-%m-%d %H:%M:%S}"]
    reasons = [*_of_limit(api, run), *_of_pool(api, run), *_of_start(state)]
    return reasons or ["nothing holds it up that the server knows of: a worker takes it within some seconds"]


def _of_limit(api: ServerApi, run: dict[str, Any]) -> list[str]:
    """The deployment's own limit of runs at once."""
    if run["state"]["name"] != "AwaitingConcurrencySlot" or not run["deployment_id"]:
        return []
    deployment = api.get(f"deployments/{run['deployment_id']}")
    limit = (deployment.get("global_concurrency_limit") or {}).get("limit")
    begun = api.post(
        "flow_runs/filter", _BEGUN | {"deployments": {"id": {"any_": [deployment["id"]]}}, "limit": 200}
    )
    return [
        f"its deployment {deployment['name']} takes {limit} at once, and {_named(begun)}; raise the limit in the UI, or wait"
    ]


def _of_pool(api: ServerApi, run: dict[str, Any]) -> list[str]:
    name = run["work_pool_name"]
    if name is None:
        return ["it has no work pool: whoever started it runs it"]
    pool, reasons = api.get(f"work_pools/{name}"), []
    if pool["is_paused"]:
        reasons.append(f"the pool {name} is paused; `uv run prefect work-pool resume {name}`")
    reasons += _of_queue(api, name, run["work_queue_name"])
    workers = api.post(f"work_pools/{name}/workers/filter", {})
    if not any(worker["status"] == "ONLINE" for worker in workers):
        return [*reasons, f"no worker of the pool {name} is heard; start one: {_worker_of(pool)}"]
    begun = api.post("flow_runs/filter", _BEGUN | {"work_pools": {"name": {"any_": [name]}}, "limit": 200})
    begun = [other for other in begun if other["id"] != run["id"]]
    limit = pool["concurrency_limit"]
    if limit is not None and len(begun) >= limit:
        advice = f"`uv run prefect work-pool set-concurrency-limit {name} {limit + 1}` raises it"
        return [*reasons, f"the pool {name} takes {limit} at once, and {_named(begun)}; {advice}"]
    if begun and run["state"]["type"] == "SCHEDULED":
        reasons.append(
            f"the workers of the pool {name} are busy, by their own --limit: {_named(begun)}; start another one"
        )
    return reasons


def _of_queue(api: ServerApi, pool: str, name: str | None) -> list[str]:
    if name is None:
        return []
    queue = api.get(f"work_pools/{pool}/queues/{name}")
    if queue["is_paused"]:
        return [
            f"the queue {name} of the pool {pool} is paused; `uv run prefect work-queue resume {name} --pool {pool}`"
        ]
    limit = queue["concurrency_limit"]
    return [] if limit is None else [f"the queue {name} of the pool {pool} takes {limit} at once"]


def _of_start(state: dict[str, Any]) -> list[str]:
    """A worker took it, and its process does not begin."""
    since_s = _seconds_since(datetime.datetime.fromisoformat(state["timestamp"]))
    if state["type"] != "PENDING" or since_s < _SLOW_START_S:
        return []
    return [
        f"a worker took it {since_s:.0f} s ago and nothing began: look at the worker's log; a run whose worker died is "
        "scheduled again after five minutes"
    ]


def _worker_of(pool: dict[str, Any]) -> str:
    if pool["type"] != "process":
        return f"`uv run prefect worker start --pool {pool['name']} --type {pool['type']}`"
    return f"`python -m flows worker --pool {'gpu' if pool['name'].endswith('gpu') else 'render'}`"


def _named(runs: list[dict[str, Any]]) -> str:
    names = ", ".join(run["name"] for run in runs[:_MOST_NAMED])
    more = f" and {len(runs) - _MOST_NAMED} more" if len(runs) > _MOST_NAMED else ""
    return f"{names or 'none'}{more} {'runs' if len(runs) == 1 else 'run'}"


def _seconds_since(moment: datetime.datetime) -> float:
    return (datetime.datetime.now(datetime.UTC) - moment).total_seconds()
