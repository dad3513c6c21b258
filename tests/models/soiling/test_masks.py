import math

import cv2
import numpy as np
import pytest
import torch

from models.soiling.masks import alpha_of_levels, check_masks, clear_faint, resize_mask, smooth, steepen


def test_levels_of_polygons_become_what_they_hide_and_ignored_pixels_hide_nothing():
    alpha = alpha_of_levels(torch.tensor([[[0, 1, 2, 3, 255]]], dtype=torch.uint8))
    assert alpha.shape == (1, 1, 1, 5)
    assert alpha.flatten().tolist() == pytest.approx([0.0, 0.25, 0.6, 1.0, 0.0])


def test_a_level_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match=r"0 to 3 or 255, which is ignored, but one is 4"):
        alpha_of_levels(torch.full((1, 2, 2), 4))


@pytest.mark.parametrize("sigma", [0.8, 4.0])
def test_smoothing_is_opencvs_gaussian_with_the_border_continued(sigma):
    mask = np.random.default_rng(0).random((24, 40), dtype=np.float32)
    size = 2 * math.ceil(4 * sigma) + 1
    expected = cv2.GaussianBlur(mask, (size, size), sigma, borderType=cv2.BORDER_REPLICATE)
    found = smooth(torch.from_numpy(mask)[None, None], sigma)[0, 0]
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_smoothing_is_in_float32_where_networks_run_in_bfloat16():
    mask = torch.rand(1, 1, 24, 40, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = smooth(mask)
    assert found.dtype == torch.float32
    assert torch.equal(found, smooth(mask))


def test_smoothing_by_0_changes_nothing():
    mask = torch.rand(2, 1, 5, 7, generator=torch.Generator().manual_seed(0))
    assert torch.equal(smooth(mask, 0), mask)


def test_masks_are_0_below_the_first_level():
    assert clear_faint(torch.tensor([0.0, 0.0199, 0.02, 0.7])).tolist() == pytest.approx(
        [0.0, 0.0, 0.02, 0.7]
    )


def test_a_mask_is_enlarged_bilinearly():
    found = resize_mask(torch.tensor([[[[0.0, 1.0]] * 2]]), (8, 8))
    # The middle of pixel i lies at (i + 0.5) / 4 - 0.5 of the small mask.
    assert found[0, 0, 3].tolist() == pytest.approx([0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1])


def test_a_mask_that_shrinks_keeps_what_is_thin():
    stripes = torch.zeros(1, 1, 64, 64)
    stripes[..., ::4] = 1
    # By a triangle that reaches 4 pixels either way, and not by the two pixels in the middle, both of which are 0.
    assert resize_mask(stripes, (16, 16))[0, 0, 8, 2:-2].tolist() == pytest.approx([0.25] * 12)


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        (np.zeros((2, 4, 4)), r"must be float32 .* but were float64 \[2, 4, 4\]"),
        (np.zeros((0, 4, 4), np.float32), r"n >= 1, but were float32 \[0, 4, 4\]"),
        (np.full((2, 4, 4), 2, np.float32), r"must be in 0..1, but are in 2..2"),
    ],
)
def test_masks_that_are_none_are_refused(masks, message):
    with pytest.raises(ValueError, match=message):
        check_masks("drawn", masks)


def test_steeper_edges_keep_a_half_where_it_is_and_stay_in_range():
    masks = np.array([[[0.0, 0.3, 0.4, 0.5, 0.6, 0.9, 1.0]]], np.float32)
    found = steepen(masks, 3.0)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[0, 0], [0, 0, 0.2, 0.5, 0.8, 1, 1], atol=1e-6)
    np.testing.assert_array_equal(steepen(masks, 1.0), masks)
