"""A whole run of the pipeline `segment` over tiny images, in a process of its own."""

import json

import pytest

from flows.commands.command_line import main
from models.training.checkpoints import load_checkpoint
from models.training.pretrained_weights import file_sha256
from tasks.artifacts.store import Store
from tasks.training.trained_networks import find_trained
from tests.browser import check_page, needs_chromium
from tests.flows.command_runs import read_record, run
from tests.flows.tiny_street import write_tiny_street


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("street")
    path = write_tiny_street(folder)
    code, output, counts = run(path)
    assert code == 0, output
    return folder, output, counts


def test_every_arm_and_seed_is_trained_scored_and_compared_and_nothing_is_built_twice(finished):
    folder, output, counts = finished
    assert counts == (15, 0, 0)
    assert "16 images, 16 with label maps; ids of 3 classes (classes); test 8, train 6, val 2" in output
    evaluation = json.loads((folder / "runs/tiny/report/evaluation.json").read_text())
    assert [score["arm"] for score in evaluation["scores"]] == ["all", "few"]
    assert (evaluation["num_images"], evaluation["num_clips"], evaluation["num_seeds"]) == (8, 4, 2)
    assert [row["name"] for row in evaluation["classes"]] == ["ground", "box", "disc"]
    (comparison,) = evaluation["comparisons"]
    assert (comparison["arm"], comparison["baseline"]) == ("few", "all")
    for score in evaluation["scores"]:
        values = [row["iou"][score["arm"]] for row in evaluation["classes"]]
        assert score["interval"][0] <= score["mean_iou"] <= score["interval"][1]
        assert max(values) <= 1
    code, output, counts = run(folder / "run.yaml")
    assert (code, counts) == (0, (0, 15, 0)), output


def test_another_run_starts_from_the_segmenter_of_an_arm(finished):
    folder, _, _ = finished
    code, output, counts = run(
        folder / "run.yaml",
        "name=second",
        "training.seeds=1",
        "segmenter.steps=1",
        "arms={all: {set: {weights: run:tiny/few}}}",
    )
    # New are a training, what it says of R_test, the evaluation and the report.
    assert (code, counts) == (0, (4, 4, 0)), output
    store, record = Store(folder / "store"), read_record(folder)
    assert record["run"] == "second"
    (key,) = (item["key"] for item in record["artifacts"] if item["kind"] == "segmenter")
    state = load_checkpoint(store.folder(store.find(key)) / "segmenter.pt", kind="segmenter")
    source = find_trained(store, "tiny:few", kind="segmenter")
    assert state["start_weights"]["sha256"] == file_sha256(
        store.folder(store.find(source.key)) / "segmenter.pt"
    )
    assert state["config"]["weights"] == {"path": "segmenter.pt"}


def test_two_runs_stand_side_by_side(finished, capsys):
    folder, _, _ = finished
    code, output, _ = run(folder / "run.yaml", "name=third", "training.seeds=1", "arms={all: {}}")
    assert code == 0, output
    assert main(["compare", "tiny", "third", "--store", str(folder / "store"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["runs"]["A"]["measure"]["name"] == "mean_iou" and found["unjudged"] is None
    # After so few steps both may have found the same in every image.
    (difference,) = found["differences"]
    assert difference["is_same"] or difference["size"]["num_images"] == 8
    assert [score["arm"] for score in found["scores"]] == ["all", "all", "few"]


@needs_chromium
def test_the_page_opens_without_errors_and_can_be_read_on_a_phone(finished):
    folder, _, _ = finished
    check_page(folder / "runs/tiny/report/index.html", name="segment", tables=6, images=20, plots=3)
