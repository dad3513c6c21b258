import numpy as np
import pytest

from models.soiling.mask_iou import matching_iou, mean_iou, new_share, pairwise_iou, soft_iou


def mask(*soiled: int) -> np.ndarray:
    """A row of ten pixels."""
    row = np.zeros((1, 10), np.float32)
    row[0, list(soiled)] = 0.8
    return row


def test_iou_of_pairs_is_by_what_is_soiled_in_both_and_in_either():
    found = pairwise_iou(
        np.stack([mask(0, 1, 2), mask()]), np.stack([mask(1, 2, 3, 4), mask(0, 1, 2), mask()])
    )
    assert found.tolist() == [[2 / 5, 1.0, 0.0], [0.0, 0.0, 1.0]]


def test_partners_without_soiling_count_for_nothing_in_the_mean():
    first, second = np.stack([mask(0, 1), mask(), mask(5)]), np.stack([mask(1), mask(), mask(6)])
    np.testing.assert_array_equal(matching_iou(first, second), [0.5, np.nan, 0.0])
    assert mean_iou(first, second) == 0.25
    assert mean_iou(mask()[None], mask()[None]) == 0.0


def test_a_pixel_is_soiled_from_half_opacity_on():
    half, less = np.full((1, 2, 2), 0.5, np.float32), np.full((1, 2, 2), 0.49, np.float32)
    assert matching_iou(half, np.ones_like(half)).tolist() == [1.0]
    assert matching_iou(less, np.ones_like(half)).tolist() == [0.0]
    assert matching_iou(less, np.ones_like(half), soiled=0.3).tolist() == [1.0]


def test_soft_iou_needs_no_threshold():
    first = np.array([[[0.2, 0.6]], [[0.0, 0.0]]], np.float32)
    second = np.array([[[0.4, 0.3]], [[0.0, 0.0]]], np.float32)
    assert soft_iou(first, second).tolist() == pytest.approx([0.5 / 1.0, 1.0])


def test_new_masks_are_those_that_no_mask_of_the_training_is_like():
    training = np.stack([mask(*range(10)), mask(0)])
    drawn = np.stack([mask(*range(9)), mask(*range(8)), mask(0), mask(5)])
    # Their nearest have IoUs of 0.9, 0.8, 1 and 0.1.
    assert new_share(drawn, training) == 0.5
