from typing import Any

import pytest

import flows.server.followed_run
from flows.server.api import ServerSilentError
from flows.server.followed_run import FollowedRun

BUILT = {
    "id": "1",
    "name": "render a 0-9",
    "state_name": "Built",
    "state": {"message": "0123456789ab"},
    "total_run_time": 12.34,
}
CACHED = {
    "id": "2",
    "name": "body basis",
    "state_name": "Cached",
    "state": {"message": "ba9876543210"},
    "total_run_time": 0.0,
}
FAILED = {
    "id": "3",
    "name": "train refiner",
    "state_name": "Failed",
    "state": {"message": "no room"},
    "total_run_time": 3.0,
}


class FakeApi:
    """Gives the states of a run one after the other, `None` for silence, and the steps that ended so far, newest first."""

    def __init__(self, states: list[str | None], steps: list[dict[str, Any]], num_workers: int = 1) -> None:
        self.states = states
        self.steps = steps
        self.num_workers = num_workers

    def get(self, path: str) -> Any:
        assert path == "flow_runs/abc"
        name = self.states.pop(0)
        if name is None:
            raise ServerSilentError("nobody answers")
        kind = {"Late": "SCHEDULED", "AwaitingConcurrencySlot": "SCHEDULED"}.get(name, name.upper())
        return {"id": "abc", "state_type": kind, "state_name": name, "work_pool_name": "gpu"}

    def post(self, path: str, body: dict[str, Any]) -> Any:
        answers = {
            "task_runs/filter": self.steps,
            "task_runs/count": 0,
            "work_pools/gpu/workers/filter": [{}] * self.num_workers,
        }
        return answers[path]

    def read_all(self, path: str, body: dict[str, Any]) -> Any:
        return self.post(path, body)


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch):
    """A second passes at every look, and no time in the test."""
    seconds = iter(range(0, 10_000, 3))
    monkeypatch.setattr(flows.server.followed_run.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(flows.server.followed_run.time, "monotonic", lambda: next(seconds))


def follow(api: FakeApi) -> tuple[FollowedRun, list[str]]:
    lines: list[str] = []
    followed = FollowedRun(api, "abc", say=lines.append)  # type: ignore[arg-type]
    followed.until_its_end()
    return followed, lines


def test_every_step_is_named_once_as_built_or_cached_with_its_key():
    followed, lines = follow(FakeApi(["Running", "Running", "Completed"], [BUILT, CACHED]))
    assert lines == [
        f"  cached  {'body basis':<44}     0.0 s  ba9876543210",
        f"  built   {'render a 0-9':<44}    12.3 s  0123456789ab",
    ]
    assert (followed.count("Built"), followed.count("Cached")) == (1, 1)


def test_a_run_that_no_worker_takes_says_how_to_start_one():
    _, lines = follow(FakeApi(["Late", "Late", "Late", "Cancelled"], [], num_workers=0))
    message = "waiting: no worker polls pool gpu; start one with `python -m flows worker --pool gpu`"
    assert lines == [message]


def test_a_sweep_that_waits_for_another_says_so():
    _, lines = follow(FakeApi(["AwaitingConcurrencySlot"] * 3 + ["Completed"], []))
    assert lines == ["waiting: another run of this deployment is going on"]


def test_a_server_that_restarts_is_waited_for():
    _, lines = follow(FakeApi(["Running", None, None, "Completed"], [CACHED]))
    assert "the server does not answer; waiting for it" in lines and len(lines) == 2


def test_the_first_failure_is_the_reason():
    followed, _ = follow(FakeApi(["Running", "Failed"], [FAILED, BUILT]))
    assert followed.first_failure() == "train refiner: no room"


def test_a_step_whose_state_is_not_known_in_full_is_shown():
    _, lines = follow(FakeApi(["Completed"], [BUILT | {"state": None}]))
    assert lines == [f"  built   {'render a 0-9':<44}    12.3 s"]


class LateApi(FakeApi):
    """The steps come to the database after the end of their run, one at every look."""

    def get(self, path: str) -> Any:
        return super().get(path) | {"state": {"message": "built 1, reused 1, failed 0"}}

    def read_all(self, path: str, body: dict[str, Any]) -> Any:
        found, self.num_read = self.steps[: self.num_read], self.num_read + 1
        return found

    num_read = 0

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return [] if path == "task_runs/filter" else super().post(path, body)


def test_steps_that_a_finished_run_tells_of_are_waited_for_and_no_others():
    followed, lines = follow(LateApi(["Completed"], [BUILT, CACHED]))
    assert len(lines) == 2 and (followed.count("Built"), followed.count("Cached")) == (1, 1)
    _, lines = follow(LateApi(["Completed"], [BUILT]))
    assert len(lines) == 1, "a second one does not come"
