"""Judging by mIoU from the statistics to the sentence, the tables and the sweep, without a word about people."""

import json

import numpy as np
import pytest

from models.judging.comparisons import Evidence, judge
from models.judging.measures import F1, find_measure
from models.judging.sufficient_statistics import detection_statistics
from tasks.report.headline import headline
from tasks.report.plots import scores_by_arm
from tasks.report.result_tables import comparison_table, full_score_table, score_table, seed_table
from tasks.scoring.arms import score_arms
from tasks.scoring.records import Counted
from tasks.sweeping.table import SweepTableConfig, tabulate_sweep
from tests.tasks.scoring.made_up_segmentation import count_segmentation, evaluate_segmentation
from tests.tasks.sweeping.made_up_points import make_point

PAIRS = (("R_train + S+", "R_train"), ("S", "R_train"))


@pytest.fixture(scope="module")
def counted():
    return count_segmentation({"R_train": 0.6, "S": 0.4, "R_train + S+": 0.8})


@pytest.fixture(scope="module")
def evaluation(counted):
    return json.loads(json.dumps(evaluate_segmentation(counted, PAIRS)))


def pooled_iou(statistics):
    """Of each seed and class, from sums over images."""
    right, annotated, predicted = statistics.sum(axis=1).reshape(3, 3, 3).transpose(1, 0, 2)
    return right / (annotated + predicted - right)


def test_every_arm_has_all_measures_over_seeds_and_of_each(counted, evaluation):
    assert (evaluation["num_images"], evaluation["num_clips"], evaluation["num_seeds"]) == (24, 12, 3)
    for score in evaluation["scores"]:
        iou = pooled_iou(counted.arms[score["arm"]])
        assert score["mean_iou"] == pytest.approx(iou.mean()) and score["class_iou:2"] == pytest.approx(
            iou[:, 2].mean()
        )
        assert [item["mean_iou"] for item in score["seeds"]] == pytest.approx(iou.mean(axis=1))
        low, high = score["interval"]
        assert low < score["mean_iou"] < high
    assert evaluation["measure"] == {"name": "mean_iou", "title": "mIoU"}


def test_the_headline_speaks_of_miou(evaluation):
    gain, loss = headline({"evaluation": evaluation})
    first, second = (score["mean_iou"] for score in evaluation["scores"][::2])
    assert gain.startswith(f"R_train + S+ beats R_train by {second - first:.3f} mIoU [0.")
    assert loss.startswith("S is worse than R_train by 0.") and "mIoU [" in loss and "F1" not in gain + loss


def test_the_tables_have_a_column_a_measure(evaluation):
    table = score_table(evaluation)
    assert table.header == ("Trained on", "mIoU", "Pixel accuracy", "IoU of class 2", "95 % interval")
    assert table.strong == {1} and table.rows[0][1] == f"{evaluation['scores'][0]['mean_iou']:.3f}"
    assert full_score_table(evaluation).header == (*table.header, "mIoU on R_val")
    seeds = seed_table(evaluation)
    assert (
        seeds.header == ("Trained on", "Seed", *table.header[1:4], "mIoU on R_val") and len(seeds.rows) == 9
    )
    compared = comparison_table(evaluation)
    assert compared.header[1] == "mIoU differs by"
    assert [(row[0], row[-1]) for row in compared.rows] == [
        ("R_train + S+ against R_train", "helps"),
        ("S against R_train", "hurts"),
    ]
    assert '"text":"mIoU"' in scores_by_arm(evaluation)


