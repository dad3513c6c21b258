import numpy as np
import pytest

from models.detection.scoring.agreement import group_detections, outside_of, unfound_boxes

LEFT, RIGHT = [0.0, 0.0, 10.0, 10.0], [50.0, 0.0, 60.0, 10.0]
NONE = np.zeros((0, 4))


def array(*boxes) -> np.ndarray:
    return np.array(boxes, float).reshape(-1, 4)


def test_a_box_is_found_when_one_detector_overlaps_it_enough():
    # 4 px aside: 6 x 10 in common of 140, IoU 0.43; 8 px aside: 20 of 180, IoU 0.11.
    found = [array([4, 0, 14, 10]), array([58, 0, 68, 10])]
    assert unfound_boxes(array(LEFT, RIGHT), found, iou_threshold=0.3).tolist() == [False, True]
    assert unfound_boxes(array(LEFT, RIGHT), found, iou_threshold=0.1).tolist() == [False, False]
    assert unfound_boxes(array(LEFT), [NONE, NONE], iou_threshold=0.3).tolist() == [True]
    assert unfound_boxes(NONE, found, iou_threshold=0.3).tolist() == []


def test_a_detection_is_outside_where_no_box_covers_more_than_a_part_of_it():
    found = array([9, 0, 19, 10], [5, 0, 15, 10])  # a tenth and a half of them in LEFT
    assert outside_of(found, array(LEFT, RIGHT), most_covered=0.1).tolist() == [True, False]
    assert outside_of(found, NONE, most_covered=0.1).tolist() == [True, True]


def test_detectors_that_mean_one_place_are_one_group_with_the_surest_box():
    found = [array(LEFT, RIGHT), array([1, 0, 11, 10]), array([0, 1, 10, 11], LEFT)]
    scores = [np.array([0.5, 0.9]), np.array([0.8]), np.array([0.6, 0.4])]
    first, second = group_detections(found, scores, iou_threshold=0.5)
    assert first.box_xyxy.tolist() == RIGHT and first.num_detectors == 1 and first.mean_score == 0.9
    assert second.box_xyxy.tolist() == [1, 0, 11, 10] and second.num_detectors == 3
    # Of the third detector's two only the surer one counts: (0.5 + 0.8 + 0.6) / 3.
    assert second.mean_score == pytest.approx(1.9 / 3)


def test_where_nothing_is_found_there_are_no_groups():
    assert group_detections([NONE, NONE], [np.zeros(0), np.zeros(0)], iou_threshold=0.5) == []
