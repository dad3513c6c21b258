"""A small run from end to end, with real Blender and real trainings: reuse, change, crash and recovery."""

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import yaml

from tasks.images.files import write_png
from tests.browser import check_page, needs_chromium
from tests.flows.command_runs import copy_of, kill_while_building, read_record, run, start
from tests.flows.tiny_site import draw_room, write_tiny_site

KINDS = (
    "body-basis",
    "background",
    "real-images",
    "leak-check",
    "scenes",
    "crops",
    "refiner",
    "refined-crops",
    "refiner-measures",
    "refined-scenes",
    "dataset",
    "detection-set",
    "detector",
    "detections",
    "evaluation",
    "label-check",
    "report",
)


LONG_STEPS = ("body-basis", "scenes", "refiner", "detector")


def read_contents(folder: Path) -> dict[str, str]:
    """Content digest of every artifact of the last run, by label."""
    contents = {}
    for artifact in read_record(folder)["artifacts"]:
        manifest = next((folder / "store/manifests").glob(f"*/{artifact['key']}.json"))
        contents[artifact["label"]] = json.loads(manifest.read_text())["content"]
    return contents


def built_kinds(folder: Path) -> set[str]:
    return {item["kind"] for item in read_record(folder)["artifacts"] if item["state"] == "built"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """The folder of an undisturbed run."""
    folder = tmp_path_factory.mktemp("finished")
    code, output, counts = run(write_tiny_site(folder), has_own_api=True)
    assert (code, counts[1:]) == (0, (0, 0)), output
    return folder


def test_a_run_makes_every_kind_of_artifact_and_a_report(finished):
    assert built_kinds(finished) == set(KINDS)
    page = (finished / "runs/tiny/report/index.html").read_text()
    for arm in ("S", "R_train", "S+", "R_train + S+"):
        assert f"<td>{arm}</td>" in page
    assert page.count("data:image/jpeg") > 15 and "http://" not in re.sub(
        r"<script>.*?</script>", "", page, flags=re.S
    )
    assert read_record(finished)["status"] == "completed"


@needs_chromium
def test_the_report_opens_in_a_browser_without_errors_and_can_be_read_on_a_phone(finished):
    page = finished / "runs/tiny/report/index.html"
    # scores, comparisons, seeds, refiner, errors and three breakdowns, artifacts, lineage
    check_page(page, name="report", tables=10, images=15, plots=6)


def test_the_same_run_again_builds_nothing(finished, tmp_path):
    path = copy_of(finished, tmp_path / "copy")
    code, output, (built, reused, failed) = run(path)
    assert (code, built, failed) == (0, 0, 0), output
    assert reused == len(read_contents(finished))


def test_another_refiner_weight_rebuilds_the_refiner_and_what_follows_but_renders_nothing(finished, tmp_path):
    path = copy_of(finished, tmp_path / "copy")
    code, output, _ = run(path, "refiner.losses.identity_pixel=5", "arms=[[R_train], [S+]]")
    assert code == 0, output
    kinds = built_kinds(path.parent)
    assert {"refiner", "refined-crops", "refined-scenes", "evaluation", "report"} <= kinds
    assert not kinds & {"body-basis", "background", "real-images", "scenes", "crops"}
    labels = {item["label"] for item in read_record(path.parent)["artifacts"] if item["state"] == "built"}
    assert "train detector on R_train" not in labels and "train detector on S+" in labels


def test_another_seed_trains_each_arm_once_more_and_scores_both(finished, tmp_path):
    path = copy_of(finished, tmp_path / "copy")
    code, output, _ = run(path, "training.detector_seeds=2", "arms=[[S], [R_train]]")
    assert code == 0, output
    built = [item["label"] for item in read_record(path.parent)["artifacts"] if item["state"] == "built"]
    trained = {label for label in built if label.startswith("train detector")}
    assert trained == {"train detector on S, seed 1", "train detector on R_train, seed 1"}
    seeds = (path.parent / "runs/tiny/report/seeds.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in seeds[1:]] == [
        ["S", "0"],
        ["S", "1"],
        ["R_train", "0"],
        ["R_train", "1"],
    ]


def test_arms_with_counts_take_images_of_the_sets_that_are_there(finished, tmp_path):
    path = copy_of(finished, tmp_path / "copy")
    arms = "arms=[['R_train:2'], ['R_train:2', 'S+:1'], ['S:9']]"
    refused = start(path, arms)
    output, _ = refused.communicate(timeout=600)
    assert refused.returncode == 2 and "arms asks for 9 images of S, but there are 2" in output
    code, output, _ = run(path, arms.replace("S:9", "S:1"))
    assert code == 0, output
    assert "detection-set" not in built_kinds(path.parent)
    comparisons = (path.parent / "runs/tiny/report/comparisons.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in comparisons[1:]] == [
        ["R_train:2 + S+:1", "R_train:2"],
        ["S:1", "R_train:2"],
    ]


def test_one_more_background_renders_one_background(finished, tmp_path):
    path = copy_of(finished, tmp_path / "copy")
    folder = path.parent
    write_png(folder / "second.png", draw_room(np.random.default_rng(1)))
    site = yaml.safe_load((folder / "site.yaml").read_text())
    site["backgrounds"].append({"image": "second.png", "camera": "top"})
    (folder / "site.yaml").write_text(yaml.safe_dump(site))
    code, output, _ = run(path, "arms=[[S]]")
    assert code == 0, output
    built = [item["label"] for item in read_record(folder)["artifacts"] if item["state"] == "built"]
    assert [label for label in built if label.startswith("render")] == ["render second 0-1"]


@pytest.mark.parametrize(
    "kinds", [LONG_STEPS, pytest.param(KINDS, marks=pytest.mark.slow)], ids=["long steps", "every step"]
)
def test_kill_9_in_the_middle_of_a_step_changes_nothing_in_the_end(finished, tmp_path, kinds):
    keys = {kind: [] for kind in KINDS}
    for artifact in read_record(finished)["artifacts"]:
        keys[artifact["kind"]].append(artifact["key"])
    path = write_tiny_site(tmp_path)
    killed = {kind for kind in kinds if kill_while_building(path, keys[kind])}
    assert set(LONG_STEPS) <= killed
    code, output, counts = run(path)
    assert (code, counts[2]) == (0, 0), output
    assert read_contents(tmp_path) == read_contents(finished)


def test_a_render_child_that_dies_twice_shows_its_log_and_the_next_run_goes_on(finished, tmp_path):
    path = write_tiny_site(tmp_path)
    shutil.copytree(finished / "store", tmp_path / "store")
    process = start(path, "render.seed=1")
    killed: set[int] = set()
    while len(killed) < 2:
        assert process.poll() is None
        for child in set(find_children(process.pid, "blender_assets.render_scenes")) - killed:
            os.kill(child, signal.SIGKILL)
            killed.add(child)
        time.sleep(0.02)
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "blender_assets.render_scenes was killed by SIGKILL" in output and "the end of its log" in output
    assert "scene 0 of background 'empty' with seed 1" in output
    code, output, (_, _, failed) = run(path, "render.seed=1", "arms=[[S]]")
    assert (code, failed) == (0, 0), output


def find_children(parent: int, module: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
            is_child = (folder / "stat").read_text().split()[3] == str(parent)
        except OSError:
            continue
        if module in words and is_child:
            found.append(int(folder.name))
    return found


def test_ctrl_c_ends_cleanly_says_how_to_go_on_and_leaves_no_process(tmp_path):
    process = start(write_tiny_site(tmp_path), has_own_api=True)
    while not find_children(process.pid, "blender_assets.render_scenes"):
        assert process.poll() is None
        time.sleep(0.02)
    servers = find_children(process.pid, "flows.server.api_process")
    renders = find_children(process.pid, "blender_assets.render_scenes")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "run the same command again to go on" in output
    assert "Traceback" not in output, output
    assert servers and not any(Path(f"/proc/{pid}").exists() for pid in servers + renders)
    assert read_record(tmp_path)["status"] == "interrupted"


def test_trainings_for_the_gpu_pool_without_its_deployments_are_refused_before_any_work(tmp_path):
    code, output, counts = run(write_tiny_site(tmp_path), "compute.trainings=gpu")
    assert (code, counts) == (1, (0, 0, 0)), output
    assert "has no deployment train/network-from-artifacts: start `python -m flows up`" in output
