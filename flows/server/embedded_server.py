"""A Prefect API in a child process for runs without a server; it ends with its parent, however that dies.

Prefect's own ephemeral server is left behind, with its memory, when the process that started it is killed.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from flows.engine.profile import apply_embedded_profile
from flows.server.api import ServerApi, ServerSilentError
from flows.server.appended_log import open_to_append
from flows.watching import json_lines

_START_TIMEOUT_S, _TELL_AFTER_S, _SENDING_S = 600.0, 3.0, 30.0


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
        try:
            _send_events()
        finally:  # also when Ctrl-C does not want to wait for that
            del os.environ["PREFECT_API_URL"]
            child.terminate()
            child.wait()


def _send_events() -> None:
    """The steps of large runs are told to the server more slowly than they are found."""
    if "prefect.events.worker" in sys.modules:  # else Prefect was never needed
        from flows.engine.quick.events import send_events

        if dropped := send_events(timeout_s=_SENDING_S):
            print(f"{dropped} events of steps did not reach the run's own server in time", file=sys.stderr)


def wait_for_api(*, timeout_s: float = _START_TIMEOUT_S) -> None:
    """Return when the server answers, and say on stderr that it is waited for; ValueError after ten minutes."""
    api, begun, has_told = ServerApi(), time.monotonic(), False
    while True:
        silence = "it answers, but not that it is well"
        try:
            if api.is_healthy():
                return
        except ServerSilentError as error:
            silence = str(error)
        waited_s = time.monotonic() - begun
        if waited_s > timeout_s:
            raise ValueError(f"{silence}; of a run's own server, prefect/server.log in the store says more")
        if waited_s > _TELL_AFTER_S and not has_told:
            json_lines.say(f"waiting for the server at {api.url}")
            has_told = True
        time.sleep(0.1)


def _start(port: int, store: Path) -> subprocess.Popen:
    environment = os.environ | {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1"}
    with open_to_append(store / "prefect" / "server.log", "the server of a run") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "flows.server.api_process", "127.0.0.1", str(port)],
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
