"""A real S3 server (moto) as a process of its own on 127.0.0.1, for tests of the shared store.

`python -m tests.s3_server PORT` answers one request at a time: a conditional put is then one act, as S3 promises it is.
"""

import logging
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

BUCKET = "artifacts"


@dataclass(frozen=True)
class S3Server:
    """A running server; `environment` is what a client needs to find it."""

    process: subprocess.Popen
    port: int

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def start_server(port: int = 0) -> S3Server:
    """Begin a server with one empty bucket; its memory ends with it."""
    port = port or _free_port()
    command = [sys.executable, "-m", "tests.s3_server", str(port)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/{BUCKET}"
    while process.poll() is None:
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="PUT")).close()
            return S3Server(process, port)
        except urllib.error.URLError:
            time.sleep(0.05)
    raise RuntimeError("the S3 server ended before it answered")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _serve(port: int, address: str) -> None:
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import run_simple

    logging.getLogger("werkzeug").disabled = True
    application, one_at_a_time = DomainDispatcherApplication(create_backend_app), threading.Lock()

    def answer(environment: Any, start_response: Any) -> list[bytes]:
        with one_at_a_time:
            return list(application(environment, start_response))

    threading.Thread(target=_end_with_parent, daemon=True).start()
    run_simple(address, port, answer, threaded=True)


def _end_with_parent() -> None:
    """The parent holds the other end of stdin for as long as it lives."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), *(sys.argv[2:] or ["127.0.0.1"]))
