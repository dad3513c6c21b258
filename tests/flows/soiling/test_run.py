"""A whole run of the pipeline `soiling` over small images, in a process of its own."""

import csv
import json

import pytest

from tasks.artifacts.store import Store
from tasks.training.trained_networks import find_trained
from tests.browser import check_page, needs_chromium
from tests.flows.command_runs import run
from tests.flows.tiny_soiling import write_tiny_soiling

SHORT = ("arms={real: {}, dirty_gan: {generated: dirty_gan}}", "degradation=null")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("soiling")
    code, output, counts = run(write_tiny_soiling(folder), *SHORT)
    assert code == 0, output
    return folder, counts


def test_detectors_are_scored_on_soiled_images_and_nothing_is_built_twice(finished):
    folder, (built, _, failed) = finished
    evaluation = json.loads((folder / "runs/tiny/report/evaluation.json").read_text())
    assert [score["arm"] for score in evaluation["scores"]] == ["real", "dirty_gan"]
    assert [(item["arm"], item["baseline"]) for item in evaluation["comparisons"]] == [("dirty_gan", "real")]
    assert [row["name"] for row in evaluation["classes"]] == [
        "clear",
        "transparent",
        "semi-transparent",
        "opaque",
    ]
    assert evaluation["num_images"] == 8 and failed == 0
    code, output, again = run(folder / "run.yaml", *SHORT)
    assert (code, again[0]) == (0, 0) and again[1] >= built, output


def test_a_detector_is_found_by_its_arm(finished):
    folder, _ = finished
    found = find_trained(Store(folder / "store"), "tiny:dirty_gan", kind="segmenter")
    assert found.kind == "segmenter"


def test_the_blind_sheet_has_real_and_generated_crops(finished):
    folder, _ = finished
    report = folder / "runs/tiny/report"
    with (report / "blind_key.csv").open() as file:
        origins = {row["origin"] for row in csv.DictReader(file)}
    assert "real" in origins and origins <= {"real", "dirty_gan"}
    assert {"blind_sheet.png", "walk.gif", "walk.mp4"} <= {path.name for path in report.iterdir()}


@needs_chromium
def test_the_page_opens_without_errors_and_can_be_read_on_a_phone(finished):
    folder, _ = finished
    page = folder / "runs/tiny/report/index.html"
    check_page(page, name="soiling", tables=7, images=24, plots=3)


@pytest.mark.slow
def test_the_seed_s_arms_and_its_two_segmenters_of_scenes_are_scored(tmp_path):
    code, output, _ = run(write_tiny_soiling(tmp_path))
    assert code == 0, output
    report = tmp_path / "runs/tiny/report"
    arms = [score["arm"] for score in json.loads((report / "evaluation.json").read_text())["scores"]]
    assert arms == ["real", "augmented", "baseline", "dirty_gan"]
    degradation = json.loads((report / "degradation.json").read_text())
    assert {test: [score["arm"] for score in each["scores"]] for test, each in degradation.items()} == {
        "clean": ["clean", "soiled"],
        "soiled": ["clean", "soiled"],
    }
