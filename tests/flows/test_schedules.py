"""On a server as `flows up` starts it, what is scheduled is scheduled, and begins."""

from datetime import UTC, datetime, timedelta

import pytest

from flows.found_run import find_run, short_id
from flows.runs_command import list_runs
from flows.server_api import ServerApi
from tests.flows.serving import Served
from tests.flows.test_up import wait_until


def test_a_schedule_makes_runs_and_they_begin(served: Served, monkeypatch, capsys):
    """The run of this schedule fails at once: there is no such configuration."""
    deployment = served.call("deployments/name/new-backgrounds/look-for-photos")["id"]
    soon = datetime.now(UTC) + timedelta(seconds=10)
    schedule = {
        "active": True,
        "schedule": {"interval": 86400, "anchor_date": soon.isoformat()},
        "parameters": {"site": {"config": "no.yaml", "photos": "none"}},
    }
    (made,) = served.call(f"deployments/{deployment}/schedules", [schedule])

    def runs() -> list[dict]:
        chosen = {"flow_runs": {"deployment_id": {"any_": [deployment]}}, "sort": "EXPECTED_START_TIME_ASC"}
        return [run for run in served.call("flow_runs/filter", chosen) if run["auto_scheduled"]]

    monkeypatch.setenv("PREFECT_API_URL", f"{served.url}/api")
    try:
        assert wait_until(lambda: len(runs()) > 1, seconds=90), "the scheduler made no runs"
        days = {run["expected_start_time"][:10] for run in runs()}
        assert (soon + timedelta(days=1)).date().isoformat() in days
        assert wait_until(lambda: runs()[0]["state_type"] == "FAILED", seconds=90), runs()[0]["state"]
        _see_that_runs_tells_them_apart(runs(), capsys)
    finally:
        served.call(f"deployments/{deployment}/schedules/{made['id']}", method="DELETE")
    log = (served.store / "prefect/server.log").read_text()
    assert "schedule_deployments" not in log and "schedule_recent_deployments" not in log


def _see_that_runs_tells_them_apart(runs: list[dict], capsys: pytest.CaptureFixture) -> None:
    """The first has begun, and the others are for later."""
    begun, *later = (short_id(run["id"]) for run in runs)
    list_runs(50)
    said = capsys.readouterr().out
    assert begun in said and not any(run in said for run in later)
    assert f"and {len(later)} scheduled for later; `python -m flows runs --scheduled` lists them" in said
    list_runs(50, is_scheduled=True)
    said = capsys.readouterr().out
    assert begun not in said and all(run in said for run in later)
    ids = [run["id"] for run in runs]
    shared = next(ids[0][:length] for length in range(36, 0, -1) if len({key[:length] for key in ids}) == 1)
    with pytest.raises(ValueError, match=f"{len(runs)} runs have an id like '{shared}': {runs[0]['id']} "):
        find_run(ServerApi(), shared)
    assert find_run(ServerApi(), runs[1]["id"][: len(shared) + 20])["id"] == runs[1]["id"]
