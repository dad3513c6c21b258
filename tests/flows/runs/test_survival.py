"""What a run on a real server with real workers survives, and that nothing of it is left behind when it does not.

All tests share one server, and the store of one finished run: what a test wants to disturb, it takes out of the store.
"""

import json
import os
import shutil
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

from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.artifacts.store import Store
from tasks.artifacts.verification import verify
from tests.flows.flow_runs import FlowRun, processes, send, send_sweep, wait_for_process, wait_until
from tests.flows.serving import Served, end, serving, start_up, wait_until_ready
from tests.flows.tiny_site import write_tiny_site

RENDER, TRAIN = "blender_assets.render_scenes", "tasks.training.refiner_training"
FLOW, WORKER, SERVER = "flows.server.flow_process", "flows.server.worker", "flows.server.api_process"
FINISHED = ("arms=[[S]]", "render.settings.samples=1000")
LONG_RENDER = (*FINISHED, "render.settings.samples=4000")
TRAINED_ELSEWHERE = (*FINISHED, "refiner.epochs=150", "compute.trainings=gpu")
GONE_WITHIN_S = 10.0
MARK = 4321.0


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Iterator[Served]:
    """A server and workers that these tests kill."""
    with serving(tmp_path_factory.mktemp("survival")) as running:
        yield running


@pytest.fixture(scope="module")
def site(own, tmp_path_factory) -> Path:
    """The configuration of a run that has finished once."""
    path = write_tiny_site(tmp_path_factory.mktemp("site"))
    run = send(own, path, *FINISHED)
    assert run.wait_for_end() == "COMPLETED", run.message()
    return path


@pytest.fixture(autouse=True)
def nothing_is_left(own: Served, site: Path) -> Iterator[None]:
    """After every test: no process but the server and the workers, no artifact that is not whole, nothing of Blender's."""
    yield
    for module in (RENDER, TRAIN, FLOW):
        wait_until(lambda module=module: not processes(own, module), f"no {module} is left", seconds=60)
    assert verify(Store(site.parent / "store"), deep=True)[1] == []
    assert not list((own.folder / "tmp").glob("blender_*"))


def forget(store: Path, *kinds: str) -> None:
    """The next run makes these again, and finds what was made from them, for their bytes are the same."""
    manifests = [manifest for manifest in Store(store).manifests() if manifest.kind in kinds]
    assert {manifest.kind for manifest in manifests} == set(kinds)
    for manifest in manifests:
        Store(store).manifest_path(manifest.key).unlink()


def start_rendering(own: Served, site: Path) -> tuple[FlowRun, int]:
    """A run that renders, and its child."""
    forget(site.parent / "store", "scenes")
    run = send(own, site, *FINISHED)
    return run, wait_for_process(own, RENDER, run)


def records(site: Path, name: str) -> list[dict]:
    """Of all runs of this name, oldest first."""
    paths = (site.parent / "store/runs").glob(f"{name}-*.json")
    return [json.loads(path.read_text()) for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns)]


def assert_gone(own: Served, module: str) -> None:
    wait_until(lambda: not processes(own, module), f"{module} has ended", seconds=GONE_WITHIN_S)


def test_a_run_cancelled_while_it_renders_ends_its_children_at_once(own, site):
    run = send(own, site, *LONG_RENDER)
    wait_for_process(own, RENDER, run)
    run.cancel()
    assert_gone(own, RENDER)
    assert run.wait_for_end() == "CANCELLED"
    assert records(site, "tiny")[-1]["status"] == "interrupted"


def test_a_run_cancelled_while_it_trains_frees_the_gpu_and_the_next_one_resumes_from_the_checkpoint(
    own, site
):
    run = send(own, site, *TRAINED_ELSEWHERE)
    wait_for_process(own, TRAIN, run)
    checkpoint = wait_for_checkpoint(site)
    run.cancel()
    assert_gone(own, TRAIN)
    assert run.wait_for_end() == "CANCELLED"
    assert {training.wait_for_end() for training in run.trainings()} <= {"CANCELLED", "COMPLETED"}
    assert own.call("work_pools/gpu/concurrency_status", {})["active_slots"] == 0
    mark(checkpoint)
    again = send(own, site, *TRAINED_ELSEWHERE)
    assert again.wait_for_end() == "COMPLETED", again.message()
    histories = (site.parent / "store/objects").glob("*/*/history.json")
    assert any(MARK in json.loads(path.read_text())[0].values() for path in histories)
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


def test_a_run_that_takes_longer_than_it_may_fails_in_words_and_so_does_the_training_that_it_ordered(
    own, site
):
    run = send(own, site, *TRAINED_ELSEWHERE, "refiner.epochs=100000", "compute.timeout_h=0.01")
    assert run.wait_for_end() == "FAILED"
    assert "ended after 0.01 h, the limit that timeout_h sets" in run.message()
    assert_gone(own, TRAIN)
    (training,) = run.trainings()
    assert training.wait_for_end() == "CANCELLED"
    assert training.read()["parameters"]["order"]["timeout_h"] == 0.01


def test_a_killed_render_child_is_started_again(own, site):
    run, child = start_rendering(own, site)
    os.kill(child, signal.SIGKILL)
    assert run.wait_for_end() == "COMPLETED", run.message()
    assert run.read()["run_count"] == 1


