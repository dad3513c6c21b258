"""Runs of the command line in processes of their own, for tests to look at, repeat and kill.

They share one Prefect API: a run's own takes ten CPU-seconds to start.
"""

import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flows.engine.profile import embedded_environment
from tasks.artifacts.code_version import PROJECT_ROOT
from tests.flows.serving import free_port

# Behind it Prefect may warn, on a busy machine, of events that it has still to send.
END = re.compile(r"^built (\d+), reused (\d+), failed (\d+), \d+ s$", re.MULTILINE)


@functools.cache
def shared_api() -> tuple[dict[str, str], subprocess.Popen, tempfile.TemporaryDirectory]:
    """The environment of the clients of a Prefect server that ends with this process, as its folder does."""
    port, folder = free_port(), tempfile.TemporaryDirectory(prefix="verisim-api-", ignore_cleanup_errors=True)
    environment = embedded_environment(Path(folder.name))
    server = subprocess.Popen(
        [sys.executable, "-m", "flows.server.api_process", "127.0.0.1", str(port)],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment | {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1"},
        start_new_session=True,
    )
    return environment | {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}, server, folder


def start(path: Path, *overrides: str, command: str = "run", has_own_api: bool = False) -> subprocess.Popen:
    """Begin `python -m flows run`, or another command, with its output in one pipe."""
    options = [item for override in overrides for item in ("--set", override)]
    arguments = [sys.executable, "-m", "flows", command, str(path), *options]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    environment = os.environ | ({} if has_own_api else shared_api()[0])
    return subprocess.Popen(arguments, cwd=PROJECT_ROOT, env=environment, **streams)


def run(
    path: Path, *overrides: str, command: str = "run", has_own_api: bool = False
) -> tuple[int, str, tuple[int, int, int]]:
    """(exit code, output, (built, reused, failed)) of one run."""
    process = start(path, *overrides, command=command, has_own_api=has_own_api)
    output, _ = process.communicate(timeout=600)
    match = END.search(output.strip())
    assert match, output
    return process.returncode, output, (int(match[1]), int(match[2]), int(match[3]))


def read_record(folder: Path) -> dict:
    """The record of the last run."""
    newest = max((folder / "store/runs").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return json.loads(newest.read_text())


def copy_of(folder: Path, target: Path) -> Path:
    """A copy of a site with its store; the configuration in it points to the copy."""
    shutil.copytree(folder, target)
    path = target / "run.yaml"
    path.write_text(path.read_text().replace(str(folder), str(target)))
    return path


def kill_while_building(path: Path, keys: list[str], *, command: str = "run") -> bool:
    """Start the run and kill it as soon as one of `keys` is being built; False for steps too quick to be seen.

    Their manifests go first: an earlier run that was not killed has built everything.
    """
    for key in keys:
        (path.parent / "store/manifests" / key[:2] / f"{key}.json").unlink(missing_ok=True)
    process = start(path, command=command)
    building = path.parent / "store/building"
    while process.poll() is None:
        names = os.listdir(building) if building.exists() else []  # noqa: PTH208
        if any(name.startswith(key) for name in names for key in keys):
            process.send_signal(signal.SIGKILL)
        time.sleep(0.002)
    process.communicate()
    return process.returncode == -signal.SIGKILL
