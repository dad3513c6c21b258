import numpy as np
import pytest
import torch
from torch.nn import functional

from tasks.formats.label_maps import LabelMapRecord
from tasks.formats.segmenters import (
    TrainedOn,
    describe_training_set,
    numbered_table,
    read_trained_on,
)
from tasks.segmentation.opened_segmenters import OpenSegmenter
from tasks.segmentation.segmenting_photos import fit_photo, read_labels_at, segment_photo


def opened(width: int, height: int, *, stretch: float = 1.0) -> OpenSegmenter:
    """One whose class is 1 where a pixel is bright."""
    seen = TrainedOn(classes=numbered_table(2), width_px=width, height_px=height, stretch=stretch)

    def find(image_hwc: np.ndarray) -> np.ndarray:
        assert image_hwc.shape == (height, width, 3)
        bright = image_hwc[..., 0].astype(np.float32) - 127
        return np.stack([-bright, bright])

    return OpenSegmenter(height, width, seen, False, find)


def test_a_photo_is_fitted_in_its_own_shape_and_the_rest_repeats_its_edge():
    photo = np.full((50, 200, 3), 255, np.uint8)
    photo[-10:] = 40
    fitted, filled = fit_photo(opened(100, 80), photo)
    assert filled == (25, 100) and fitted.shape == (80, 100, 3)
    assert fitted[0, 0, 0] == 255 and (fitted[24:] == 40).all()


def test_a_photo_is_stretched_as_the_training_images_were():
    # 200 x 100 became 100 x 100: half as wide for their height.
    record = LabelMapRecord("a", "train", "", "", "", True, 200, 100)
    seen = describe_training_set(numbered_table(2), [record], (100, 100))
    assert seen.stretch == 0.5
    _, filled = fit_photo(opened(100, 100, stretch=seen.stretch), np.zeros((50, 100, 3), np.uint8))
    assert filled == (100, 100)


def test_what_is_bright_is_found_where_it_lies_in_the_photo():
    photo = np.zeros((60, 90, 3), np.uint8)
    photo[12:24, 30:60] = 255
    labels = segment_photo(opened(30, 40), photo)
    expected = photo[..., 0] == 255
    # A third of a pixel inside a corner the score is 2/3 of 2/3 bright: less than half.
    for row, column in ((12, 30), (12, 59), (23, 30), (23, 59)):
        expected[row, column] = False
    np.testing.assert_array_equal(labels == 1, expected)


def test_scores_are_interpolated_as_torch_does_before_a_class_is_taken():
    logits = np.random.default_rng(0).normal(size=(5, 7, 9)).astype(np.float32)
    size = (2100, 41)  # more than two bands of rows
    expected = functional.interpolate(torch.from_numpy(logits)[None], size=size, mode="bilinear")[0]
    likeliest = read_labels_at(logits, size, has_levels=False)
    # OpenCV places pixels to 1/32.
    assert (likeliest != expected.argmax(0).numpy()).mean() < 0.02
    levels = read_labels_at(logits, size, has_levels=True)
    assert (levels != (expected > 0).sum(0).numpy()).mean() < 0.05


def test_at_the_networks_own_size_nothing_is_interpolated():
    logits = np.random.default_rng(0).normal(size=(5, 7, 9)).astype(np.float32)
    np.testing.assert_array_equal(read_labels_at(logits, (7, 9), has_levels=False), logits.argmax(0))
    np.testing.assert_array_equal(read_labels_at(logits, (7, 9), has_levels=True), (logits > 0).sum(0))


def test_a_file_that_says_nothing_has_numbered_classes_and_its_crops_size():
    seen = read_trained_on({}, num_classes=3, image_hw=(32, 48))
    assert seen.classes.class_names() == ("class 0", "class 1", "class 2")
    assert (seen.width_px, seen.height_px, seen.stretch) == (48, 32, pytest.approx(1))
