import json

import numpy as np
import pytest

from models.detection.data import Detections
from models.detection.resampling import Counts, draw_chances
from tasks.detection_sets import SetImage
from tasks.evaluation import (
    ArmsConfig,
    EvaluationConfig,
    Found,
    compare,
    count_matches,
    evaluate_arms,
    read_found,
)


def record(*boxes, ignore=(), clip="c"):
    return SetImage("a", clip, 1.0, 0.0, 0.0, tuple(boxes), tuple(ignore), (1.0,) * len(boxes))


def found(*rows):
    values = np.array(rows, np.float32).reshape(-1, 5)
    return Detections(values[:, :4], values[:, 4], np.zeros(len(values), np.int64))


def counts(true, found_, boxes):
    return Counts(np.atleast_2d(true), np.atleast_2d(found_), np.array(boxes))


def test_counts_follow_threshold_overlap_and_ignored_regions():
    image = record((0, 0, 10, 10), (20, 0, 30, 10), ignore=((50, 0, 60, 10),))
    detections = found((0, 0, 10, 9, 0.9), (40, 0, 50, 10, 0.8), (50, 0, 60, 10, 0.7), (20, 0, 30, 10, 0.2))
    result = count_matches(Found(0.5, 1, 0.0, [detections]), [image], iou=0.5)
    # one true (IoU 0.9), one false, one ignored; the last is below the threshold
    assert (result.num_true[0, 0], result.num_found[0, 0], result.num_boxes[0]) == (1, 2, 2)


def test_without_draws_there_is_no_interval_and_no_verdict():
    (item,) = compare({"R": counts([1], [1], [2]), "S": counts([2], [2], [2])}, [("S", "R")], None)
    assert (item.interval, item.p_value, item.verdict) == (None, None, "cannot tell")
    assert item.difference == pytest.approx(1 - 2 / 3)


def test_arms_are_judged_together_and_equal_ones_cannot_be_told():
    rng = np.random.default_rng(0)
    boxes = np.full(200, 4)
    base = rng.binomial(4, 0.5, (3, 200))
    better = np.minimum(4, base + rng.binomial(1, 0.6, (3, 200)))
    found = np.full((3, 200), 4)
    arms = {
        "R": Counts(base, found, boxes),
        "same": Counts(base, found, boxes),
        "better": Counts(better, found, boxes),
    }
    draws = draw_chances([str(n) for n in range(200)], num_seeds=3, draws=2000, rng=rng)
    same, gain = compare(arms, [("same", "R"), ("better", "R")], draws)
    assert (same.difference, same.interval, same.verdict) == (0.0, (0.0, 0.0), "cannot tell")
    assert gain.verdict == "helps" and gain.interval[0] > 0
    # the least p there is, times the two comparisons
    assert gain.p_value == pytest.approx(2 * 2 / 2001, rel=1.01)
    assert gain.p_value == 2 * gain.unadjusted_p
    (hurt, _) = compare(arms, [("R", "better"), ("same", "better")], draws)
    assert hurt.verdict == "hurts" and hurt.difference == pytest.approx(-gain.difference)


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


def write_detections(folder, images, *, threshold=0.5):
    folder.mkdir()
    content = {"threshold": threshold, "checkpoint_step": 7, "val_f1": 0.5, "images": images}
    (folder / "detections.json").write_text(json.dumps(content))
    return folder


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
    counts = json.loads((tmp_path / "out" / "counts.json").read_text())
    assert (counts["clips"], counts["num_boxes"], counts["iou"]) == (["0", "1", "2", "3"], [1] * 4, 0.5)
    assert counts["arms"]["R"] == {
        "seeds": [5, 6],
        "num_true": [[1, 0, 0, 0], [1, 1, 0, 0]],
        "num_found": [[1, 1, 0, 0], [1, 1, 0, 0]],
    }


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("a", "z"), "the image 'z', which is not among the 2 images to be scored"),
        (("a",), "1 images, but not 'b', one of the 2 to be scored"),
        (("b", "a"), "in another order"),
    ],
)
def test_detections_of_other_images_are_refused(tmp_path, names, words):
    images = [{"name": name, "boxes_xyxy": [], "scores": []} for name in names]
    folder = write_detections(tmp_path / "found", images)
    records = [SetImage(name, "c", 1.0, 0.0, 0.0, (), (), ()) for name in ("a", "b")]
    with pytest.raises(ValueError, match=words):
        read_found(folder, records)
