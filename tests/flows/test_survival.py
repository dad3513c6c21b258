"""What a run on a real server with real workers survives, and that nothing of it is left behind when it does not."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import yaml

from tasks.artifacts import Store
from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.artifacts.verification import verify
from tests.flows.flow_runs import FlowRun, processes, send, wait_for_process, wait_until
from tests.flows.serving import Served, serving
from tests.flows.tiny_site import write_tiny_site

RENDER, TRAIN = "blender_assets.render_scenes", "tasks.refiner_training"
FLOW, WORKER, SERVER = "flows.flow_process", "flows.worker_process", "flows.api_process"
LONG_TRAINING = "refiner.epochs=150"
ONE_ARM = "arms=[[S]]"
GONE_WITHIN_S = 10.0
MARK = 4321.0


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Iterator[Served]:
    """A server and workers that these tests kill."""
    with serving(tmp_path_factory.mktemp("survival")) as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A run's configuration; all tests share its store, each with another seed."""
    return write_tiny_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(autouse=True)
def nothing_is_left(own: Served, site: Path) -> Iterator[None]:
    """After every test: no process but the server and the workers, and no artifact that is not whole."""
    yield
    for module in (RENDER, TRAIN, FLOW):
        wait_until(lambda module=module: not processes(own, module), f"no {module} is left", seconds=60)
    assert verify(Store(site.parent / "store"), deep=True)[1] == []


def record_of(site: Path, run: FlowRun) -> dict:
    """The newest record of a run in the store."""
    newest = max((site.parent / "store/runs").glob("tiny-*.json"), key=lambda path: path.stat().st_mtime_ns)
    return json.loads(newest.read_text())


def built_keys(site: Path) -> list[str]:
    records = [json.loads(path.read_text()) for path in (site.parent / "store/runs").glob("tiny-*.json")]
    return [item["key"] for record in records for item in record["artifacts"] if item["state"] == "built"]


def assert_gone(own: Served, module: str) -> None:
    wait_until(lambda: not processes(own, module), f"{module} has ended", seconds=GONE_WITHIN_S)


def test_a_run_cancelled_while_it_renders_ends_its_children_at_once(own, site):
    run = send(own, site, "render.seed=1", "render.settings.samples=4000", ONE_ARM)
    wait_for_process(own, RENDER, run)
    run.cancel()
    assert_gone(own, RENDER)
    assert run.wait_for_end() == "CANCELLED"
    assert record_of(site, run)["status"] == "interrupted"


@pytest.mark.slow
def test_a_run_cancelled_while_it_trains_frees_the_gpu_and_the_next_one_resumes_from_the_checkpoint(
    own, site
):
    overrides = (LONG_TRAINING, ONE_ARM, "compute.trainings=gpu")
    run = send(own, site, *overrides)
    wait_for_process(own, TRAIN, run)
    checkpoint = wait_for_checkpoint(site)
    run.cancel()
    assert_gone(own, TRAIN)
    assert run.wait_for_end() == "CANCELLED"
    assert {training.wait_for_end() for training in run.trainings()} <= {"CANCELLED", "COMPLETED"}
    assert own.call("work_pools/gpu/concurrency_status", {})["active_slots"] == 0
    mark(checkpoint)
    again = send(own, site, *overrides)
    assert again.wait_for_end() == "COMPLETED", again.message()
    (refiner,) = (site.parent / "store/objects").glob("*/*/refiner.pt")
    assert MARK in json.loads(refiner.with_name("history.json").read_text())[0].values()
    assert not checkpoint.exists()


def wait_for_checkpoint(site: Path) -> Path:
    found: list[Path] = []

    def look() -> bool:
        found[:] = (site.parent / "store/scratch").glob("*/checkpoint.pt")
        return bool(found)

    wait_until(look, "the training has a checkpoint")
    return found[0]


def mark(checkpoint: Path) -> None:
    """Write something into the course of the training so far that only a resumed one ends with."""
    state = torch.load(checkpoint, weights_only=True)
    entry = state["history"][0]
    entry[next(name for name in entry if name not in ("step", "total_steps", "epoch"))] = MARK
    torch.save(state, checkpoint)


@pytest.mark.slow
def test_a_killed_render_child_is_started_again(own, site):
    run = send(own, site, "render.seed=2", "render.settings.samples=1000", ONE_ARM)
    os.kill(wait_for_process(own, RENDER, run), signal.SIGKILL)
    assert run.wait_for_end() == "COMPLETED", run.message()
    assert run.read()["run_count"] == 1


