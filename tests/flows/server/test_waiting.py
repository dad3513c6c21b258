"""Reasons by what a server answers; a real one is asked in test_documented_commands."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from flows.server.waiting import why_it_waits


class Answers:
    """A server with one pool."""

    def __init__(
        self, *, pool: dict[str, Any], queue: dict[str, Any], workers: list[str], begun: list[str]
    ) -> None:
        self.pool = {"name": "gpu", "type": "process", "is_paused": False, "concurrency_limit": None} | pool
        self.queue = {"name": "default", "is_paused": False, "concurrency_limit": None} | queue
        self.workers = [{"status": status} for status in workers]
        self.begun = [{"id": name, "name": name} for name in begun]

    def get(self, path: str) -> Any:
        if path.startswith("deployments/"):
            return {"id": "d", "name": "photos-to-report", "global_concurrency_limit": {"limit": 1}}
        return self.queue if "/queues/" in path else self.pool

    def post(self, path: str, body: Any) -> Any:
        return self.workers if path.endswith("workers/filter") else self.begun


def run(
    kind: str = "SCHEDULED", name: str = "Late", *, since_s: float = 60, begins_s: float = -60
) -> Callable[[], dict[str, Any]]:
    """The run as the server would give it when it is asked."""

    def answer() -> dict[str, Any]:
        now = datetime.datetime.now(datetime.UTC)
        since, begins = (now + datetime.timedelta(seconds=seconds) for seconds in (-since_s, begins_s))
        state = {"type": kind, "name": name, "message": "", "timestamp": since.isoformat()}
        return {
            "id": "own", "name": "hall", "state": state, "deployment_id": "d", "expected_start_time": begins.isoformat(),
            "work_pool_name": "gpu", "work_queue_name": "default",
        }  # fmt: skip

    return answer


def server(*, workers: tuple[str, ...] = ("ONLINE",), begun: tuple[str, ...] = (), **parts: Any) -> Answers:
    pool, queue = parts.get("pool", {}), parts.get("queue", {})
    return Answers(pool=pool, queue=queue, workers=list(workers), begun=list(begun))


@pytest.mark.parametrize(
    ("api", "waiting", "said"),
    [
        (server(), run("COMPLETED", "Completed"), "it is over: Completed"),
        (server(), run("RUNNING", "Running"), "it does not wait, it runs"),
        (server(), run("PAUSED", "Paused"), "somebody paused it"),
        (server(), run(begins_s=3600), "it is scheduled for "),
        (
            server(pool={"is_paused": True}),
            run(),
            "the pool gpu is paused; `uv run prefect work-pool resume gpu`",
        ),
        (server(queue={"is_paused": True}), run(), "the queue default of the pool gpu is paused; "),
        (server(queue={"concurrency_limit": 2}), run(), "the queue default of the pool gpu takes 2 at once"),
        (
            server(workers=()),
            run(),
            "no worker of the pool gpu is heard; start one: `python -m flows worker --pool gpu`",
        ),
        (server(workers=("OFFLINE",)), run(), "no worker of the pool gpu is heard"),
        (
            server(pool={"concurrency_limit": 1}, begun=("town",)),
            run(),
            "the pool gpu takes 1 at once, and town runs; `uv run prefect work-pool set-concurrency-limit gpu 2` raises it",
        ),
        (
            server(begun=("town", "own")),
            run(),
            "the workers of the pool gpu are busy, by their own --limit: town runs",
        ),
        (
            server(begun=("town", "park")),
            run("SCHEDULED", "AwaitingConcurrencySlot"),
            "its deployment photos-to-report takes 1 at once, and town, park run",
        ),
        (server(), run("PENDING", "Pending", since_s=200), "a worker took it 20"),
        (server(), run(), "nothing holds it up that the server knows of"),
    ],
)
def test_each_reason_is_told_with_what_to_do(
    api: Any, waiting: Callable[[], dict[str, Any]], said: str
) -> None:
    reasons = why_it_waits(api, waiting())
    assert any(reason.startswith(said) for reason in reasons), reasons


def test_all_that_holds_a_run_up_is_told_at_once() -> None:
    reasons = why_it_waits(server(pool={"is_paused": True}, queue={"is_paused": True}, workers=()), run()())  # type: ignore[arg-type]
    assert len(reasons) == 3
