"""Runs that a worker took and that have not begun: scheduled again where nobody is about to begin them, and begun once."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.server import abandoned_runs as reviving
from tasks.artifacts.code_version import PROJECT_ROOT
from tests.flows.flow_runs import FlowRun
from tests.flows.serving import Served

POOL = "nobody-polls"
REFUSED = {"name": "refused", "sample_site": {}, "arms": []}  # a run that ends as soon as it begins
REGISTER = "import sys; from flows.server.abandoned_runs import register; register(sys.argv[1]); print(flush=True); input()"


@pytest.fixture(scope="module")
def deployment(served) -> Iterator[str]:
    """The id of `augment` deployed to a pool without a worker."""
    served.call("work_pools/", {"name": POOL, "type": "process"})
    usual = served.call("deployments/name/augment/photos-to-report")
    fields = {key: usual[key] for key in ("flow_id", "entrypoint", "path", "job_variables")}
    yield served.call("deployments/", fields | {"name": POOL, "work_pool_name": POOL})["id"]


@pytest.fixture
def taken(served, deployment, monkeypatch) -> Iterator[FlowRun]:
    """A run that a worker has taken, and that has not begun."""
    monkeypatch.setenv("PREFECT_HOME", served.environment["PREFECT_HOME"])
    body = {"parameters": {"config": REFUSED}, "state": {"type": "PENDING"}}
    with temporary_settings({PREFECT_API_URL: served.environment["PREFECT_API_URL"]}):
        yield FlowRun(served, served.call(f"deployments/{deployment}/create_flow_run", body)["id"])


def look_when_it_is_late(monkeypatch) -> None:
    """See the run, and see it again after the time that starts may take."""
    seen = reviving._revive_never_started(POOL, {})
    monkeypatch.setattr(reviving, "_LONGEST_START_S", 0.0)
    reviving._revive_never_started(POOL, seen)


def start_process(run: FlowRun, served: Served) -> int:
    """What a worker starts for the run, to its end; returns the exit code."""
    environment = served.environment | {"PREFECT__FLOW_RUN_ID": run.id, "VERISIM_FOLDER": str(PROJECT_ROOT)}
    command = [sys.executable, "-m", "flows.server.flow_process"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=PROJECT_ROOT, env=environment)
    return process.wait(timeout=300)


def test_one_whose_worker_died_is_scheduled_again_and_a_late_process_of_the_dead_one_does_not_begin_it(
    served, taken, monkeypatch
):
    look_when_it_is_late(monkeypatch)
    state = taken.read()["state"]
    assert (state["type"], state["name"]) == ("SCHEDULED", "AwaitingRetry")
    assert state["message"] == "start 1 of at most 5, from what is finished: the worker that took it died"
    assert start_process(taken, served) == 0
    assert taken.read()["state"]["id"] == state["id"] and taken.read()["run_count"] == 0


def test_one_that_was_seen_for_less_than_a_start_may_take_is_left_alone(taken):
    seen = reviving._revive_never_started(POOL, {})
    assert taken.read()["state_type"] == "PENDING"
    reviving._revive_never_started(POOL, {state: since - 301.0 for state, since in seen.items()})
    assert taken.read()["state_type"] == "SCHEDULED"


def test_one_whose_process_is_slow_to_begin_is_left_to_it(taken, monkeypatch):
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", REGISTER, taken.id]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=os.environ, **streams)
    assert process.stdout is not None and process.stdout.readline() == "\n"
    look_when_it_is_late(monkeypatch)
    assert taken.read()["state_type"] == "PENDING"
    process.kill()
    process.communicate()
    look_when_it_is_late(monkeypatch)
    assert taken.read()["state_type"] == "SCHEDULED"


def test_one_that_is_still_pending_is_begun_by_its_process(served, taken):
    start_process(taken, served)
    assert taken.read()["run_count"] == 1 and "arms is empty" in taken.message()