def test_a_sweep_of_segmentations_has_its_tables_and_sections(tmp_path):
    points, folders = [], []
    for number, share in enumerate((0.7, 0.8)):
        made = make_point("plain", {"loss": f"l{number}"}, {}, refiner_key="k", refiner_seconds=1.0)
        counted = count_segmentation({"R_train": 0.6, "R_train + S+": share}, seed=number)
        found = {
            "evaluation": evaluate_segmentation(counted, PAIRS[:1]),
            "statistics": counted.record(),
        }
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "point.json").write_text(json.dumps(made.summary | found))
        folders.append(folder)
        points.append(made.config.model_copy(update={"values": {"loss": f"l{number}"}}))
    settings = {"name": "losses", "axes": ("loss",), "is_sample_site": False, "has_test": True}
    for titles in ({}, {"plain": "Which loss?"}):
        config = SweepTableConfig(points=tuple(points), titles=titles, **settings)
        tabulate_sweep.build(tmp_path, config=config, points=folders)
        page = (tmp_path / "index.html").read_text()
        assert "mIoU on the 24 images of R_test" in page and "F1" not in page
        assert ("the highest mIoU is 0." in page) == (titles == {})
    content = json.loads((tmp_path / "table.json").read_text())
    assert content["measure"]["title"] == "mIoU"
    row = content["rows"][1]
    assert row["R_train + S+ mIoU low"] < row["R_train + S+ mIoU"] < row["R_train + S+ mIoU high"]
    assert {"R_train PA", "R_train IoU of class 2"} < set(row)
    (section,) = content["sections"]
    assert section["lead"][1].startswith("R_train + S+ at loss l1 beats R_train + S+ at loss l0 by 0.")
    assert section["lead"][-1].startswith("loss l1: R_train + S+ beats R_train by 0.")
    header = "<th>mIoU</th><th>PA</th><th>IoU of class 2</th><th>95 % interval</th><th>mIoU on R_val</th>"
    assert header in page and "mIoU differs by" in page


def test_points_that_are_scored_by_other_measures_are_no_sweep(tmp_path):
    counted = count_segmentation({"R_train": 0.6})
    other = make_point("plain", {}, {"R_train": [0.5]})
    parts = {"evaluation": evaluate_segmentation(counted), "statistics": counted.record()}
    folders = [tmp_path / name for name in "ab"]
    for folder, summary in zip(folders, (other.summary, other.summary | parts), strict=True):
        folder.mkdir()
        (folder / "point.json").write_text(json.dumps(summary))
    config = SweepTableConfig(
        name="mixed", axes=(), points=(other.config,) * 2, is_sample_site=False, has_test=True
    )
    with pytest.raises(ValueError, match="must be scored alike, but there are F1, mIoU"):
        tabulate_sweep.build(tmp_path, config=config, points=folders)


def test_what_is_judged_is_shown_and_defined(counted):
    with pytest.raises(ValueError, match="the main measure, f1, must be among those that are shown"):
        score_arms(counted, main=F1, shown=[find_measure("mean_iou")], pairs=())
    empty = count_segmentation({"R_train": 0.6})
    empty.arms["R_train"][..., [2, 5, 8]] = 0  # nothing of class 2, and nothing taken for it
    last = find_measure("class_iou:2")
    with pytest.raises(ValueError, match="IoU of class 2 of R_train has no finite value on these 24 images"):
        score_arms(empty, main=last, shown=[last], pairs=())
    shown = [find_measure("mean_iou"), last]
    (row,) = score_arms(empty, main=shown[0], shown=shown, pairs=())["scores"]
    assert row["class_iou:2"] is None and row["seeds"][0]["class_iou:2"] is None


def test_people_are_judged_as_by_their_counts_alone():
    true = np.array([[2, 0, 1, 1], [2, 1, 1, 1]])
    statistics = detection_statistics(true, true + 1, np.array([2, 1, 2, 1]))
    arms, clips = {"R": statistics, "S": statistics[::-1]}, tuple("abcd")
    result = score_arms(
        Counted(clips, clips, clips, (0, 1), arms, {}), main=F1, shown=[F1], pairs=[("S", "R")]
    )
    expected = judge([Evidence("S", "R", [arms["S"]], [arms["R"]], clips, F1)])
    assert result["comparisons"] == [item.record() for item in expected]
    # 2 true / (found + boxes): 8 / 14 and 10 / 15
    assert result["scores"][0]["f1"] == pytest.approx((8 / 14 + 10 / 15) / 2)
