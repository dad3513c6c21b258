import numpy as np

from models.detection.scoring.anatomy import count_errors, dissect


def boxes(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def test_each_detection_and_each_missed_box_has_one_kind():
    truth = boxes((0, 0, 10, 10), (30, 0, 40, 10), (60, 0, 70, 10))
    found = boxes(
        (0, 0, 10, 10),  # takes the first
        (0, 0, 10, 9),  # IoU 0.9 with the first, which is taken
        (30, 0, 34, 10),  # IoU 0.4 with the second
        (100, 0, 110, 10),  # on nothing
        (69, 0, 79, 10),  # IoU 10 / 190 = 0.05 with the third
        (200, 0, 210, 10),  # in an ignored region
    )
    result = dissect(found, truth, boxes((195, 0, 215, 20)), iou_threshold=0.5)
    assert result.kinds == ("true", "duplicate", "localisation", "background", "background", "ignored")
    assert result.box_of.tolist() == [0, -1, -1, -1, -1, -2]
    assert result.is_missed.tolist() == [False, True, True]
    assert count_errors([result, result]) == {
        "missed": 4,
        "background": 4,
        "localisation": 2,
        "duplicate": 2,
    }


def test_an_empty_image_has_only_background_and_no_detections_only_misses():
    assert dissect(boxes((0, 0, 5, 5)), boxes(), boxes(), iou_threshold=0.5).kinds == ("background",)
    nothing = dissect(boxes(), boxes((0, 0, 5, 5)), boxes(), iou_threshold=0.5)
    assert nothing.kinds == () and nothing.count("missed") == 1


def test_kinds_follow_the_chosen_overlap():
    loose = dissect(boxes((0, 0, 4, 10)), boxes((0, 0, 10, 10)), boxes(), iou_threshold=0.3)
    assert loose.kinds == ("true",)