def test_a_killed_flow_process_ends_its_children_and_is_started_again(own, site):
    run, child = start_rendering(own, site)
    for pid in processes(own, FLOW):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: child not in processes(own, RENDER), "the child has ended", seconds=GONE_WITHIN_S)
    assert run.wait_for_end() == "COMPLETED", run.message()
    assert run.read()["run_count"] == 2


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 0)], ids=["killed", "ended"]
)
def test_a_worker_that_was_killed_or_told_to_end_is_started_again_and_so_are_its_runs(
    own, site, number, code
):
    run, child = start_rendering(own, site)
    os.kill(own.children()["render"], number)
    wait_until(lambda: child not in processes(own, RENDER), "the child has ended", seconds=GONE_WITHIN_S)
    assert run.wait_for_end() == "COMPLETED", run.message()
    assert run.read()["run_count"] == 2
    said = f"worker render ended with {code}: starting it again"
    assert said in (own.folder / "up.log").read_text()


def test_a_run_goes_on_while_a_killed_server_is_started_again(own, site):
    run, _ = start_rendering(own, site)
    (server,) = processes(own, SERVER)
    os.kill(server, signal.SIGKILL)
    wait_until(own.answers, "the server answers again")
    assert run.wait_for_end() == "COMPLETED", run.message()


def test_two_sweeps_at_once_build_what_both_want_once_while_garbage_is_collected(own, site):
    """One on the server, the other in a process of its own with a server of its own."""
    fields = {"arms": [], "render.settings.samples": 1000}
    grid = {"training.refiner_seed": [7]}
    for name in ("one", "other"):
        content = {"name": name, "base": site.name, "grid": grid, "set": fields}
        site.with_name(f"{name}.yaml").write_text(yaml.safe_dump(content))
    forget(site.parent / "store", "scenes", "crops", "real-images")
    flows = [sys.executable, "-m", "flows"]
    other = subprocess.Popen([*flows, "sweep", str(site.with_name("other.yaml"))], cwd=PROJECT_ROOT)
    one = send_sweep(own, site.with_name("one.yaml"))
    wait_for_process(own, RENDER, one)
    collect = [*flows, "artifacts", "--store", str(site.parent / "store"), "gc"]
    subprocess.run(collect, cwd=PROJECT_ROOT, check=True)
    assert (one.wait_for_end(), other.wait(timeout=600)) == ("COMPLETED", 0), one.message()
    ends = [records(site, name)[-1] for name in ("one", "other")]
    made = [[item for item in record["artifacts"] if item["kind"] != "sweep-table"] for record in ends]
    built = Counter(item["key"] for items in made for item in items if item["state"] == "built")
    wanted = [{item["key"] for item in items} for items in made]
    assert len(built) > 5 and set(built.values()) == {1}
    assert built.keys() & wanted[0] & wanted[1]


def test_a_run_and_a_training_wait_for_a_store_that_is_away_for_half_a_minute(own, site):
    training = send(own, site, *TRAINED_ELSEWHERE, "training.refiner_seed=1")
    wait_for_process(own, TRAIN, training)
    run, _ = start_rendering(own, site)
    store = site.parent / "store"
    store.rename(store.with_name("away"))
    time.sleep(30)
    assert not store.exists(), "nobody makes a folder where the store is to come back"
    store.with_name("away").rename(store)
    assert run.wait_for_end() == "COMPLETED", run.message()
    assert training.wait_for_end() == "COMPLETED", training.message()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_fails_the_run_in_words_and_the_same_run_goes_on_when_there_is_room(own, site, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", disk], check=True)
    try:
        left_by_the_killed = shutil.ignore_patterns("building")
        shutil.copytree(site.parent / "store", disk / "store", ignore=left_by_the_killed)
        forget(disk / "store", "body-basis")
        num_filled = shutil.disk_usage(disk).free - 20_000_000  # the body basis is larger
        with (disk / "full").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, num_filled)
        overrides = (*FINISHED, f"store={disk / 'store'}")
        full = send(own, site, *overrides)
        assert full.wait_for_end() == "FAILED"
        assert f"the disk of the store {disk / 'store'} is full" in full.message()
        assert not list((disk / "store/building").iterdir())
        (disk / "full").unlink()
        again = send(own, site, *overrides)
        assert again.wait_for_end() == "COMPLETED", again.message()
        assert verify(Store(disk / "store"), deep=True)[1] == []
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_run_that_fails_names_the_step_and_what_to_do(own, site):
    path = site.parent / "broken.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(site.read_text()) | {"arms": [["S:99"]]}))
    run = send(own, path, FINISHED[1])
    assert run.wait_for_end() == "FAILED"
    assert "take S:99: an arm asks for 99 images of this part, but it has 2" in run.message()


def test_runs_go_on_when_all_was_killed_and_is_started_again_and_leave_nothing_when_that_is_ended(own, site):
    """The last test: the server does not come back after it."""
    run = send(own, site, *LONG_RENDER)
    wait_for_process(own, RENDER, run)
    own.process.kill()
    for module in (FLOW, WORKER, SERVER):
        for pid in processes(own, module):
            os.kill(pid, signal.SIGKILL)
    own.process.wait()
    assert_gone(own, RENDER)
    port = int(own.url.rpartition(":")[2])
    second = start_up(own.folder, port)
    try:
        wait_until_ready(second)
        wait_for_process(second, RENDER, run)
        assert run.read()["run_count"] == 2
        assert len(second.children()) == 3
    finally:
        assert end(second) == 0  # as Ctrl-C does
    assert not any(processes(own, module) for module in (FLOW, WORKER, SERVER, RENDER))
