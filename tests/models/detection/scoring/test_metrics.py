import contextlib
import io

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from models.detection.data import Detections, DetectionSet
from models.detection.scoring.metrics import (
    Matches,
    average_precision,
    average_precisions,
    choose_threshold,
    f1_at_thresholds,
    match_image,
    match_set,
    precision_at_recalls,
    quality_at,
)


def boxes(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


NONE = boxes()


def found(rows: np.ndarray, scores: list[float]) -> Detections:
    return Detections(rows, np.array(scores, np.float32), np.zeros(len(rows), np.int64))


def truth(*images: np.ndarray, ignore: list[np.ndarray] | None = None) -> DetectionSet:
    return DetectionSet(np.zeros((len(images), 8, 8, 3), np.uint8), list(images), ignore)


def test_a_box_is_found_once_and_the_second_detection_of_it_is_false():
    twice = boxes((0, 0, 10, 10), (0, 0, 10, 9))
    assert match_image(twice, boxes((0, 0, 10, 10)), NONE, iou_threshold=0.5).tolist() == [1, 0]


def test_an_overlap_of_exactly_the_threshold_counts():
    assert match_image(boxes((0, 0, 10, 5)), boxes((0, 0, 10, 10)), NONE, iou_threshold=0.5).tolist() == [1]
    assert match_image(boxes((0, 0, 10, 4.9)), boxes((0, 0, 10, 10)), NONE, iou_threshold=0.5).tolist() == [0]


def test_detections_inside_an_ignored_region_do_not_count_but_a_box_there_is_still_found():
    detections = boxes((0, 0, 10, 10), (40, 40, 50, 50), (80, 80, 90, 90))
    outcome = match_image(detections, boxes((0, 0, 10, 10)), boxes((0, 0, 60, 60)), iou_threshold=0.5)
    assert outcome.tolist() == [1, -1, 0]


def test_rates_are_those_of_the_counts():
    # scores .9 true, .8 false, .7 true of 4 boxes
    matches = Matches(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), 4)
    quality = quality_at(matches, 0.75)
    assert (quality.precision, quality.recall, quality.f1) == (0.5, 0.25, 2 / 6)
    assert choose_threshold(matches).threshold == pytest.approx(0.7)
    assert choose_threshold(matches).f1 == pytest.approx(4 / 7)


def test_detections_with_one_score_stand_or_fall_together():
    # Alone, the first true detection would have F1 = 1; its score is shared by a false one.
    matches = Matches(np.array([0.5, 0.5]), np.array([True, False]), 1)
    assert choose_threshold(matches).f1 == pytest.approx(2 / 3)
    assert choose_threshold(matches).num_found == 2


def test_an_image_without_detections_misses_only_its_own_boxes():
    data = truth(boxes((0, 0, 10, 10)), boxes((0, 0, 10, 10)))
    matches = match_set([found(NONE, []), found(boxes((0, 0, 10, 10)), [0.9])], data)
    assert quality_at(matches, 0.5).recall == 0.5
    assert quality_at(matches, 0.5).precision == 1


def test_nothing_is_nan_when_there_is_nothing_to_count():
    for data, detections in (
        (truth(NONE), [found(NONE, [])]),
        (truth(NONE), [found(boxes((0, 0, 1, 1)), [0.9])]),
        (truth(boxes((0, 0, 1, 1))), [found(NONE, [])]),
        (truth(), []),
    ):
        matches = match_set(detections, data)
        quality = choose_threshold(matches)
        rates = [quality.precision, quality.recall, quality.f1, quality.threshold, average_precision(matches)]
        assert np.isfinite(rates).all()
        assert max(rates[:3]) == 0


def test_a_detection_of_the_wrong_class_is_false():
    data = DetectionSet(np.zeros((1, 8, 8, 3), np.uint8), [boxes((0, 0, 9, 9))], labels=[np.array([1])])
    detection = Detections(boxes((0, 0, 9, 9)), np.array([0.9]), np.array([0]))
    matches = match_set([detection], data)
    assert (matches.is_true.sum(), matches.num_boxes) == (0, 1)
    assert len(match_set([detection], data, label=1).scores) == 0


