"""Several hosts: one is cut off, one is killed and comes back, one's clock is wrong; nothing is built twice."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from tests.docker import test_stack
from tests.docker.hosts import HUB, Host, network, shifted_clock, start_store
from tests.docker.test_stack import Stack
from tests.flows.tiny_site import write_tiny_site
from tests.s3_server import BUCKET

CUT_S, SHIFT_S, AWAY_S, LIMIT_S = 60, 90, 20, 600
POOLS = {"render1": "render", "render2": "render", "train1": "gpu"}

stack = test_stack.stack
pytestmark = [
    pytest.mark.slow,
    test_stack.pytestmark,
    pytest.mark.skipif(
        None in (shutil.which("ip"), shutil.which("gcc")), reason="needs apt-get install iproute2 gcc"
    ),
]


class Course:
    """What was seen and done, and when, in seconds since the runs were sent."""

    def __init__(self, hosts: list[Host]):
        self.hosts, self.begin, self.done, self.seen = hosts, time.monotonic(), [], []

    def note(self, host: str, what: str) -> None:
        self.done.append((round(time.monotonic() - self.begin, 1), host, what))

    def look(self) -> None:
        time.sleep(0.5)
        counts = {host.name: host.num_runs() for host in self.hosts}
        self.seen.append((round(time.monotonic() - self.begin, 1), counts))


@pytest.fixture
def hosts(tmp_path):
    with network(list(POOLS), tmp_path) as made:
        yield made


def test_a_host_cut_off_a_host_killed_and_a_wrong_clock_cost_time_and_nothing_else(hosts, stack, tmp_path):
    config = write_tiny_site(tmp_path)
    store, s3 = start_store(tmp_path / "s3.log")
    port = stack.environment["VERISIM_PORT"]
    stack.environment |= s3 | {"VERISIM_HOST": HUB, "PREFECT_API_URL": f"http://{HUB}:{port}/api"}
    try:
        course = _run_with_trouble(stack, hosts, config)
    finally:
        store.kill()
        store.wait()
    _write(course)


def _run_with_trouble(stack: Stack, hosts: list[Host], config: Path) -> Course:
    _make_bucket(stack.environment["AWS_ENDPOINT_URL"])
    stack.start("server")
    stack.wait_until_healthy("server")
    stack.start("services")
    assert stack.start("deploy").wait(timeout=300) == 0, (stack.folder / "deploy.log").read_text()
    first, second, trainer = hosts
    workers = [first.start(stack.environment, "render"), trainer.start(stack.environment, "gpu")]
    workers.append(second.start(stack.environment | shifted_clock(SHIFT_S, stack.folder), "render"))
    course = Course(hosts)
    sent = [_submit(stack, config, name) for name in ("one", "two")]
    _trouble(course, stack, hosts)
    while any(process.poll() is None for process in sent):
        course.look()
        assert course.seen[-1][0] < LIMIT_S, _logs(stack)
    course.note("", "over")
    assert [process.returncode for process in sent] == [0, 0], _logs(stack)
    built = _count_builds(stack)
    assert built and set(built.values()) == {1}, built
    course.note("", f"{len(built)} artifacts built, each once")
    _nothing_is_left(hosts)
    return course


def _trouble(course: Course, stack: Stack, hosts: list[Host]) -> None:
    first, _, trainer = hosts
    while not first.num_runs():
        course.look()
        assert course.seen[-1][0] < LIMIT_S, _logs(stack)
    until = time.monotonic() + 8
    while time.monotonic() < until:
        course.look()
    trainer.set_link("down")
    course.note(trainer.name, "cut off")
    cut = time.monotonic()
    first.kill()
    course.note(first.name, "killed")
    while time.monotonic() < cut + AWAY_S:
        course.look()
    first.start(stack.environment, "render")
    course.note(first.name, "started again")
    while time.monotonic() < cut + CUT_S:
        course.look()
    trainer.set_link("up")
    course.note(trainer.name, "joined again")


def _nothing_is_left(hosts: list[Host]) -> None:
    """The workers end when told to, and nothing stays behind them."""
    for host in hosts:
        assert host.num_runs() == 0
        for pid in host.pids():
            if b"flows" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, 15)
    deadline = time.monotonic() + 60
    while left := [pid for host in hosts for pid in host.pids()]:
        assert time.monotonic() < deadline, left
        time.sleep(0.5)


def _count_builds(stack: Stack) -> Counter[str]:
    """How often each artifact was built. A training is built in a run of the flow `train`; who waits for it says so too."""
    flows = {flow["name"]: flow["id"] for flow in test_stack._ask(stack, "flows/filter", {})}
    of_train = {"flows": {"id": {"any_": [flows["train"]]}}, "limit": 200}
    trainings = {run["id"] for run in test_stack._ask(stack, "flow_runs/filter", of_train)}
    built = [run for run in _steps(stack) if run["state"]["name"] == "Built"]
    trained = Counter(run["state"]["message"] for run in built if run["flow_run_id"] in trainings)
    assert trained
    others = Counter(run["state"]["message"] for run in built if run["flow_run_id"] not in trainings)
    return trained + Counter({key: count for key, count in others.items() if key not in trained})


def _submit(stack: Stack, config: Path, name: str) -> subprocess.Popen:
    sets = [f"name={name}", f"store=s3://{BUCKET}/tiny", "store_cache=cache", "compute.trainings=gpu"]
    options = [word for text in sets for word in ("--set", text)]
    log = stack.running.enter_context((stack.folder / f"submit-{name}.log").open("w"))
    command = [sys.executable, "-m", "flows", "submit", str(config), *options]
    return subprocess.Popen(command, env=stack.environment, cwd=stack.folder, stdout=log, stderr=log)


def _steps(stack: Stack) -> list[dict]:
    return test_stack._ask(stack, "task_runs/filter", {"limit": 200})


def _make_bucket(address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(urllib.request.Request(f"{address}/{BUCKET}", method="PUT")).close()
            return
        except urllib.error.URLError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def _logs(stack: Stack) -> str:
    logs = [*stack.folder.glob("submit-*.log"), *stack.folder.glob("*/worker.log")]
    return "\n".join(f"== {path}\n{path.read_text()[-3000:]}" for path in logs)


def _write(course: Course) -> None:
    """VERISIM_COURSE=FILE keeps what was measured, for the picture in docs/operations.md."""
    if target := os.environ.get("VERISIM_COURSE"):
        Path(target).write_text(json.dumps({"done": course.done, "seen": course.seen}))
