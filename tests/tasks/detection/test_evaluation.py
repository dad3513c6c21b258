import json
from pathlib import Path

import numpy as np
import pytest

from tasks.detection.evaluation import ArmsConfig, EvaluationConfig, evaluate_arms
from tasks.report.headline import headline
from tasks.report.result_tables import comparison_table, full_score_table, seed_table
from tests.tasks.found_files import write_detections


def test_a_detector_that_finds_everything_scores_one_and_one_that_finds_nothing_zero(tmp_path):
    boxes = [((0.0, 0.0, 10.0, 10.0),), ((5.0, 5.0, 20.0, 20.0), (30.0, 0.0, 40.0, 10.0)), ()]
    write_set(tmp_path, [{"boxes_xyxy": b, "clip": str(n)} for n, b in enumerate(boxes)])
    for arm, is_perfect in (("R", False), ("S", True)):
        images = [
            {"name": "a", "boxes_xyxy": b if is_perfect else (), "scores": [0.9] * len(b) * is_perfect}
            for b in boxes
        ]
        (tmp_path / arm).mkdir()
        content = {"threshold": 0.5, "checkpoint_step": 1, "val_f1": 0.0, "images": images}
        (tmp_path / arm / "detections.json").write_text(json.dumps(content))
    (tmp_path / "out").mkdir()
    config = ArmsConfig(evaluation=EvaluationConfig(), arms=("R", "S"), seeds=(0,), pairs=(("S", "R"),))
    evaluate_arms.build(
        tmp_path / "out", config=config, detections=[tmp_path / "R", tmp_path / "S"], images=tmp_path
    )
    result = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    nothing, everything = result["scores"]
    assert (
        nothing["precision"],
        nothing["recall"],
        nothing["f1"],
        nothing["average_precisions"]["AP50"],
    ) == (
        0,
        0,
        0,
        0,
    )
    assert (everything["precision"], everything["recall"], everything["f1"]) == (1, 1, 1)
    assert everything["average_precisions"] == pytest.approx({"AP30": 1, "AP50": 1, "AP50:95": 1})
    curves = json.loads((tmp_path / "out" / "curves.json").read_text())
    # every detection has the score 0.9
    assert curves["S"][0]["precision"] == [1.0] * 101 and curves["R"][0]["f1"] == [0.0] * 101
    assert curves["S"][0]["f1"][:90] == [1.0] * 90 and curves["S"][0]["f1"][92:] == [0.0] * 9
    assert result["comparisons"][0]["difference"] == 1 and result["num_boxes"] == 3


def write_set(folder, records):
    fields = {"name": "a", "scale": 1.0, "left_px": 0.0, "top_px": 0.0, "ignore_xyxy": ()}
    np.save(folder / "images.npy", np.zeros((len(records), 8, 8, 3), np.uint8))
    seen = [{"visibilities": [1.0] * len(item["boxes_xyxy"])} for item in records]
    content = [fields | item | extra for item, extra in zip(records, seen, strict=True)]
    (folder / "images.json").write_text(json.dumps(content))


