import numpy as np
import pytest

from models.judging.sufficient_statistics import (
    class_statistics,
    detection_statistics,
    error_statistics,
    value_statistics,
)


def test_every_seed_has_the_boxes_of_an_image():
    found = detection_statistics(np.array([[1, 0], [2, 1]]), np.array([[3, 0], [2, 4]]), np.array([5, 6]))
    assert found.tolist() == [[[1, 3, 5], [0, 0, 6]], [[2, 2, 5], [1, 4, 6]]]


def test_classes_have_right_annotated_and_predicted_pixels():
    confusion = np.array([[5, 1, 0], [2, 3, 0], [0, 4, 7]])
    assert class_statistics(confusion).tolist() == [5, 3, 7, 6, 5, 11, 7, 8, 7]
    assert class_statistics(np.stack([confusion, 2 * confusion])[None]).shape == (1, 2, 9)


def test_of_an_ignored_class_no_annotated_pixel_enters():
    # Class 2 is void. Of class 0, one pixel was taken for it: wrong, as any other class would be.
    confusion = np.array([[5, 1, 1], [2, 3, 0], [100, 100, 100]])
    assert class_statistics(confusion, ignored=(2,)).tolist() == [5, 3, 7, 5, 7, 4]


def test_a_value_that_has_no_mean_is_refused():
    assert value_statistics(np.array([[20.0, 30.0]])).tolist() == [[[20, 1], [30, 1]]]
    with pytest.raises(ValueError, match="1 of 2 values are not finite"):
        value_statistics(np.array([[20.0, np.inf]]))


def test_squared_errors_are_in_squares_of_the_peak():
    # 8 and 16 in squares of 2
    found = error_statistics(np.array([[8.0, 16.0]]), np.array([10, 20]), peak=2.0)
    assert found.tolist() == [[[2, 10], [4, 20]]]
