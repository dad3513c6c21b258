"""A sweep of tiny refiners from end to end: what is shared, what fails, what a crash leaves, and refiners used again."""

import collections
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.images.files import write_png
from tests.flows.command_runs import copy_of, kill_while_building, read_record, run
from tests.flows.tiny_site import draw_room, write_tiny_site

REFINER = {"epochs": 4, "generator": {"filters": 4, "blocks": 1}, "discriminator": {"filters": 4}}
DIVERGING = REFINER | {"learning_rate": 1e20}


def write_sweep(folder: Path, name: str, grid: dict, **fields) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(
        yaml.safe_dump({"name": name, "base": "run.yaml", "grid": grid} | fields, sort_keys=False)
    )
    return path


@pytest.fixture(scope="module")
def swept(tmp_path_factory) -> Path:
    """The folder of a finished sweep over two refiners and two seeds, without detectors."""
    folder = tmp_path_factory.mktemp("swept")
    write_tiny_site(folder)
    (folder / "plain.yaml").write_text(yaml.safe_dump(REFINER))
    (folder / "skip.yaml").write_text(
        yaml.safe_dump(REFINER | {"generator": {"filters": 4, "blocks": 1, "has_skip": True}})
    )
    (folder / "diverging.yaml").write_text(yaml.safe_dump(DIVERGING))
    grid = {"refiner": ["plain.yaml", "skip.yaml"], "training.refiner_seed": [0, 1]}
    path = write_sweep(folder, "small", grid, set={"arms": [], "refiner.checkpoint_every_steps": 2})
    code, output, counts = run(path, command="sweep")
    assert (code, counts[1:]) == (0, (0, 0)), output
    return folder


@pytest.fixture
def copied(swept, tmp_path) -> Path:
    """The folder of a copy of the finished sweep."""
    return copy_of(swept, tmp_path / "copy").parent


def read_table(folder: Path, name: str) -> dict:
    return json.loads((folder / "runs" / name / "sweep/table.json").read_text())


def refiners_of(folder: Path) -> dict[str, str]:
    """Key of every refiner of the last run, by label."""
    artifacts = read_record(folder)["artifacts"]
    return {item["label"]: item["key"] for item in artifacts if item["kind"] == "refiner"}


def contents_of(folder: Path, keys: dict[str, str]) -> dict[str, str]:
    paths = {label: folder / f"store/manifests/{key[:2]}/{key}.json" for label, key in keys.items()}
    return {label: json.loads(path.read_text())["content"] for label, path in paths.items()}


def test_what_points_share_is_made_and_recorded_once(swept):
    record = read_record(swept)
    kinds = collections.Counter(item["kind"] for item in record["artifacts"])
    once = ("body-basis", "background", "scenes", "sweep-table")
    assert {kind: kinds[kind] for kind in once} == dict.fromkeys(once, 1)
    assert kinds["crops"] == 2  # of S and of R_train
    each = ("refiner", "refined-crops", "refined-scenes", "sweep-point")
    assert {kind: kinds[kind] for kind in each} == dict.fromkeys(each, 4)
    assert "detector" not in kinds and "report" not in kinds
    assert (record["run"], record["status"]) == ("small", "completed")
    assert {"crop empty 0-1", "train refiner: skip, refiner_seed 1"} <= {
        item["label"] for item in record["artifacts"]
    }


def test_the_table_has_a_row_a_point_and_the_spread_over_seeds(swept):
    table = read_table(swept, "small")
    assert [(row["refiner"], row["training.refiner_seed"]) for row in table["rows"]] == [
        ("plain", "0"),
        ("plain", "1"),
        ("skip", "0"),
        ("skip", "1"),
    ]
    keys = refiners_of(swept)
    assert [row["refiner_key"] for row in table["rows"]] == [
        keys[f"train refiner: {name}, refiner_seed {seed}"] for name in ("plain", "skip") for seed in (0, 1)
    ]
    assert len({row["change_grey_levels"] for row in table["rows"]}) == 4
    assert all(row["steps"] == 8 and row["seconds_per_step"] > 0 for row in table["rows"])
    assert [row["num_seeds"] for row in table["seeds"]] == [2, 2]
    assert (swept / "runs/small/sweep/index.html").read_text().count("data:image/jpeg") == 5


