import json

import numpy as np
import pytest

from models.detection.data import Detections
from tasks.detection_sets import SetImage
from tasks.evaluation import (
    ArmsConfig,
    Comparison,
    Counts,
    EvaluationConfig,
    compare,
    count_matches,
    draw_clip_weights,
    evaluate_arms,
)


def record(*boxes, ignore=(), clip="c"):
    return SetImage("a", clip, 1.0, 0.0, 0.0, tuple(boxes), tuple(ignore))


def found(*rows):
    values = np.array(rows, np.float32).reshape(-1, 5)
    return Detections(values[:, :4], values[:, 4], np.zeros(len(values), np.int64))


def counts(true, found_, boxes):
    return Counts(np.array(true), np.array(found_), np.array(boxes))


def test_counts_follow_threshold_overlap_and_ignored_regions():
    image = record((0, 0, 10, 10), (20, 0, 30, 10), ignore=((50, 0, 60, 10),))
    detections = found((0, 0, 10, 9, 0.9), (40, 0, 50, 10, 0.8), (50, 0, 60, 10, 0.7), (20, 0, 30, 10, 0.2))
    result = count_matches([detections], [image], threshold=0.5, iou=0.5)
    # one true (IoU 0.9), one false, one ignored; the last is below the threshold
    assert (result.num_true[0], result.num_found[0], result.num_boxes[0]) == (1, 2, 2)


def test_f1_pools_counts_over_images_and_is_never_nan():
    result = counts([3, 0], [4, 0], [5, 1]).f1(np.array([[1, 1], [0, 1], [0, 0], [2, 0]]))
    np.testing.assert_allclose(result, [6 / 10, 0, 0, 6 / 9])


def test_clips_are_drawn_whole():
    clips = ["a"] * 4 + ["b"] * 3 + ["c"] * 5 + ["d"]
    weights = draw_clip_weights(clips, draws=200, rng=np.random.default_rng(0))
    assert weights is not None
    for clip in "abcd":
        columns = weights[:, [index for index, name in enumerate(clips) if name == clip]]
        assert (columns == columns[:, :1]).all()
    # every draw takes as many clips as there are
    first = [clips.index(clip) for clip in "abcd"]
    assert (weights[:, first].sum(axis=1) == 4).all()


def test_a_single_image_gives_no_interval_and_no_verdict():
    assert draw_clip_weights(["a"], draws=100, rng=np.random.default_rng(0)) is None
    (item,) = compare({"R": counts([1], [1], [2]), "S": counts([2], [2], [2])}, "R", None)
    assert (
        item.interval is None
        and item.verdict == "cannot tell"
        and item.difference == pytest.approx(1 - 2 / 3)
    )


def test_the_interval_of_a_paired_difference_agrees_with_the_normal_approximation():
    rng = np.random.default_rng(1)
    boxes = np.full(400, 5)
    base = rng.binomial(5, 0.6, 400)
    better = np.minimum(5, base + rng.binomial(1, 0.5, 400))
    arms = {"R": counts(base, boxes, boxes), "S": counts(better, boxes, boxes)}
    weights = draw_clip_weights([str(n) for n in range(400)], draws=4000, rng=rng)
    (item,) = compare(arms, "R", weights)
    # found = boxes = 5 everywhere, so F1 is the mean of true / 5 and its difference a plain mean
    differences = (better - base) / 5
    half = 1.96 * differences.std() / 20
    assert item.interval is not None and item.verdict == "helps"
    np.testing.assert_allclose(
        item.interval, (differences.mean() - half, differences.mean() + half), atol=0.004
    )


@pytest.mark.parametrize(
    ("difference", "interval", "verdict"),
    [(0.1, (0.02, 0.2), "helps"), (-0.1, (-0.2, -0.02), "hurts"), (0.1, (-0.01, 0.2), "cannot tell")],
)
def test_only_an_interval_without_zero_decides(difference, interval, verdict):
    assert Comparison("S", "R", difference, interval).verdict == verdict


def test_a_detector_that_finds_everything_scores_one_and_one_that_finds_nothing_zero(tmp_path):
    boxes = [((0.0, 0.0, 10.0, 10.0),), ((5.0, 5.0, 20.0, 20.0), (30.0, 0.0, 40.0, 10.0)), ()]
    records = [{"boxes_xyxy": b, "clip": str(n)} for n, b in enumerate(boxes)]
    fields = {"name": "a", "scale": 1.0, "left_px": 0.0, "top_px": 0.0, "ignore_xyxy": ()}
    np.save(tmp_path / "images.npy", np.zeros((3, 8, 8, 3), np.uint8))
    (tmp_path / "images.json").write_text(json.dumps([fields | item for item in records]))
    for arm, is_perfect in (("R", False), ("S", True)):
        images = [
            {"boxes_xyxy": b if is_perfect else (), "scores": [0.9] * len(b) * is_perfect} for b in boxes
        ]
        (tmp_path / arm).mkdir()
        content = {"threshold": 0.5, "checkpoint_step": 1, "val_f1": 0.0, "images": images}
        (tmp_path / arm / "detections.json").write_text(json.dumps(content))
    (tmp_path / "out").mkdir()
    config = ArmsConfig(evaluation=EvaluationConfig(), arms=("R", "S"), baseline="R")
    evaluate_arms.build(
        tmp_path / "out", config=config, detections=[tmp_path / "R", tmp_path / "S"], images=tmp_path
    )
    result = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    nothing, everything = result["scores"]
    assert (nothing["precision"], nothing["recall"], nothing["f1"], nothing["average_precision"]) == (
        0,
        0,
        0,
        0,
    )
    assert (everything["precision"], everything["recall"], everything["f1"]) == (1, 1, 1)
    assert everything["average_precision"] == pytest.approx(1)
    assert result["comparisons"][0]["difference"] == 1 and result["num_boxes"] == 3
