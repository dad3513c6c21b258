import numpy as np
import pytest

from models.detection.data import Detections, DetectionSet
from models.detection.scoring.drawn_precision import drawn_average_precisions, rank_detections
from models.detection.scoring.metrics import average_precision, match_set


def scene(seed: int, *, num_images: int) -> tuple[list[Detections], list[np.ndarray], list[np.ndarray]]:
    """Boxes of ten pixels, and detections that are some of them, moved, with false ones between."""
    rng = np.random.default_rng(seed)
    found, boxes, ignored = [], [], []
    for _ in range(num_images):
        corners = rng.uniform(0, 90, (rng.integers(0, 5), 2))
        truth = np.concatenate([corners, corners + 10], axis=1).astype(np.float32)
        guesses = np.concatenate([truth + rng.normal(0, 2, truth.shape), rng.uniform(0, 90, (3, 4))])
        guesses[:, 2:] = np.maximum(guesses[:, 2:], guesses[:, :2] + 1)
        scores = np.sort(rng.uniform(size=len(guesses)))[::-1]
        order = rng.permutation(len(guesses))
        found.append(Detections(guesses[order].astype(np.float32), scores, np.zeros(len(guesses), int)))
        boxes.append(truth)
        ignored.append(np.array([[0, 0, 20, 20]], np.float32))
    return found, boxes, ignored


def as_set(boxes, ignored) -> DetectionSet:
    return DetectionSet(np.zeros((len(boxes), 1, 1, 3), np.uint8), boxes, ignored)


@pytest.mark.parametrize("seed", range(4))
def test_a_draw_scores_as_the_set_in_which_each_image_stands_so_often(seed):
    found, boxes, ignored = scene(seed, num_images=12)
    weights = np.random.default_rng(seed).integers(0, 4, (5, 12)).astype(float)
    ranked = rank_detections(found, as_set(boxes, ignored), iou_threshold=0.5)
    drawn = drawn_average_precisions(ranked, np.concatenate([weights, np.ones((1, 12))]))
    for row, value in zip([*weights.astype(int), np.ones(12, int)], drawn, strict=True):
        chosen = np.repeat(np.arange(12), row)
        repeated = as_set([boxes[index] for index in chosen], [ignored[index] for index in chosen])
        matches = match_set([found[index] for index in chosen], repeated, iou_threshold=0.5)
        assert value == pytest.approx(average_precision(matches), abs=1e-12)


def test_average_precision_by_hand():
    """Two images of one box each; best first: true in the first, false in the first, true in the second."""
    box, far = (0.0, 0, 10, 10), (50.0, 50, 60, 60)
    data = as_set([np.array([box], np.float32)] * 2, [np.zeros((0, 4), np.float32)] * 2)
    labels = np.zeros(2, int)
    found = [
        Detections(np.array([box, far], np.float32), np.array([0.9, 0.8]), labels),
        Detections(np.array([box], np.float32), np.array([0.7]), labels[:1]),
    ]
    ranked = rank_detections(found, data, iou_threshold=0.5)
    weights = np.array([[1.0, 1], [2, 0], [0, 2], [0, 0]])
    # all: precision 1 up to recall .5 (51 levels), then 2/3 (50); twice the first: 1; twice the second: 1; none: undefined
    both, first, second, none = drawn_average_precisions(ranked, weights)
    assert both == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert (first, second) == (1, 1)
    assert np.isnan(none)


def test_where_nothing_is_found_the_average_precision_is_zero():
    nothing = Detections(np.zeros((0, 4), np.float32), np.zeros(0), np.zeros(0, int))
    data = as_set([np.array([(0.0, 0, 10, 10)], np.float32)], [np.zeros((0, 4), np.float32)])
    assert drawn_average_precisions(rank_detections([nothing], data, iou_threshold=0.5), np.ones((1, 1))) == [
        0
    ]
