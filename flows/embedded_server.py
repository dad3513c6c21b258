"""A Prefect API in a child process for runs without a server; it ends with its parent, however that dies.

Prefect's own ephemeral server is left behind, with its memory, when the process that started it is killed.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from flows.prefect_profile import apply_embedded_profile

_START_TIMEOUT_S = 600.0


@contextlib.contextmanager
def prefect_api(store: Path) -> Iterator[None]:
    """Point Prefect to a server: the user's, or one of our own for as long as the context lasts.

    To be entered before Prefect is imported; `wait_for_api` waits until it answers.
    """
    if "PREFECT_API_URL" in os.environ:
        yield
        return
    apply_embedded_profile(store)
    port = _free_port()
    child = _start(port, store)
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
    try:
        yield
    finally:
        del os.environ["PREFECT_API_URL"]
        child.terminate()
        child.wait()


def wait_for_api() -> None:
    """Return when the server answers; RuntimeError after ten minutes."""
    url, deadline = f"{os.environ['PREFECT_API_URL']}/health", time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"no Prefect server answers at {url}; see prefect/server.log in the store")


def _start(port: int, store: Path) -> subprocess.Popen:
    environment = os.environ | {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1"}
    with (store / "prefect" / "server.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "flows.api_process", "127.0.0.1", str(port)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