def test_each_seed_of_each_arm_is_scored_and_their_means_are_compared(tmp_path):
    box, miss = (0.0, 0.0, 10.0, 10.0), (50.0, 0.0, 60.0, 10.0)
    write_set(tmp_path, [{"boxes_xyxy": (box,), "clip": str(n)} for n in range(4)])

    def detections(name, num_found, num_false):
        boxes = [[box]] * num_found + [[miss]] * num_false + [[]] * (4 - num_found - num_false)
        return write_detections(
            tmp_path / name,
            [{"name": "a", "boxes_xyxy": item, "scores": [0.9] * len(item)} for item in boxes],
        )

    folders = [
        detections("R0", 1, 1),  # F1 2 x 1 / (2 + 4) = 1/3
        detections("R1", 2, 0),  # 2 x 2 / (2 + 4) = 2/3
        detections("S0", 4, 0),  # 1
        detections("S1", 3, 1),  # 2 x 3 / (4 + 4) = 3/4
    ]
    (tmp_path / "out").mkdir()
    config = ArmsConfig(evaluation=EvaluationConfig(), arms=("R", "S"), seeds=(5, 6), pairs=(("S", "R"),))
    evaluate_arms.build(tmp_path / "out", config=config, detections=folders, images=tmp_path)
    result = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert (result["num_seeds"], result["num_images"], result["num_clips"]) == (2, 4, 4)
    base, gain = result["scores"]
    assert [item["seed"] for item in base["seeds"]] == [5, 6]
    assert [item["f1"] for item in base["seeds"]] == pytest.approx([1 / 3, 2 / 3])
    assert [item["f1"] for item in gain["seeds"]] == pytest.approx([1, 3 / 4])
    assert base["f1"] == pytest.approx(1 / 2) and gain["f1"] == pytest.approx(7 / 8)
    assert base["precision"] == pytest.approx((1 / 2 + 1) / 2)
    assert base["recall"] == pytest.approx((1 / 4 + 1 / 2) / 2)
    assert result["comparisons"][0]["difference"] == pytest.approx(3 / 8)
    errors = json.loads((tmp_path / "out" / "breakdown.json").read_text())["R"]["errors"]
    assert errors == {"missed": 5, "background": 1, "localisation": 0, "duplicate": 0}
    counted = json.loads((tmp_path / "out" / "statistics.json").read_text())
    assert (counted["clips"], counted["seeds"]) == (["0", "1", "2", "3"], [5, 6])
    assert counted["conditions"] == {"IoU": 0.5} and len(set(counted["truths"])) == 1
    # true and all detections and boxes of every image, seed by seed
    assert counted["arms"]["R"] == [
        [[1, 1, 1], [0, 1, 1], [0, 0, 1], [0, 0, 1]],
        [[1, 1, 1], [1, 1, 1], [0, 0, 1], [0, 0, 1]],
    ]
    assert result["measure"]["name"] == "f1"
    assert [item["name"] for item in result["measures"]] == ["precision", "recall", "f1"]


def assert_holds(found, kept):
    """All that was kept, and more where there is more: figures to 1e-12."""
    if isinstance(kept, dict):
        for name, value in kept.items():
            assert_holds(found[name], value)
    elif isinstance(kept, list):
        assert len(found) == len(kept)
        for item, value in zip(found, kept, strict=True):
            assert_holds(item, value)
    else:
        assert found == (pytest.approx(kept, rel=0, abs=1e-12) if type(kept) is float else kept)


def test_a_whole_evaluation_is_the_one_from_before_other_measures_were_known(tmp_path):
    """kept_evaluation.json was written by the code that knew F1 alone: 12 images in 6 clips, three arms of three seeds."""
    kept = json.loads(Path(__file__).with_name("kept_evaluation.json").read_text())
    write_set(tmp_path, kept["records"])
    folders = [
        write_detections(tmp_path / f"{arm} {number}", images)
        for arm, seeds in kept["detections"].items()
        for number, images in enumerate(seeds)
    ]
    (tmp_path / "out").mkdir()
    config = ArmsConfig(
        evaluation=EvaluationConfig(),
        arms=tuple(kept["detections"]),
        seeds=tuple(kept["seeds"]),
        pairs=tuple(map(tuple, kept["pairs"])),
    )
    evaluate_arms.build(tmp_path / "out", config=config, detections=folders, images=tmp_path)
    result = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert_holds(result, kept["evaluation"])
    counted = json.loads((tmp_path / "out" / "statistics.json").read_text())
    for arm, counts in kept["counts"]["arms"].items():
        each = np.array(counted["arms"][arm])
        assert each[:, :, 0].tolist() == counts["num_true"] and each[:, :, 1].tolist() == counts["num_found"]
        assert (each[:, :, 2] == kept["counts"]["num_boxes"]).all()
    assert headline({"evaluation": result}) == kept["headline"]
    # and what was kept can still be read
    assert headline({"evaluation": kept["evaluation"]}) == kept["headline"]
    tables = [
        (table(result), table(kept["evaluation"]))
        for table in (full_score_table, seed_table, comparison_table)
    ]
    assert all(new == old for new, old in tables)
