"""The services of docker/compose.yaml as processes of this machine: their entry points over a real Postgres and Redis."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from flows.pipelines.registry import each_pipeline
from tasks.artifacts.code_version import PROJECT_ROOT
from tests.flows.serving import free_port

POSTGRES = Path("/usr/lib/postgresql/15/bin")
ENTRYPOINT, HEALTHY = PROJECT_ROOT / "docker/entrypoint.sh", PROJECT_ROOT / "docker/healthy.py"
PASSWORD = "a:b@c/d 100%"  # characters that an address must not hold as they are
SECRET = "ops:secret"
TIMEOUT_S = 240

pytestmark = pytest.mark.skipif(
    not POSTGRES.is_dir() or shutil.which("redis-server") is None or os.geteuid() != 0,
    reason="needs root and apt-get install postgresql-15 redis-server",
)


@dataclass
class Stack:
    """Ports and environment of the services, which are processes that end with the test."""

    environment: dict[str, str]
    folder: Path
    running: contextlib.ExitStack

    def start(self, *role: str) -> subprocess.Popen:
        log = self.running.enter_context((self.folder / f"{'-'.join(role)}.log").open("w"))
        child = subprocess.Popen(
            [ENTRYPOINT, *role], env=self.environment, cwd=self.folder, stdout=log, stderr=log
        )
        self.running.callback(_end, child)
        return child

    def is_healthy(self, *what: str) -> bool:
        return subprocess.run([sys.executable, HEALTHY, *what], env=self.environment).returncode == 0

    def wait_until_healthy(self, *what: str) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not self.is_healthy(*what):
            logs = {path.name: path.read_text()[-2000:] for path in self.folder.glob("*.log")}
            assert time.monotonic() < deadline, logs
            time.sleep(1)


@pytest.fixture
def stack(tmp_path) -> Iterator[Stack]:
    with contextlib.ExitStack() as running:
        postgres, redis, server = free_port(), free_port(), free_port()
        _start_postgres(tmp_path, postgres, running)
        _start_redis(tmp_path, redis, running)
        password = tmp_path / "database-password"
        password.write_text(f"{PASSWORD}\n")  # as people write files
        written = yaml.safe_load((PROJECT_ROOT / "docker/compose.yaml").read_text())
        environment = os.environ | {
            name: str(value)
            for name, value in written["x-server-environment"].items()
            if "${" not in str(value)
        }
        environment |= {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(PROJECT_ROOT),
            "PREFECT_HOME": str(tmp_path / "prefect"),
            "POSTGRES_HOST": f"127.0.0.1:{postgres}",
            "POSTGRES_PASSWORD_FILE": str(password),
            "PREFECT_REDIS_MESSAGING_HOST": "127.0.0.1",
            "PREFECT_REDIS_MESSAGING_PORT": str(redis),
            "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_HOST": "127.0.0.1",
            "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_PORT": str(redis),
            "PREFECT_SERVER_DOCKET_URL": f"redis://127.0.0.1:{redis}/1",
            "PREFECT_SERVER_API_AUTH_STRING": SECRET,
            "PREFECT_API_AUTH_STRING": SECRET,
            "PREFECT_API_URL": f"http://127.0.0.1:{server}/api",
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "VERISIM_HOST": "127.0.0.1",
            "VERISIM_PORT": str(server),
            "VERISIM_FOLDER": str(tmp_path),
        }
        yield Stack(environment, tmp_path, running)


def _start_postgres(folder: Path, port: int, running: contextlib.ExitStack) -> None:
    home = Path("/tmp") / f"verisim-postgres-{port}"
    home.mkdir(mode=0o700)
    running.callback(shutil.rmtree, home, ignore_errors=True)
    shutil.chown(home, "postgres", "postgres")
    word = home / "password"
    word.write_text(PASSWORD)
    shutil.chown(word, "postgres", "postgres")
    as_postgres = ["runuser", "-u", "postgres", "--"]
    options = ["--username", "prefect", "--pwfile", str(word), "--auth", "scram-sha-256"]
    subprocess.run(
        [*as_postgres, POSTGRES / "initdb", "--pgdata", home / "data", *options],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=home,
    )
    places = ["-D", home / "data", "-k", home, "-p", str(port), "-c", "listen_addresses=127.0.0.1"]
    with (folder / "postgres.log").open("w") as log:
        server = subprocess.Popen([*as_postgres, POSTGRES / "postgres", *places], stderr=log, cwd=home)
    running.callback(_end, server)
    environment = os.environ | {"PGPASSWORD": PASSWORD}
    make = [POSTGRES / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "prefect", "prefect"]
    deadline = time.monotonic() + 60
    while subprocess.run(make, env=environment, stderr=subprocess.DEVNULL, cwd=home).returncode:
        assert time.monotonic() < deadline, (folder / "postgres.log").read_text()
        time.sleep(0.3)


def _start_redis(folder: Path, port: int, running: contextlib.ExitStack) -> None:
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    running.callback(_end, subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL))


def _end(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def test_server_services_deployments_and_a_worker_stand_up_over_postgres_and_redis(stack):
    stack.start("server")
    stack.wait_until_healthy("server")
    services = stack.start("services")
    deploy = stack.start("deploy")
    assert not stack.is_healthy("worker", "render")
    assert deploy.wait(timeout=TIMEOUT_S) == 0, (stack.folder / "deploy.log").read_text()
    stack.start("worker", "render")
    stack.wait_until_healthy("worker", "render")
    assert services.poll() is None, (stack.folder / "services.log").read_text()
    names = [deployment["name"] for deployment in _ask(stack, "deployments/filter", {})]
    written = yaml.safe_load((PROJECT_ROOT / "prefect.yaml").read_text())["deployments"]
    flows = {item["entrypoint"] for item in written} | {pipeline.flow for pipeline in each_pipeline()}
    assert "photos-to-report" in names and len(names) == len(flows)
    # A run that nobody takes becomes late only where the services, apart from the server, look at it.
    gpu = next(
        item for item in _ask(stack, "deployments/filter", {}) if item["name"] == "network-from-artifacts"
    )
    run = _ask(
        stack,
        f"deployments/{gpu['id']}/create_flow_run",
        {"enforce_parameter_schema": False, "state": {"type": "SCHEDULED"}},
    )
    deadline = time.monotonic() + 120
    while _ask(stack, f"flow_runs/{run['id']}")["state"]["name"] != "Late":
        assert time.monotonic() < deadline, (stack.folder / "services.log").read_text()[-2000:]
        time.sleep(1)


def _ask(stack: Stack, path: str, body=None):
    import base64

    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{stack.environment['PREFECT_API_URL']}/{path}", data)
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", f"Basic {base64.b64encode(SECRET.encode()).decode()}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
