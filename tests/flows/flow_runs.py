"""Runs sent to a served `flows up`, for tests that disturb them and look at how they end."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.commands.submit import sweep_order
from flows.people.run_files import load_run_config
from tests.flows.serving import Served

WAIT_S = 600  # on a machine that does other things too
BEGUN_AGAIN_WITHIN_S = 15
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@dataclass(frozen=True)
class FlowRun:
    """One run of a deployment."""

    served: Served
    id: str

    def read(self) -> dict[str, Any]:
        """As the server has it."""
        return self.served.call(f"flow_runs/{self.id}")

    def message(self) -> str:
        return self.read()["state"]["message"] or ""

    def cancel(self) -> None:
        answer = self.served.call(f"flow_runs/{self.id}/set_state", {"state": {"type": "CANCELLING"}})
        assert answer["status"] == "ACCEPT"

    def wait_for_end(self) -> str:
        """The type of its final state; a run that crashed has ended when it is not begun again within seconds."""
        crashed_since = None

        def has_ended() -> bool:
            nonlocal crashed_since, state
            state = self.read()["state_type"]
            if state != "CRASHED":
                crashed_since = None
                return state in FINAL
            crashed_since = crashed_since or time.monotonic()
            return time.monotonic() - crashed_since > BEGUN_AGAIN_WITHIN_S

        state = ""
        wait_until(has_ended, "the run ends")
        return state

    def trainings(self) -> list["FlowRun"]:
        """The runs in the pool gpu that it ordered, oldest first."""
        found = {"flow_runs": {"parent_flow_run_id": {"any_": [self.id]}}, "sort": "EXPECTED_START_TIME_ASC"}
        return [FlowRun(self.served, item["id"]) for item in self.served.call("flow_runs/filter", found)]


def send(served: Served, path: Path, *overrides: str) -> FlowRun:
    """Send a run configuration to the deployment augment/photos-to-report."""
    config = load_run_config(path, list(overrides)).model_dump(mode="json")
    return _create(served, "augment/photos-to-report", config)


def send_sweep(served: Served, path: Path) -> FlowRun:
    """Send a sweep to the deployment sweep/grid-to-table."""
    order = sweep_order(path, [])
    return _create(served, order.deployment, order.config)


def _create(served: Served, deployment: str, config: dict[str, Any]) -> FlowRun:
    found = served.call(f"deployments/name/{deployment}")["id"]
    body = {"parameters": {"config": config}, "state": {"type": "SCHEDULED"}}
    return FlowRun(served, served.call(f"deployments/{found}/create_flow_run", body)["id"])


def processes(served: Served, module: str) -> set[int]:
    """Living processes `python -m module` that belong to this server: its address is in their environment."""
    mark = f"PREFECT_API_URL={served.url}/api"
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
            environment = (folder / "environ").read_bytes().decode(errors="replace").split("\0")
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if module in words and mark in environment and state != "Z" and int(folder.name) != os.getpid():
            found.add(int(folder.name))
    return found


def wait_for_process(served: Served, module: str, run: FlowRun) -> int:
    """The first process of this module; AssertionError when the run ends before it begins."""
    deadline = time.monotonic() + WAIT_S
    while not (found := processes(served, module)):
        state = run.read()["state"]
        assert state["type"] not in FINAL and time.monotonic() < deadline, state
        time.sleep(0.1)
    return min(found)


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = WAIT_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain until {what}"
        time.sleep(0.2)
