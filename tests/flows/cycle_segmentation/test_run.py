"""A whole run of the pipeline `cycle_segmentation` over tiny images, in a process of its own."""

import json

import numpy as np
import pytest

from models.segmentation.applying import load_segmenter, segment
from models.training.checkpoints import load_checkpoint
from tasks.artifacts.lookup import run_records
from tasks.artifacts.store import Store
from tasks.formats.segmenters import KEY
from tasks.training.trained_networks import find_trained
from tests.browser import check_page, needs_chromium
from tests.flows.command_runs import run
from tests.flows.tiny_street import write_tiny_cycle


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cycle")
    code, output, counts = run(write_tiny_cycle(folder))
    assert code == 0, output
    return folder, output, counts


def test_every_arm_is_trained_and_scored_and_nothing_is_built_twice(finished):
    folder, output, counts = finished
    report = folder / "runs/tiny/report"
    evaluation = json.loads((report / "evaluation.json").read_text())
    assert [score["arm"] for score in evaluation["scores"]] == [
        "erfnet",
        "erfnet_weighted",
        "none",
        "gaussian",
    ]
    compared = [(item["arm"], item["baseline"]) for item in evaluation["comparisons"]]
    assert compared == [
        ("erfnet_weighted", "erfnet"),
        ("none", "erfnet"),
        ("gaussian", "erfnet"),
        ("gaussian", "none"),
    ]
    reconstruction = json.loads((report / "reconstruction.json").read_text())
    assert reconstruction["measure"]["name"] == "psnr"
    assert [score["arm"] for score in reconstruction["scores"]] == ["none", "gaussian"]
    built, _, failed = counts
    assert failed == 0
    code, output, again = run(folder / "run.yaml")
    assert (code, again[0]) == (0, 0) and again[1] >= built, output


def test_gaussian_noise_is_as_strong_as_the_quantiser_was_measured_to_be(finished):
    folder, _, _ = finished
    (ratio,) = (folder / "store").rglob("ratio.json")
    asked = json.loads(ratio.read_text())["snr_db"]
    rows = {row["arm"]: row for row in json.loads((folder / "runs/tiny/report/rows.json").read_text())}
    assert rows["gaussian"]["snr_db"] == pytest.approx(asked, abs=0.2), "of 4,096 numbers an image"
    assert rows["none"]["snr_db"] is None and rows["erfnet"]["psnr_db"] is None
    assert rows["gaussian"]["paper"]["snr_db"] == 7.38, "the row that the paper matched to 2 bits"


def test_a_segmenter_is_found_by_its_arm_and_answers_as_it_did_in_its_cycle(finished):
    folder, _, _ = finished
    store = Store(folder / "store")
    found = find_trained(store, "tiny:gaussian", kind="segmenter")
    state = load_checkpoint(store.folder(store.find(found.key)) / "segmenter.pt", kind="segmenter")
    assert len(state[KEY]["classes"]["labels"]) >= state["config"]["num_classes"]
    keys = {item["label"]: item["key"] for item in run_records(store, "tiny")[0]["artifacts"]}
    images = np.load(store.folder(store.find(keys["import R_test"])) / "images.npy")
    outputs = store.folder(store.find(keys["segment and give back with gaussian"]))
    labels = segment(load_segmenter(state, precision="fp32"), images)
    assert (labels == np.load(outputs / "labels.npy")).mean() > 0.99, (
        "bf16 may turn a pixel where two classes are as good as alike"
    )


def test_images_of_the_part_without_label_maps_take_part_in_cycles_alone(finished):
    _, output, _ = finished
    assert "images without label maps" in output and "images with label maps" in output


@needs_chromium
def test_the_page_opens_without_errors_and_can_be_read_on_a_phone(finished):
    folder, _, _ = finished
    page = folder / "runs/tiny/report/index.html"
    check_page(page, name="cycle_segmentation", tables=6, images=24, plots=3)
