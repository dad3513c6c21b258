import json

import numpy as np
import pytest

from tasks.class_tables.table import ClassTable, Label
from tasks.formats.label_maps import LabelMapRecord, write_records
from tasks.segmentation.evaluation import SegmentArmsConfig, evaluate_segmenters

TABLE = ClassTable(
    name="two", labels=(Label(name="road", id=0, train_id=0), Label(name="car", id=1, train_id=1))
)
TRUTH = np.array([[[0, 0], [1, 255]], [[0, 0], [0, 1]], [[1, 1], [1, 1]]], np.uint8)


def write_set(folder, labels=TRUTH, conditions=("", "", "")):
    folder.mkdir()
    np.save(folder / "images.npy", np.zeros((*labels.shape, 3), np.uint8))
    np.save(folder / "labels.npy", labels)
    records = [
        LabelMapRecord(f"{number}.png", "test", f"s{number}", "", "", True, 2, 2, conditions[number])
        for number in range(len(labels))
    ]
    write_records(folder, records, TABLE)
    return folder


def write_prediction(folder, labels, *, step=3, mean_iou=0.5):
    folder.mkdir()
    np.save(folder / "labels.npy", labels)
    (folder / "chosen.json").write_text(json.dumps({"step": step, "mean_iou": mean_iou}))
    return folder


@pytest.fixture
def evaluation(tmp_path):
    images = write_set(tmp_path / "test")
    right = write_prediction(tmp_path / "right", np.where(TRUTH == 255, 0, TRUTH).astype(np.uint8))
    road = write_prediction(tmp_path / "road", np.zeros_like(TRUTH), mean_iou=0.2)
    config = SegmentArmsConfig(arms=("right", "road"), seeds=(0,), pairs=(("right", "road"),))
    evaluate_segmenters.build(tmp_path, config=config, segmentations=[right, road], images=images)
    return json.loads((tmp_path / "evaluation.json").read_text()), tmp_path


def test_scores_are_those_worked_out_by_hand(evaluation):
    result, _ = evaluation
    right, road = result["scores"]
    assert right["mean_iou"] == right["pixel_accuracy"] == 1
    # Of 11 known pixels 5 are road: its IoU is 5/11, that of car 0.
    assert road["mean_iou"] == pytest.approx(5 / 11 / 2)
    assert road["pixel_accuracy"] == pytest.approx(5 / 11)
    assert [row["iou"]["road"] for row in result["classes"]] == pytest.approx([5 / 11, 0])
    assert [row["name"] for row in result["classes"]] == ["road", "car"]
    assert result["comparisons"][0]["difference"] == pytest.approx(1 - 5 / 22)


def test_each_condition_is_scored_by_itself(tmp_path):
    images = write_set(tmp_path / "test", conditions=("day", "night", "night"))
    road = write_prediction(tmp_path / "road", np.zeros_like(TRUTH))
    config = SegmentArmsConfig(arms=("road",), seeds=(0,), pairs=())
    evaluate_segmenters.build(tmp_path, config=config, segmentations=[road], images=images)
    day, night = json.loads((tmp_path / "evaluation.json").read_text())["conditions"]
    # By day 2 of 3 known pixels are road, by night 3 of 8; car is never found.
    assert (day["name"], day["num_images"]) == ("day", 1) and day["mean_iou"]["road"] == pytest.approx(
        2 / 3 / 2
    )
    assert (night["name"], night["num_images"]) == ("night", 2)
    assert night["mean_iou"]["road"] == pytest.approx(3 / 8 / 2)


def test_what_validation_chose_stands_beside(evaluation):
    result, folder = evaluation
    assert [score["val_mean_iou"] for score in result["scores"]] == [0.5, 0.2]
    assert result["scores"][0]["seeds"][0]["checkpoint_step"] == 3
    confusion = json.loads((folder / "confusion.json").read_text())
    assert confusion == {
        "classes": ["road", "car"],
        "arms": {"right": [[5, 0], [0, 6]], "road": [[5, 0], [6, 0]]},
    }
    assert json.loads((folder / "statistics.json").read_text())["clips"] == ["s0", "s1", "s2"]