def random_case(seed: int) -> tuple[list[Detections], DetectionSet]:
    """Images with crowds, with coarse coordinates and scores so that IoUs and scores tie, some of them
    empty.
    """
    rng = np.random.default_rng(seed)
    all_found, all_boxes, all_ignored = [], [], []
    for _ in range(12):
        truth_boxes = random_boxes(rng, int(rng.integers(0, 8)))
        near = truth_boxes + rng.integers(-2, 3, truth_boxes.shape)
        rows = np.concatenate((near, random_boxes(rng, int(rng.integers(0, 6)))))
        rows = rows[(rows[:, 2] > rows[:, 0]) & (rows[:, 3] > rows[:, 1])]
        rows = rows[rng.permutation(len(rows))][: rng.integers(0, 12)]
        all_found.append(found(rows.astype(np.float32), (rng.integers(1, 8, len(rows)) / 8).tolist()))
        all_boxes.append(truth_boxes.astype(np.float32))
        all_ignored.append(random_boxes(rng, int(rng.integers(0, 2))).astype(np.float32))
    return all_found, truth(*all_boxes, ignore=all_ignored)


def random_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    low = rng.integers(0, 40, (count, 2))
    return np.concatenate((low, low + rng.integers(6, 20, (count, 2))), axis=1).astype(np.float64)


def coco_average_precision(
    detections: list[Detections], data: DetectionSet, iou_threshold: float | None
) -> float:
    """pycocotools' average precision at one IoU, or None: its mean over .5 to .95."""
    annotations, results = [], []
    for image, detection in enumerate(detections):
        for is_crowd, rows in (
            (0, data.annotation(image).boxes_xyxy),
            (1, data.annotation(image).ignore_xyxy),
        ):
            for left, top, right, bottom in rows.astype(float):
                box = [left, top, right - left, bottom - top]
                annotations.append(
                    {"image_id": image, "bbox": box, "iscrowd": is_crowd, "area": box[2] * box[3]}
                )
        for (left, top, right, bottom), score in zip(
            detection.boxes_xyxy.astype(float), detection.scores, strict=True
        ):
            box = [left, top, right - left, bottom - top]
            results.append({"image_id": image, "category_id": 1, "bbox": box, "score": float(score)})
    dataset = COCO()
    dataset.dataset = {
        "images": [{"id": image} for image in range(len(detections))],
        "annotations": [{"id": k + 1, "category_id": 1} | entry for k, entry in enumerate(annotations)],
        "categories": [{"id": 1}],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        dataset.createIndex()
        evaluation = COCOeval(dataset, dataset.loadRes(results), "bbox")
        if iou_threshold is not None:
            evaluation.params.iouThrs = np.array([iou_threshold])
        evaluation.evaluate()
        evaluation.accumulate()
    return float(evaluation.eval["precision"][:, :, 0, 0, -1].mean())


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("iou_threshold", [0.3, 0.5, 0.75])
def test_average_precision_is_that_of_pycocotools(seed, iou_threshold):
    detections, data = random_case(seed)
    ours = average_precision(match_set(detections, data, iou_threshold=iou_threshold))
    assert ours == pytest.approx(coco_average_precision(detections, data, iou_threshold), abs=1e-6)


@pytest.mark.parametrize("seed", range(20, 50))
def test_the_mean_over_overlaps_is_that_of_pycocotools(seed):
    detections, data = random_case(seed)
    ours = average_precisions(detections, data, ious=(0.3, 0.5))
    assert list(ours) == ["AP30", "AP50", "AP50:95"]
    assert ours["AP30"] == pytest.approx(coco_average_precision(detections, data, 0.3), abs=1e-6)
    assert ours["AP50"] == pytest.approx(coco_average_precision(detections, data, 0.5), abs=1e-6)
    assert ours["AP50:95"] == pytest.approx(coco_average_precision(detections, data, None), abs=1e-6)


def test_without_any_detection_every_average_precision_is_zero():
    _, data = random_case(0)
    nothing = [found(NONE, []) for _ in range(len(data))]
    assert set(average_precisions(nothing, data, ious=(0.5,)).values()) == {0.0}


def test_curves_are_those_of_the_counts():
    # scores .9 true, .8 false, .7 true of 4 boxes
    matches = Matches(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), 4)
    precision = precision_at_recalls(matches)
    # up to recall .25 the first alone, up to .5 two of three, never beyond
    assert precision[25] == 1 and precision[26] == precision[50] == pytest.approx(2 / 3)
    assert not precision[51:].any()
    curve = f1_at_thresholds(matches, np.array([0.95, 0.85, 0.75, 0.5]))
    np.testing.assert_allclose(curve, [0, 2 / 5, 2 / 6, 4 / 7])
