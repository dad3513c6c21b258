import json

import numpy as np
import pytest

from tasks.class_tables.table import ClassTable, Label
from tasks.formats.label_maps import LabelMapRecord, write_records
from tasks.report.result_tables import comparison_table_of_parts
from tasks.segmentation.evaluation import SegmentArmsConfig, evaluate_segmenters
from tasks.segmentation.page import distance_table

TABLE = ClassTable(
    name="two", labels=(Label(name="road", id=0, train_id=0), Label(name="car", id=1, train_id=1))
)
TRUTH = np.array([[[0, 0], [1, 255]], [[0, 0], [0, 1]], [[1, 1], [1, 1]]], np.uint8)


def write_set(folder, labels=TRUTH, conditions=("", "", ""), depth_cm=None):
    folder.mkdir()
    if depth_cm is not None:
        np.save(folder / "depth.npy", depth_cm)
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


def test_arms_are_compared_under_each_condition_and_all_these_judged_together(tmp_path):
    labels = np.tile(TRUTH[1:2], (12, 1, 1))
    images = write_set(tmp_path / "test", labels, conditions=("day", "night") * 6)
    right = [write_prediction(tmp_path / f"right{seed}", labels) for seed in range(2)]
    # By night all pixels are road.
    dark = labels.copy()
    dark[1::2] = 0
    worse = [write_prediction(tmp_path / f"dark{seed}", dark) for seed in range(2)]
    config = SegmentArmsConfig(arms=("right", "dark"), seeds=(0, 1), pairs=(("dark", "right"),))
    evaluate_segmenters.build(tmp_path, config=config, segmentations=[*right, *worse], images=images)
    result = json.loads((tmp_path / "evaluation.json").read_text())
    (day,), (night,) = (row["comparisons"] for row in result["conditions"])
    assert (day["difference"], day["p_value"]) == (0, 1)
    # 3 of 4 pixels are road: its IoU falls from 1 to 3/4, that of car to 0.
    assert night["difference"] == pytest.approx(3 / 8 - 1) and night["interval"][1] < -0.5
    assert night["size"]["num_images"] == 6 and night["size"]["num_comparisons"] == 2
    assert night["p_value"] == pytest.approx(2 * night["unadjusted_p"]) and night["p_value"] > 0
    assert result["conditions"][1]["interval"]["dark"] == pytest.approx([3 / 8, 3 / 8])
    rows = comparison_table_of_parts(result, result["conditions"], title="Condition").rows
    assert [row[:3] for row in rows] == [
        ("day", "dark against right", "+0.000"),
        ("night", "dark against right", "-0.625"),
    ]


def test_a_condition_in_which_nothing_is_annotated_has_no_score(tmp_path):
    labels = np.where(np.arange(3)[:, None, None] == 0, 255, TRUTH).astype(np.uint8)
    images = write_set(tmp_path / "test", labels, conditions=("day", "night", "night"))
    arms = [write_prediction(tmp_path / name, np.zeros_like(TRUTH)) for name in ("a", "b")]
    config = SegmentArmsConfig(arms=("a", "b"), seeds=(0,), pairs=(("b", "a"),))
    evaluate_segmenters.build(tmp_path, config=config, segmentations=arms, images=images)
    day, night = json.loads((tmp_path / "evaluation.json").read_text())["conditions"]
    assert day["mean_iou"] == {"a": None, "b": None} and day["comparisons"] == []
    assert night["mean_iou"]["a"] == pytest.approx(3 / 8 / 2) and len(night["comparisons"]) == 1


def test_pixels_are_scored_in_bands_of_distance_where_depth_is_known(tmp_path):
    # Metres: the first image 5, 10, 15, and 3 where nothing is annotated; others 30 but for one without depth.
    depth_cm = np.full(TRUTH.shape, 3000, np.uint16)
    depth_cm[0], depth_cm[2, 0, 0] = [[500, 1000], [1500, 300]], 0
    images = write_set(tmp_path / "test", depth_cm=depth_cm)
    road = write_prediction(tmp_path / "road", np.zeros_like(TRUTH))
    config = SegmentArmsConfig(arms=("road",), seeds=(0,), pairs=(), distance_edges_m=(10, 12.5))
    evaluate_segmenters.build(tmp_path, config=config, segmentations=[road], images=images)
    result = json.loads((tmp_path / "evaluation.json").read_text())
    near, middle, far = result["distances"]
    assert [row["name"] for row in (near, middle, far)] == ["0 to 10 m", "10 to 12.5 m", "over 12.5 m"]
    assert [row["num_pixels"] for row in (near, middle, far)] == [1, 1, 8]
    # Beyond 12.5 m lie 3 pixels of road and 5 of car.
    assert far["mean_iou"]["road"] == pytest.approx(3 / 8 / 2)
    assert near["mean_iou"]["road"] == middle["mean_iou"]["road"] == 1 and near["interval"]["road"] is None
    assert distance_table(result).rows[0] == ("0 to 10 m", "1", "1.000")
    assert distance_table(result).rows[2][:2] == ("over 12.5 m", "8")


def test_without_depth_there_are_no_bands(evaluation):
    assert evaluation[0]["distances"] == [] and distance_table(evaluation[0]).rows == ()


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
