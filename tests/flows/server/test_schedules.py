"""On a server as `flows up` starts it, what is scheduled is scheduled, and begins."""

from datetime import UTC, datetime, timedelta

import pytest

from flows.commands.runs import list_runs
from flows.server.api import ServerApi
from flows.server.found_run import find_run, short_id
from tests.flows.commands.test_up import wait_until
from tests.flows.serving import Served


def test_a_schedule_makes_runs_and_they_begin(served: Served, monkeypatch, capsys):
    """The run of this schedule fails at once: there is no such configuration."""
    deployment = served.call("deployments/name/new-backgrounds/look-for-photos")["id"]
    monkeypatch.setenv("PREFECT_API_URL", f"{served.url}/api")
    runs = _runs_of_schedule(served, deployment, within_s=15) or _runs_of_schedule(
        served, deployment, within_s=90
    )
    assert wait_until(
        lambda: served.call(f"flow_runs/{runs[0]['id']}")["state_type"] == "FAILED", seconds=180
    )
    try:
        _see_that_runs_tells_them_apart(runs, capsys)
    finally:
        _remove_schedules(served, deployment)
    log = (served.store / "prefect/server.log").read_text()
    assert "schedule_deployments" not in log and "schedule_recent_deployments" not in log


def _runs_of_schedule(served: Served, deployment: str, *, within_s: float) -> list[dict]:
    """Those that the scheduler makes, one within seconds and then one a day; none where the machine is too slow for that."""
    soon = datetime.now(UTC) + timedelta(seconds=within_s)
    schedule = {
        "active": True,
        "schedule": {"interval": 86400, "anchor_date": soon.isoformat()},
        "parameters": {"site": {"config": "no.yaml", "photos": "none"}},
    }
    served.call(f"deployments/{deployment}/schedules", [schedule])
    chosen = {"flow_runs": {"deployment_id": {"any_": [deployment]}}, "sort": "EXPECTED_START_TIME_ASC"}
    runs: list[dict] = []

    def are_made() -> bool:
        runs[:] = [run for run in served.call("flow_runs/filter", chosen) if run["auto_scheduled"]]
        return len(runs) > 1

    assert wait_until(are_made, seconds=150), "the scheduler made no runs"
    if datetime.fromisoformat(runs[0]["expected_start_time"]) > soon + timedelta(hours=1):
        _remove_schedules(served, deployment)
        return []
    return runs


def _remove_schedules(served: Served, deployment: str) -> None:
    for schedule in served.call(f"deployments/{deployment}/schedules"):
        served.call(f"deployments/{deployment}/schedules/{schedule['id']}", method="DELETE")


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
