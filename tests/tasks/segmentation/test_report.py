import numpy as np

from tasks.segmentation.page import class_table, confusion_tables
from tasks.segmentation.report import error_map


def test_wrong_pixels_are_red_and_unknown_ones_dark():
    truth, labels = np.array([[0, 1, 255]], np.uint8), np.array([[0, 0, 0]], np.uint8)
    right, wrong, unknown = error_map(truth, labels)[0].astype(int)
    assert wrong[0] > 2 * wrong[1] and right.min() > 200 and unknown.max() < 60


def test_confusions_are_shares_of_the_true_class():
    tables = confusion_tables({"classes": ["a", "b"], "arms": {"x": [[3, 1], [0, 0]]}})
    assert tables == {"x": [[0.75, 0.25], [0.0, 0.0]]}


def test_a_class_that_nobody_saw_has_no_number():
    evaluation = {
        "scores": [{"arm": "x"}],
        "classes": [{"name": "road", "iou": {"x": 0.25}}, {"name": "train", "iou": {"x": None}}],
    }
    table = class_table(evaluation)
    assert table.header == ("Class", "x") and table.rows == (("road", "0.250"), ("train", "–"))
