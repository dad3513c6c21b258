"""`python -m flows up`: a Prefect server, its deployments and a worker for every pool, on this machine until Ctrl-C."""

import contextlib
import json
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.engine.profile import DEFAULT_PORT, apply_serving_profile
from flows.server.deploy import LEFT
from flows.server.pools import POOLS, usual_limit
from flows.server.supervised_process import KeptChild
from flows.server.troubles import ServerTroubles
from tasks.artifacts.opening import StorePlace

_READY_WITHIN_S = 600.0  # a new database alone takes ten CPU-seconds
_LOOK_EVERY_S, _READ_LOGS_EVERY_S = 0.2, 10.0
_WORKER_GRACE_S, _SERVER_GRACE_S = 20.0, 10.0  # a worker ends its runs first
FAILED = 1


@dataclass(frozen=True)
class Serving:
    """Where the server answers, and the store in whose folder `prefect` its database and logs lie."""

    host: str
    port: int
    store: str

    @property
    def url(self) -> str:
        """As the workers of this machine reach it."""
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}"


class _Ended(BaseException):
    """Ctrl-C or SIGTERM."""


def up(serving: Serving) -> int:
    """Start everything, say where it is, and keep it alive until Ctrl-C or SIGTERM; returns the exit code."""
    check_port(serving)
    logs = _home(serving.store)
    apply_serving_profile(logs, host=serving.host, port=serving.port, url=serving.url)
    _warn_of_open_door(serving.host)
    children: list[KeptChild] = []
    try:
        with _raising_on_signals():
            _start(serving, logs, children)
            print(_ready_message(serving), flush=True)
            _keep_alive(children, logs)
    except _Ended:
        print("ending the workers and the server", flush=True)
    except RuntimeError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    finally:
        _end(children)
    return 0


def check_port(serving: Serving) -> None:
    """ValueError that says who has the address, if it cannot be listened on."""
    if not 1 <= serving.port <= 65535:
        raise ValueError(
            f"--port must be from 1 to 65535, but was {serving.port}; the usual one is {DEFAULT_PORT}"
        )
    try:
        with socket.create_server((serving.host, serving.port)):
            return
    except OSError as error:
        reason = os.strerror(error.errno or 0)
    version = _version_of_server(serving.url)
    holder = f"a Prefect server {version} answers there" if version else reason
    raise ValueError(
        f"cannot listen on {serving.host}:{serving.port}: {holder}; end it, or choose another --port"
    )


def _version_of_server(url: str) -> str:
    """Of the Prefect server that answers at `url`; "" where none does."""
    try:
        with urllib.request.urlopen(f"{url}/api/admin/version", timeout=2) as answer:
            return str(json.load(answer))
    except (OSError, ValueError):
        return ""


def _home(store: str) -> Path:
    """The folder of the server's database and logs; ValueError for a folder that holds other things than a store."""
    place = StorePlace(store)
    if place.is_shared:
        raise ValueError(
            f"--store is {store}, but the server's database lies in it: give a folder; runs name their own store"
        )
    home = place.open().root / "prefect"
    home.mkdir(exist_ok=True)
    return home


def _warn_of_open_door(host: str) -> None:
    if host not in ("127.0.0.1", "localhost", "::1") and "PREFECT_SERVER_API_AUTH_STRING" not in os.environ:
        print(
            f"warning: whoever reaches {host} can run flows; set PREFECT_SERVER_API_AUTH_STRING to ask for a password",
            file=sys.stderr,
        )


def _start(serving: Serving, logs: Path, children: list[KeptChild]) -> None:
    """Start all at once, and return when runs are taken: each imports what it needs and waits for the server."""
    begun = time.monotonic()

    def start(name: str, *command: str) -> KeptChild:
        log = logs / f"{name.replace(' ', '-')}.log"
        children.append(KeptChild(name, command, log=log))
        return children[-1]

    start("server", "flows.server.api_process", serving.host, str(serving.port))
    deploying = start("deploying", "flows.server.deploy")
    workers = [start(f"worker {pool}", "flows.server.worker", pool) for pool in POOLS]
    while deploying.returncode() != 0 or not all(worker.is_ready() for worker in workers):
        for child in children:
            if child.returncode():
                raise RuntimeError(f"{child.name} failed; the end of its log:\n{child.tail()}")
        if time.monotonic() - begun > _READY_WITHIN_S:
            raise RuntimeError(f"not ready after {_READY_WITHIN_S:.0f} s; the logs are in {logs}")
        time.sleep(_LOOK_EVERY_S)
    children.remove(deploying)
    for line in deploying.tail().splitlines():
        if line.strip().startswith(LEFT):
            print(line.strip(), flush=True)


def _keep_alive(children: list[KeptChild], logs: Path) -> None:
    """For ever: who dies is started again, and what the server's log says is told."""
    troubles, looked = ServerTroubles(logs / "server.log"), time.monotonic()
    while True:
        time.sleep(_LOOK_EVERY_S)
        if time.monotonic() - looked > _READ_LOGS_EVERY_S:
            looked = time.monotonic()
            for line in troubles.news():
                print(line, file=sys.stderr, flush=True)
            for child in children:
                child.shorten_log()
        for child in children:
            code = child.returncode()
            if code is not None:
                print(f"{child.name} ended with {code}: starting it again", flush=True)
                child.start_again()


def _end(children: list[KeptChild]) -> None:
    """Last started, first ended: the workers' runs still tell the server how they end."""
    workers, others = [], []
    for child in children:
        (workers if child.name.startswith("worker") else others).append(child)
    for group, grace_s in ((workers, _WORKER_GRACE_S), (others, _SERVER_GRACE_S)):
        for child in group:
            child.ask_to_end()
        for child in group:
            child.wait_or_kill(grace_s=grace_s)


@contextlib.contextmanager
def _raising_on_signals() -> Iterator[None]:
    """The first Ctrl-C or SIGTERM raises; a second one ends this process at once, and thereby its children."""

    def stop(number: int, frame: Any) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        raise _Ended

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except _Ended:
        raise
    except BaseException:
        for number, handler in before.items():
            signal.signal(number, handler)
        raise


def _ready_message(serving: Serving) -> str:
    pools = ", ".join(f"{pool} (up to {usual_limit(pool)} at once)" for pool in POOLS)
    return "\n".join(
        (
            f"ready: {serving.url}",
            f"workers of this machine: {pools}",
            "send a run with `python -m flows submit CONFIG.yaml`; Ctrl-C ends the workers and the server",
        )
    )
