"""Notifications by a real server, its services and a webhook of this machine."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from flows.watching.events import DISK_LOW, SCHEDULER_SILENT, TRAINING_COLLAPSED, WORKER_SILENT, Trouble
from tasks.artifacts.code_version import PROJECT_ROOT
from tests.flows.server.test_documented_commands import flows
from tests.flows.serving import Served

NAMES = [
    "verisim: a disk is nearly full",
    "verisim: a pool has no worker",
    "verisim: a run failed",
    "verisim: a run is late",
    "verisim: a training collapses",
    "verisim: a worker is silent",
    "verisim: the scheduler is silent",
]
TROUBLES = (
    Trouble(WORKER_SILENT, ("gpu", "host gpu"), "look at its host"),
    Trouble(SCHEDULER_SILENT, ("server",), "look at the log"),
    Trouble(DISK_LOW, ("host", "/data"), "2 GB free"),
    Trouble(TRAINING_COLLAPSED, ("demo", "train refiner"), "try another seed"),
)
LATE = NAMES[3]


@pytest.fixture
def heard() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a webhook, and what it was sent."""
    received: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", received
    server.shutdown()
    server.server_close()


def make_block(served: Served, url: str) -> None:
    """As the page Blocks of the UI does."""
    kind = served.call("block_types/slug/custom-webhook")["id"]
    (schema, *_) = served.call("block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [kind]}}})
    sent = {"subject": "{{subject}}", "body": "{{body}}"}
    data = {"name": "operators", "url": url, "method": "POST", "json_data": sent, "allow_private_urls": True}
    body = {"name": "operators", "data": data, "block_schema_id": schema["id"], "block_type_id": kind}
    served.call("block_documents/", body)


def automations(served: Served) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in served.call("automations/filter", {}) if item["name"] in NAMES}


def emit(served: Served, trouble: Trouble) -> None:
    """As a process of ours tells it, which knows this server."""
    arguments = (trouble.event, trouble.about, trouble.message)
    code = f"from flows.watching.events import Trouble, tell; tell(Trouble(*{arguments!r}))"
    subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, env=served.environment, check=True, timeout=120
    )


def test_a_failed_run_is_told_by_the_block_that_deploy_was_given(served, heard):
    url, received = heard
    make_block(served, url)
    said = flows(served, "deploy", "--notify", "custom-webhook/operators")
    assert sorted(automations(served)) == NAMES
    assert all(f"automation {name} made" in said for name in NAMES)
    deployment = served.call("deployments/name/augment/photos-to-report")["id"]
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2100-01-01T00:00:00+00:00"}}
    body = {"state": state, "name": "to-fail", "parameters": {"config": {"name": "x", "sample_site": {}}}}
    run = served.call(f"deployments/{deployment}/create_flow_run", body)["id"]
    failed = {"type": "FAILED", "name": "Failed", "message": "the disk is full"}
    deadline = time.monotonic() + 120
    served.call(f"flow_runs/{run}/set_state", {"state": failed, "force": True})
    while not received and time.monotonic() < deadline:
        time.sleep(0.5)
    assert received[0]["subject"] == "verisim: a run failed"
    assert received[0]["body"].startswith("augment: to-fail ended as Failed: the disk is full")
    assert f"/runs/flow-run/{run}" in received[0]["body"]

    for trouble in TROUBLES:
        emit(served, trouble)
    while len(received) <= len(TROUBLES) and time.monotonic() < deadline:
        time.sleep(0.2)
    told = {item["subject"]: item["body"] for item in received[1:]}
    assert told == {
        "verisim: a worker is silent": "look at its host",
        "verisim: the scheduler is silent": "look at the log",
        "verisim: a disk is nearly full": "2 GB free",
        "verisim: a training collapses": "try another seed",
    }

    again = flows(served, "deploy", "--notify", "custom-webhook/operators")
    assert all(f"automation {name} is up to date" in again for name in NAMES)
    removed = automations(served)[LATE]["id"]
    served.call(f"automations/{removed}", method="DELETE")
    said = flows(served, "deploy", "--notify", "custom-webhook/operators")
    assert f"automation {LATE}: removed or renamed" in said
    assert sorted(automations(served)) == [name for name in NAMES if name != LATE]
    for left in automations(served).values():  # nobody listens any more
        served.call(f"automations/{left['id']}", method="DELETE")
