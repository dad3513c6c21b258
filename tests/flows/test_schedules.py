"""On a server as `flows up` starts it, what is scheduled is scheduled, and begins."""

from datetime import UTC, datetime, timedelta

from tests.flows.serving import Served
from tests.flows.test_up import wait_until


def test_a_schedule_makes_runs_and_they_begin(served: Served):
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

    try:
        assert wait_until(lambda: len(runs()) > 1, seconds=90), "the scheduler made no runs"
        days = {run["expected_start_time"][:10] for run in runs()}
        assert (soon + timedelta(days=1)).date().isoformat() in days
        assert wait_until(lambda: runs()[0]["state_type"] == "FAILED", seconds=90), runs()[0]["state"]
    finally:
        served.call(f"deployments/{deployment}/schedules/{made['id']}", method="DELETE")
    log = (served.store / "prefect/server.log").read_text()
    assert "schedule_deployments" not in log and "schedule_recent_deployments" not in log
