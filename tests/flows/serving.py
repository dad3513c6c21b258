"""`flows up` on a free port in a folder of its own, for tests that need a real server and real workers."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.artifacts.code_version import PROJECT_ROOT

START_TIMEOUT_S, END_TIMEOUT_S = 600, 60


@dataclass(frozen=True)
class Served:
    """A running `flows up`: its process, the server's address and the store beside which places are relative."""

    process: subprocess.Popen
    url: str
    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def environment(self) -> dict[str, str]:
        """For commands that talk to this server."""
        return os.environ | {
            "PREFECT_API_URL": f"{self.url}/api",
            "PREFECT_HOME": str(self.store / "prefect"),
        }

    def call(self, path: str, body: Any = None, *, method: str | None = None) -> Any:
        """The JSON answer of the server's API: GET, or POST where there is a body, or another method.

        A server whose database is busy answers 503, which Prefect's clients try again as well.
        """
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/{path}", data, headers, method=method)
        for _ in range(10):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.loads(answer.read() or "null")
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise
                time.sleep(2)
        raise AssertionError(f"{path}: the server is busy all the time")

    def answers(self) -> bool:
        """Whether the server says that it is well."""
        try:
            return self.call("health") is True
        except OSError:
            return False

    def wait_for(self, run_id: str, *, timeout_s: float = 400) -> None:
        """Return when a flow run completed; AssertionError with its state when it ends otherwise, or not in time."""
        deadline = time.monotonic() + timeout_s
        while (state := self.call(f"flow_runs/{run_id}")["state"])["type"] not in (
            "COMPLETED",
            "FAILED",
            "CRASHED",
        ):
            assert time.monotonic() < deadline, state
            time.sleep(0.5)
        assert state["type"] == "COMPLETED", state["message"]

    def children(self) -> dict[str, int]:
        """Process id of the server and of every worker, by the end of its command: "render", "gpu" or the port."""
        found = {}
        for words, pid in list_children(self.process.pid):
            found[words[-1]] = pid
        return found


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Start `flows up` and wait until it is ready; end it like Ctrl-C does."""
    served = start_up(folder)
    try:
        wait_until_ready(served)
        yield served
    finally:
        end(served)


def start_up(folder: Path, port: int | None = None) -> Served:
    """Begin `flows up` with the store `folder`/store and `folder` as the place that relative places start from.

    Its temporary files, and those of all that it starts, lie in `folder`/tmp.
    """
    port = port or free_port()
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "flows", "up", "--port", str(port), "--store", str(folder / "store")]
    environment = os.environ | {"PYTHONPATH": str(PROJECT_ROOT), "TMPDIR": str(folder / "tmp")}
    with (folder / "up.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment)
    return Served(process, f"http://127.0.0.1:{port}", folder)


def wait_until_ready(served: Served) -> None:
    """AssertionError with the log when it ends or is not ready in time."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while "ready: " not in (output := (served.folder / "up.log").read_text()):
        assert served.process.poll() is None and time.monotonic() < deadline, output
        time.sleep(0.2)


def end(served: Served) -> int:
    """End it like Ctrl-C does; returns the exit code."""
    if served.process.poll() is None:
        served.process.send_signal(signal.SIGINT)
    return served.process.wait(timeout=END_TIMEOUT_S)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def list_children(parent: int) -> list[tuple[list[str], int]]:
    """(words of the command, process id) of every living child of a process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")[:-1]
            # The command's name, in brackets, may hold spaces.
            state, its_parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if its_parent == str(parent) and state != "Z":
            found.append((words, int(folder.name)))
    return found
