"""Commands that docs/operations.md shows, typed against a real server as it says."""

import datetime
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.commands.command_line import main
from tasks.artifacts.code_version import PROJECT_ROOT
from tests.flows.serving import Served, end
from tests.flows.tiny_site import write_tiny_site


@pytest.fixture
def typed(served: Served, monkeypatch) -> None:
    """Commands of this process talk to the server, as in a shell where PREFECT_API_URL is set."""
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)


def flows(served: Served, *arguments: str, **settings: str) -> str:
    """What a command of the shell says, with further environment variables; it must end well."""
    command = [sys.executable, "-m", "flows", *arguments]
    environment = served.environment | settings
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_run_that_is_to_come_is_listed_and_cancelled(served, typed, capsys):
    deployment = served.call("deployments/name/augment/photos-to-report")["id"]
    begins = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=5)
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": begins.isoformat()}}
    body = {"state": state, "name": "to-come", "parameters": {"config": {"name": "x", "sample_site": {}}}}
    run = served.call(f"deployments/{deployment}/create_flow_run", body)
    assert main(["runs", "--scheduled"]) == 0
    (row,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("to-come"))
    assert run["id"][:8] in row and "Scheduled" in row
    assert main(["why", "to-come"]) == 0 and "it is scheduled for " in capsys.readouterr().out
    assert main(["cancel", run["id"][:8]]) == 0
    assert capsys.readouterr().out.startswith("to-come ")
    assert served.call(f"flow_runs/{run['id']}")["state"]["type"] in ("CANCELLING", "CANCELLED")
    served.call(f"flow_runs/{run['id']}", method="DELETE")


def send(served: Served, name: str, deployment: str = "photos-to-report") -> str:
    """A run that is due now; it fails when it begins, as its site is not there."""
    owner = served.call(f"deployments/name/augment/{deployment}")["id"]
    body = {"name": name, "parameters": {"config": {"name": "x", "site": "/nowhere/site.yaml"}}}
    return served.call(f"deployments/{owner}/create_flow_run", body)["id"]


def test_a_run_that_waits_says_what_for_and_a_drained_pool_takes_nothing(served, typed, capsys):
    prefect = [sys.executable, "-m", "prefect", "work-pool"]
    for command in ("pause", "resume"):
        subprocess.run([*prefect, command, "render"], env=served.environment, check=True, capture_output=True)
        if command == "pause":
            run = send(served, "held-up")
            assert main(["why", "held-up"]) == 0
            said = capsys.readouterr().out
            assert "the pool render is paused; `uv run prefect work-pool resume render`" in said
            assert served.call(f"flow_runs/{run}")["state"]["type"] == "SCHEDULED"
    for _ in range(240):
        if served.call(f"flow_runs/{run}")["state"]["type"] in ("FAILED", "CRASHED", "COMPLETED"):
            break
        time.sleep(0.5)
    assert main(["why", run[:18]]) == 0
    assert "it is over: Failed" in capsys.readouterr().out
    served.call(f"flow_runs/{run}", method="DELETE")


def test_a_deploy_finds_what_is_there_and_a_reset_undoes_what_people_changed(served):
    deployment = served.call("deployments/name/augment/photos-to-report")
    served.call(f"deployments/{deployment['id']}", {"description": "Ours"}, method="PATCH")
    rehearsed = flows(served, "deploy", "--dry-run")
    assert "nothing is written" in rehearsed and "augment/photos-to-report is up to date" in rehearsed
    said = flows(served, "deploy")
    assert (
        "augment/photos-to-report is up to date" in said and "augment/photos-to-report: description" in said
    )
    flows(served, "deploy", "--reset")
    assert served.call(f"deployments/{deployment['id']}")["description"] == deployment["description"]


def test_pools_of_containers_are_rehearsed_and_made(served):
    pools = ("--pools", str(PROJECT_ROOT / "docker" / "pools" / "docker.yaml"))
    own = {"VERISIM_POOL_PREFIX": "own-"}
    assert "pool own-gpu made" in flows(served, "deploy", *pools, "--dry-run", **own)
    assert served.call("work_pools/filter", {"work_pools": {"name": {"any_": ["own-gpu"]}}}) == []
    flows(served, "deploy", *pools, **own)
    assert served.call("work_pools/own-gpu")["type"] == "docker"
    flows(served, "deploy", "--reset")
    assert served.call("deployments/name/augment/photos-to-report")["work_pool_name"] == "render"


def test_a_site_is_watched_until_it_is_not(served, tmp_path):
    config, photos = write_tiny_site(tmp_path), tmp_path / "photos"
    (photos / "top").mkdir(parents=True)
    said = flows(served, "watch", str(config), "--photos", str(photos), "--every", "3600")
    assert said.strip().endswith(f"{photos} is looked at every 3600 s for new backgrounds of tiny")
    assert schedules(served) == ["tiny"]
    assert flows(served, "watch", str(config), "--stop").strip().endswith("tiny is watched no more")
    assert schedules(served) == []


def schedules(served: Served) -> list[str]:
    looking = served.call("deployments/name/new-backgrounds/look-for-photos")
    return [item["slug"] for item in looking["schedules"]]


def test_a_worker_joins_a_pool_and_ends_when_it_is_told_to(served, tmp_path):
    log = tmp_path / "worker.log"
    command = [sys.executable, "-m", "flows", "worker", "--pool", "gpu", "--name", "another"]
    with log.open("w") as output:
        worker = subprocess.Popen(
            command, cwd=PROJECT_ROOT, env=served.environment, stdout=output, stderr=output
        )
        joined = Served(worker, served.url, tmp_path)
        try:
            wait_for_worker(joined, log)
        finally:
            worker.send_signal(signal.SIGTERM)
            end(joined)
    # One that ends in good order is not missed.
    assert "another" not in [item["name"] for item in served.call("work_pools/gpu/workers/filter", {})]


def wait_for_worker(served: Served, log: Path) -> None:
    deadline = time.monotonic() + 120
    while "another" not in [item["name"] for item in served.call("work_pools/gpu/workers/filter", {})]:
        assert served.process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.3)


def test_a_server_listens_on_the_address_that_it_is_given(capsys, tmp_path):
    """192.0.2.1 is for documentation (RFC 5737): no machine has it."""
    assert main(["up", "--host", "192.0.2.1", "--store", str(tmp_path / "store")]) == 2
    assert "cannot listen on 192.0.2.1:4200" in capsys.readouterr().err
