"""A whole run of the pipeline `night` over tiny images, in a process of its own."""

import json
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from flows.commands.command_line import main
from tasks.artifacts.lookup import run_records
from tasks.artifacts.store import Store
from tasks.formats.label_maps import read_label_maps
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.importing import import_label_maps
from tasks.label_maps.planning import plan_label_maps
from tests.browser import check_page, needs_chromium
from tests.flows.command_runs import run
from tests.flows.tiny_street import write_tiny_night


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("night")
    code, output, counts = run(write_tiny_night(folder))
    assert (code, counts[2]) == (0, 0), output
    return folder, output


@pytest.fixture(scope="module")
def made(finished):
    """The folder of a step's files, by its label."""
    store = Store(finished[0] / "store")
    keys = {item["label"]: item["key"] for item in run_records(store, "tiny")[0]["artifacts"]}
    return lambda label: store.folder(store.find(keys[label]))


def test_every_arm_is_scored_by_night_and_made_day_beside_the_seed(finished):
    report = finished[0] / "runs/tiny/report"
    rows = json.loads((report / "rows.json").read_text())
    evaluation = json.loads((report / "evaluation.json").read_text())
    converted = json.loads((report / "converted.json").read_text())
    assert [row["arm"] for row in rows] == ["1.1", "3.1", "7.2"]
    assert [row["seed"] for row in rows] == pytest.approx([0.275, 0.339, 0.393])
    assert [row["seed_converted"] for row in rows] == [None, pytest.approx(0.293), None]
    assert [row["value"] for row in rows] == [score["mean_iou"] for score in evaluation["scores"]]
    assert [row["converted"] for row in rows] == [score["mean_iou"] for score in converted["scores"]]
    compared = [(item["arm"], item["baseline"]) for item in evaluation["comparisons"]]
    assert compared == [("3.1", "1.1"), ("7.2", "1.1"), ("7.2", "3.1")]


def test_the_report_says_how_near_translations_are_to_twins_and_what_was_labelled(finished):
    report = finished[0] / "runs/tiny/report"
    twins = json.loads((report / "twins.json").read_text())["unit"]
    assert (twins["count"], twins["before"], twins["nearer_share"]) == (6, 0, 0)
    assert twins["after"] > 1, "a translation is another image than the day, which is its own twin here"
    choice = json.loads((report / "choices.json").read_text())["7.2"]
    assert choice["count"] == 3 and 0.5 <= choice["labelled_share"] < 0.6


def test_nights_are_the_dark_images_alone_and_guesses_are_among_them(made):
    nights = read_label_maps(made("nights of target"))
    names = [PurePosixPath(record.name).name for record in nights.records]
    assert names == [f"{number:02d}.png" for number in range(1, 12, 2)]
    guessed = read_label_maps(made("pseudo-label images for 7.2 by 3.1"))
    assert len(guessed.records) == 3
    assert {record.name for record in guessed.records} < {record.name for record in nights.records}
    # At least half of each class; so short a training is equally sure, to a thousandth, of many pixels.
    assert 0.5 <= (np.asarray(guessed.labels) != 255).mean() < 0.6


def test_no_real_night_chooses_a_checkpoint(made):
    val = read_label_maps(made("R_val by day and night, unit"))
    names = [PurePosixPath(record.name).name for record in val.records]
    assert names == ["val_0_0.png", "val_0_1.png", "val_0_0_as_night.png", "val_0_1_as_night.png"]
    np.testing.assert_array_equal(val.labels[:2], val.labels[2:])


def test_an_arm_that_goes_on_begins_with_weights_of_the_arm_before(made):
    from models.training.checkpoints import load_checkpoint

    before, after, other = (
        load_checkpoint(made(f"train segmenter on {arm}") / "segmenter.pt", kind="segmenter")["best"][
            "network"
        ]
        for arm in ("3.1", "7.2", "1.1")
    )
    gaps = [
        sum(float((state[name] - before[name]).abs().sum()) for name in before if is_learned(name))
        for state in (after, other)
    ]
    assert gaps[0] < gaps[1], "four steps at a tenth of the rate lead less far away than other images do"


def test_another_way_of_choosing_builds_only_what_comes_after_it(finished):
    folder, _ = finished
    choice = "arms.7.2.guess.choice.method=histogram"
    content = (folder / "run.yaml").read_text()
    assert content.count("method: mean") == 1, choice
    (folder / "other.yaml").write_text(content.replace("method: mean", "method: histogram"))
    code, output, counts = run(folder / "other.yaml")
    assert code == 0, output
    # choice, pseudo-labels, training, two segmentations, two evaluations, two reports
    assert counts[0] <= 9 and counts[2] == 0, output


def test_translated_nights_are_exported_with_the_labels_of_the_day_and_read_again(finished, made, tmp_path):
    day, night = (
        read_label_maps(made("import R_train")),
        read_label_maps(made("translate days to nights, unit")),
    )
    source, store = "tiny:translate days to nights, unit", ["--store", str(finished[0] / "store")]
    assert main(["export", source, "--format", "folders", "--to", str(tmp_path / "out"), *store]) == 0
    config, files = plan_label_maps(LabelMapsConfig(folder=str(tmp_path / "out")), Path())[0]
    (tmp_path / "again").mkdir()
    import_label_maps.build(tmp_path / "again", config=config, files=files)
    again = read_label_maps(tmp_path / "again")
    np.testing.assert_array_equal(again.images, night.images)
    np.testing.assert_array_equal(again.labels, day.labels)
    card = json.loads((tmp_path / "out/card.json").read_text())
    assert (card["images"], len(card["origin"]["refiners"])) == (len(day.records), 1)
    assert main(["export", source, "--format", "coco", "--to", str(tmp_path / "coco"), *store]) == 2


def is_learned(name):
    """Not the statistics of batch norm, which count batches too."""
    return name.endswith((".weight", ".bias"))


@needs_chromium
def test_the_page_opens_without_errors_and_can_be_read_on_a_phone(finished):
    page = finished[0] / "runs/tiny/report/index.html"
    check_page(page, name="night", tables=8, images=20, plots=3)
