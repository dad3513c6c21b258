"""A whole run of the pipeline `segment` over tiny images, in a process of its own."""

import json

import pytest

from tests.browser import check_page, needs_chromium
from tests.flows.command_runs import run
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


@needs_chromium
def test_the_page_opens_without_errors_and_can_be_read_on_a_phone(finished):
    folder, _, _ = finished
    check_page(folder / "runs/tiny/report/index.html", name="segment", tables=6, images=20, plots=3)
