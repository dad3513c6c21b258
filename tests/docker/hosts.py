"""Hosts for tests: network namespaces on one bridge, each with a name, a clock and processes of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.artifacts.code_version import PROJECT_ROOT

BRIDGE, HUB = "verisimtest", "10.77.0.1"
CLOCK = PROJECT_ROOT / "tests/docker/shifted_clock.c"


@dataclass(frozen=True)
class Host:
    """One namespace; `folder` holds its home, its cache and the log of its worker."""

    name: str
    folder: Path

    def start(self, environment: dict[str, str], pool: str) -> subprocess.Popen:
        """Begin its worker in the namespace, under the host's own name; with one core it takes one run at a time."""
        own = {"PREFECT_HOME": str(self.folder / "prefect"), "TMPDIR": str(self.folder / "tmp")}
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        entry = f"hostname {self.name} && exec {PROJECT_ROOT}/docker/entrypoint.sh worker {pool}"
        command = [
            "taskset",
            "-c",
            "0",
            "ip",
            "netns",
            "exec",
            self.name,
            "unshare",
            "--uts",
            "bash",
            "-c",
            entry,
        ]
        with (self.folder / "worker.log").open("a") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment | own,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def pids(self) -> list[int]:
        """All processes of the namespace."""
        return [int(word) for word in _ip("netns", "pids", self.name).split()]

    def num_runs(self) -> int:
        """Processes of flow runs that live here."""
        return sum(b"flows.server.flow_process" in _command(pid) for pid in self.pids())

    def kill(self) -> None:
        """SIGKILL to all that runs here, until nothing is left."""
        while pids := self.pids():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)

    def set_link(self, state: str) -> None:
        """`down` cuts the host off, `up` joins it again."""
        _ip("link", "set", f"{self.name}-v", state)


def _ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def shifted_clock(seconds: int, folder: Path) -> dict[str, str]:
    """The environment of processes whose wall clock is off; their monotonic clock is right, as a real host's is."""
    library = folder / "shifted_clock.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, CLOCK], check=True)
    return {"LD_PRELOAD": str(library), "CLOCK_SHIFT_S": str(seconds)}


@contextlib.contextmanager
def network(names: list[str], folder: Path) -> Iterator[list[Host]]:
    """Namespaces 10.77.0.2, .3, .. around a bridge that has 10.77.0.1; all that runs there ends with them."""
    _ip("link", "add", BRIDGE, "type", "bridge")
    hosts = [Host(name, folder / name) for name in names]
    try:
        _ip("addr", "add", f"{HUB}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for number, host in enumerate(hosts, 2):
            _join(host, number)
        yield hosts
    finally:
        for host in hosts:
            with contextlib.suppress(subprocess.CalledProcessError):
                host.kill()
                _ip("link", "del", f"{host.name}-v")
                _ip("netns", "del", host.name)
        _ip("link", "del", BRIDGE)


def _join(host: Host, number: int) -> None:
    host.folder.mkdir()
    _ip("netns", "add", host.name)
    _ip("link", "add", f"{host.name}-v", "type", "veth", "peer", "name", "eth0", "netns", host.name)
    _ip("link", "set", f"{host.name}-v", "master", BRIDGE, "up")
    _ip("-n", host.name, "addr", "add", f"10.77.0.{number}/24", "dev", "eth0")
    for device in ("lo", "eth0"):
        _ip("-n", host.name, "link", "set", device, "up")


def start_store(log: Path) -> tuple[subprocess.Popen, dict[str, str]]:
    """An S3 server that the hosts reach, and the environment of its clients."""
    from tests.flows.serving import free_port

    port = free_port()
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.s3_server", str(port), HUB],
            cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stderr=stream,
        )  # fmt: skip
    return process, {
        "AWS_ENDPOINT_URL": f"http://{HUB}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
