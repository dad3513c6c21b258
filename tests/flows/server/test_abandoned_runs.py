import os
import subprocess
import sys
from types import SimpleNamespace
from uuid import UUID

import pytest
from prefect.states import Crashed

from flows.server import abandoned_runs as reviving
from flows.server.crashed_runs import MOST_STARTS, schedule_again
from tasks.artifacts.code_version import PROJECT_ROOT

RUN = "00000000-0000-0000-0000-000000000007"
REGISTER = f"from flows.server.abandoned_runs import register; register({RUN!r}); print('ready', flush=True); input()"


@pytest.fixture
def working(tmp_path, monkeypatch):
    """A process that works at the run."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", REGISTER], cwd=PROJECT_ROOT, env=os.environ, **streams)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


def test_a_run_is_dead_when_the_kernel_has_unlocked_its_file(working):
    assert reviving._dead_runs() == set()
    working.kill()
    working.wait()
    assert reviving._dead_runs() == {RUN}


def test_a_dead_run_is_left_to_its_worker_at_first_and_then_revived_once(working, monkeypatch):
    revived = []
    monkeypatch.setattr(reviving, "_revive", lambda flow_run_id: revived.append(flow_run_id) or True)
    working.kill()
    working.wait()
    seen = reviving._revive_dead(set())
    assert revived == [] and seen == {RUN}
    reviving._revive_dead(seen)
    assert revived == [UUID(RUN)]
    assert reviving._revive_dead(seen) == set() and len(revived) == 1


class FakeClient:
    """A server with one run that was started some times."""

    def __init__(self, starts: int) -> None:
        self.starts = starts
        self.states = []

    def read_flow_run(self, flow_run_id):
        return SimpleNamespace(run_count=self.starts, state=Crashed())

    def set_flow_run_state(self, flow_run_id, state, force=False):
        self.states.append((state.type.value, state.name, state.message))


@pytest.mark.parametrize(
    ("starts", "state"),
    [
        (1, ("SCHEDULED", "AwaitingRetry", "start 2 of at most 5, from what is finished: killed")),
        (MOST_STARTS, ("CRASHED", "Crashed", "started 5 times: killed")),
    ],
)
def test_a_run_begins_again_a_few_times(starts, state):
    client = FakeClient(starts)
    schedule_again(client, UUID(RUN), "killed")
    assert client.states == [state]