def test_nothing_of_a_sweep_is_garbage(swept):
    command = [sys.executable, "-m", "flows", "artifacts", "--store", str(swept / "store"), "gc", "--dry-run"]
    output = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout
    assert output.startswith("would free 0 bytes: 0 artifacts, 0 objects")


def test_the_same_points_in_another_order_build_only_the_table(copied):
    grid = {"training.refiner_seed": [1, 0], "refiner": ["skip.yaml", "plain.yaml"]}
    path = write_sweep(copied, "small", grid, set={"arms": [], "refiner.checkpoint_every_steps": 2})
    code, output, (built, _, failed) = run(path, command="sweep")
    assert (code, built, failed) == (0, 1, 0), output
    assert [row["refiner"] for row in read_table(copied, "small")["rows"]] == ["skip", "plain"] * 2
    dry = [sys.executable, "-m", "flows", "explain", str(path)]
    plan = subprocess.run(dry, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout
    assert plan.startswith("4 points: refiner_seed 1, skip; ")
    assert plan.rstrip().endswith(" hit, 0 to build, 0 waiting for these")


def test_a_point_that_fails_loses_no_other(copied):
    path = write_sweep(copied, "fails", {"refiner": ["diverging.yaml", "plain.yaml"]}, set={"arms": []})
    code, output, (_, _, failed) = run(path, command="sweep")
    assert (code, failed) == (1, 1), output
    bad, good = read_table(copied, "fails")["rows"]
    assert "TrainingDivergedError" in bad["error"] and "change_grey_levels" not in bad
    assert "error" not in good and good["change_grey_levels"] > 0
    assert "error: 1 of 2 points failed" in output
    assert "refiner diverging failed. train refiner: models.training.loss_log.TrainingDivergedError" in output
    assert read_record(copied)["status"] == "failed"


@pytest.mark.slow
def test_after_kill_9_the_same_sweep_goes_on_to_the_same_refiners(swept, copied):
    keys = refiners_of(swept)
    path = copied / "small.yaml"
    assert kill_while_building(path, list(keys.values()), command="sweep")
    code, output, (_, _, failed) = run(path, command="sweep")
    assert (code, failed) == (0, 0), output
    assert contents_of(copied, refiners_of(copied)) == contents_of(swept, keys)


def test_a_detector_that_depends_on_no_refiner_is_trained_once(copied):
    grid = {"refiner": ["plain.yaml", "skip.yaml"]}
    fields = {"arms": [["S"]], "refiner.checkpoint_every_steps": 2}
    code, output, _ = run(write_sweep(copied, "scored", grid, set=fields), command="sweep")
    assert code == 0, output
    kinds = collections.Counter(item["kind"] for item in read_record(copied)["artifacts"])
    assert (kinds["detector"], kinds["detections"], kinds["evaluation"], kinds["refiner"]) == (1, 1, 1, 2)
    first, second = read_table(copied, "scored")["rows"]
    assert {"S P", "S R", "S F1", "S F1 low", "S F1 high"} <= first.keys()
    assert first["S F1"] == second["S F1"]


def test_a_trained_refiner_refines_new_backgrounds_without_training(copied):
    write_png(copied / "second.png", draw_room(np.random.default_rng(1)))
    site = yaml.safe_load((copied / "site.yaml").read_text())
    site["backgrounds"].append({"image": "second.png", "camera": "top"})
    (copied / "site.yaml").write_text(yaml.safe_dump(site))
    key = refiners_of(copied)["train refiner: skip, refiner_seed 0"]
    code, output, _ = run(copied / "run.yaml", f"refiner={{from: {key[:16]}}}", "arms=[[S+]]")
    assert code == 0, output
    artifacts = read_record(copied)["artifacts"]
    assert [(item["state"], item["key"]) for item in artifacts if item["kind"] == "refiner"] == [
        ("reused", key)
    ]
    refined = {item["label"]: item["state"] for item in artifacts if item["kind"] == "refined-crops"}
    assert refined == {"refine crops, shard 1 of 2": "reused", "refine crops, shard 2 of 2": "built"}
    new = next(item for item in artifacts if item["label"] == "refine crops, shard 2 of 2")
    manifest = json.loads((copied / f"store/manifests/{new['key'][:2]}/{new['key']}.json").read_text())
    assert manifest["input_keys"]["refiner"] == [key]
