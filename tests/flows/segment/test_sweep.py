"""A sweep over trainings of segmenters, in a process of its own: its points are scored and compared as runs are."""

import json

import pytest
import yaml

from tests.browser import check_page, needs_chromium
from tests.flows.command_runs import run
from tests.flows.tiny_street import write_tiny_street


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rates")
    write_tiny_street(folder, arms={"all": {}}, training={"seeds": 2})
    sweep = {
        "name": "rates",
        "base": "run.yaml",
        "set": {"segmenter.steps": 12, "segmenter.eval_every_steps": 6},
        "grid": {"segmenter.learning_rate": [0.0001, 0.02]},
    }
    path = folder / "rates.yaml"
    path.write_text(yaml.safe_dump(sweep))
    code, output, counts = run(path, command="sweep")
    # Shared: three imports and leaks. Each point: two trainings, what they say, scores and a summary; and the table.
    assert (code, counts) == (0, (4 + 2 * 6 + 1, 0, 0)), output
    return folder, output


def test_points_have_scores_with_intervals_and_are_compared_on_the_same_images(swept):
    folder, output = swept
    table = json.loads((folder / "runs/rates/sweep/table.json").read_text())
    assert (table["measure"]["name"], len(table["rows"])) == ("mean_iou", 2)
    for row in table["rows"]:
        assert row["all mIoU low"] <= row["all mIoU"] <= row["all mIoU high"]
    (item,) = table["comparisons"]
    scores = [row["all mIoU"] for row in table["rows"]]
    assert item["difference"] == pytest.approx(scores[1] - scores[0])
    assert (item["arm"], item["baseline"]) == ("learning_rate 0.02", "learning_rate 0.0001")
    assert item["interval"][0] <= item["difference"] <= item["interval"][1]
    assert (item["size"]["num_images"], item["size"]["num_clips"], item["size"]["num_seeds"]) == (8, 4, 2)
    assert item["sentence"] in output
    page = (folder / "runs/rates/sweep/index.html").read_text()
    assert "learning_rate 0.02 against learning_rate 0.0001" in page and "R_train: your annotated" not in page
    assert "are of 4 sequences only" in page


@needs_chromium
def test_the_page_opens_without_errors_and_can_be_read_on_a_phone(swept):
    check_page(swept[0] / "runs/rates/sweep/index.html", name="sweep of segment", tables=3, images=0, plots=0)
