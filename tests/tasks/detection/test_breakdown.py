import numpy as np
import pytest

from models.detection.data import Detections
from tasks.detection.breakdown import BreakdownConfig, Frames, break_down, dissect_images
from tasks.formats.detection_sets import SetImage


def record(*boxes, visibilities=None, scale=1.0, left_px=0.0):
    seen = (1.0,) * len(boxes) if visibilities is None else visibilities
    return SetImage("a", "", scale, left_px, 0.0, tuple(boxes), (), seen)


def found(*rows):
    values = np.array(rows, np.float32).reshape(-1, 5)
    return Detections(values[:, :4], values[:, 4], np.zeros(len(values), np.int64))


def test_distance_and_size_are_those_at_the_detectors_input():
    # A source of 100 x 100 px, doubled into the middle of 240 x 200: its centre is (50, 50), half its side 100 px.
    frames = Frames([], (200, 240))
    image = record(scale=2.0, left_px=20.0)
    boxes = np.array([(45, 45, 55, 55), (70, 40, 90, 60), (0, 0, 4, 10)], np.float32)
    np.testing.assert_allclose(frames.distances(boxes, image), [0, 0.6, np.hypot(48, 45) / 50], rtol=1e-6)
    np.testing.assert_allclose(frames.sizes_px(boxes, image), [20, 40, 20])


@pytest.fixture
def result():
    """Two images of 100 x 100: three boxes, of which one seed finds two and the other one, with a false one far out."""
    near, far, seen_little = (45.0, 45, 55, 55), (80.0, 45, 100, 65), (40.0, 60, 50, 70)
    records = [record(near, far), record(seen_little, visibilities=(0.4,))]
    first = [found((*near, 0.9), (*far, 0.8)), found((*seen_little, 0.2))]  # the last is below the threshold
    second = [found((*near, 0.9), (0, 90, 10, 100, 0.6)), found()]
    seeds = [(first, 0.5), (second, 0.5)]
    anatomies = [dissect_images(images, records, threshold=t, iou=0.5) for images, t in seeds]
    config = BreakdownConfig(distance_edges=(0.5,), size_edges_px=(15,), visibility_edges=(0.5,))
    return break_down(Frames(records, (100, 100)), seeds, anatomies, config)


def test_errors_are_summed_over_seeds(result):
    assert result["errors"] == {"missed": 3, "background": 1, "localisation": 0, "duplicate": 0}


def test_rates_of_a_bin_are_those_of_its_boxes_and_its_false_detections(result):
    near, far = result["bins"]["distance from the centre"]
    # below 0.5 (25 px): `near`, found twice, and the one seen little, at hypot(5, 15) = 15.8 px, missed twice
    assert (near["name"], near["num_boxes"], near["precision"], near["recall"]) == ("below 0.5", 4, 1, 0.5)
    assert near["f1"] == pytest.approx(2 / 3)
    # from 0.5: `far` found by one seed of two, and one false detection
    assert (far["name"], far["num_boxes"], far["precision"], far["recall"]) == ("from 0.5", 2, 0.5, 0.5)
    small, large = result["bins"]["size in px"]
    assert (small["precision"], small["recall"]) == (pytest.approx(2 / 3), 0.5)
    assert (large["precision"], large["recall"]) == (1, 0.5)


def test_visibility_has_recall_alone(result):
    hidden, seen = result["bins"]["visible share"]
    assert (hidden["recall"], seen["recall"]) == (0, 3 / 4)
    assert hidden["precision"] is None and seen["f1"] is None


def test_the_worst_images_come_first_and_faultless_ones_not_at_all(result):
    # first image: the second seed misses `far` and finds a false one; second image: missed by both. Ties keep order.
    assert result["worst"] == [0, 1]
    perfect = [dissect_images([found((0, 0, 9, 9, 0.9))], [record((0.0, 0, 9, 9))], threshold=0.5, iou=0.5)]
    frames = Frames([record((0.0, 0, 9, 9))], (100, 100))
    seeds = [([found((0, 0, 9, 9, 0.9))], 0.5)]
    assert break_down(frames, seeds, perfect, BreakdownConfig())["worst"] == []


def test_edges_that_do_not_ascend_are_refused():
    with pytest.raises(ValueError, match=r"must ascend, but were \[64.0, 32.0\]; sort them"):
        BreakdownConfig(size_edges_px=(64, 32))