def test_a_killed_flow_process_ends_its_children_and_is_started_again(own, site):
    run = send(own, site, "render.seed=3", "render.settings.samples=1000", ONE_ARM)
    child = wait_for_process(own, RENDER, run)
    for pid in processes(own, FLOW):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: child not in processes(own, RENDER), "the child has ended", seconds=GONE_WITHIN_S)
    assert run.wait_for_end() == "COMPLETED", run.message()
    assert run.read()["run_count"] == 2


@pytest.mark.slow
def test_the_runs_of_a_killed_worker_are_started_again(own, site):
    run = send(own, site, "render.seed=4", "render.settings.samples=1000", ONE_ARM)
    child = wait_for_process(own, RENDER, run)
    os.kill(own.children()["render"], signal.SIGKILL)
    wait_until(lambda: child not in processes(own, RENDER), "the child has ended", seconds=GONE_WITHIN_S)
    assert run.wait_for_end() == "COMPLETED", run.message()
    assert run.read()["run_count"] == 2


@pytest.mark.slow
def test_a_run_goes_on_while_a_killed_server_is_started_again(own, site):
    run = send(own, site, "render.seed=5", ONE_ARM)
    wait_for_process(own, RENDER, run)
    (server,) = processes(own, SERVER)
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: answers(own), "the server answers again")
    assert run.wait_for_end() == "COMPLETED", run.message()


def answers(own: Served) -> bool:
    try:
        return own.call("health") is True
    except OSError:
        return False


@pytest.mark.slow
def test_two_runs_at_once_build_what_both_want_once_while_garbage_is_collected(own, site):
    before = Counter(built_keys(site))
    runs = [send(own, site, "render.seed=6", ONE_ARM) for _ in range(2)]
    wait_for_process(own, RENDER, runs[0])
    collect = [sys.executable, "-m", "flows", "artifacts", "--store", str(site.parent / "store"), "gc"]
    subprocess.run(collect, cwd=PROJECT_ROOT, check=True)
    assert [run.wait_for_end() for run in runs] == ["COMPLETED", "COMPLETED"], [run.message() for run in runs]
    built = Counter(built_keys(site)) - before
    assert len(built) > 5 and set(built.values()) == {1}


@pytest.mark.slow
def test_a_run_waits_for_a_store_that_is_away_for_half_a_minute(own, site):
    run = send(own, site, "render.seed=7", "render.settings.samples=1000", ONE_ARM)
    wait_for_process(own, RENDER, run)
    store = site.parent / "store"
    store.rename(store.with_name("away"))
    time.sleep(30)
    store.with_name("away").rename(store)
    assert run.wait_for_end() == "COMPLETED", run.message()


@pytest.mark.slow
def test_runs_go_on_when_all_was_ended_or_killed_and_is_started_again(tmp_path, site):
    with serving(tmp_path) as first:
        run = send(first, site, "render.seed=8", "render.settings.samples=4000", ONE_ARM)
        wait_for_process(first, RENDER, run)
    assert not processes(first, FLOW)
    with serving(tmp_path) as second:
        run = FlowRun(second, run.id)
        wait_for_process(second, RENDER, run)
        for module in (FLOW, WORKER, SERVER):
            for pid in processes(second, module):
                os.kill(pid, signal.SIGKILL)
        second.process.kill()
    with serving(tmp_path) as third:
        run = FlowRun(third, run.id)
        wait_until(lambda: run.read()["run_count"] == 3, "the run is started a third time")
        run.cancel()
        assert run.wait_for_end() == "CANCELLED"


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_fails_the_run_in_words_and_the_same_run_goes_on_when_there_is_room(own, tmp_path):
    path, disk = write_tiny_site(tmp_path), tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o"]
    subprocess.run([*mount, "size=20m", "tmpfs", disk], check=True)
    try:
        overrides = (f"store={disk / 'store'}", ONE_ARM)
        full = send(own, path, *overrides)
        assert full.wait_for_end() == "FAILED"
        assert f"the disk of the store {disk / 'store'} is full" in full.message()
        assert verify(Store(disk / "store"), deep=True)[1] == []
        subprocess.run([*mount, "remount,size=400m", "tmpfs", disk], check=True)
        again = send(own, path, *overrides)
        assert again.wait_for_end() == "COMPLETED", again.message()
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_run_that_fails_names_the_step_and_what_to_do(own, site):
    path = site.parent / "broken.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(site.read_text()) | {"arms": [["S:99"]]}))
    run = send(own, path)
    assert run.wait_for_end() == "FAILED"
    assert "take S:99: an arm asks for 99 images of this part, but it has 2" in run.message()
