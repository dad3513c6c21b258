from dataclasses import replace

import numpy as np
import pytest

from models.augmentation.config import IGNORE_LABEL
from models.segmentation.data import SegmentationSet, check_set, count_pixels

IMAGES = np.zeros((2, 16, 20, 3), np.uint8)
LABELS = np.zeros((2, 16, 20), np.uint8)
DATA = SegmentationSet(IMAGES, LABELS)


def with_label(label: int) -> np.ndarray:
    labels = LABELS.copy()
    labels[1, 3, 4] = label
    return labels


def test_known_pixels_are_counted_by_class_and_others_left_out():
    labels = with_label(2)
    labels[0, :4] = IGNORE_LABEL
    counts = check_set("training", replace(DATA, labels_nhw=labels), num_classes=3)
    assert counts.tolist() == [2 * 320 - 1 - 80, 0, 1]
    assert count_pixels(labels)[IGNORE_LABEL] == 80


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"images_nhwc": IMAGES.astype(float)},
            r"training images must be uint8 .* but were float64 \[2, 16, 20, 3\]",
        ),
        ({"images_nhwc": IMAGES[:0], "labels_nhw": LABELS[:0]}, "with n >= 1"),
        (
            {"labels_nhw": LABELS[:1]},
            r"label maps must be uint8 \[2, 16, 20\] as the images are.* \[1, 16, 20\]",
        ),
        ({"labels_nhw": LABELS.astype(int)}, "but were int64"),
        ({"images_nhwc": IMAGES[:, :15], "labels_nhw": LABELS[:, :15]}, "are 20 x 15 px, but 16 px"),
        (
            {"labels_nhw": with_label(3)},
            r"training image 1 must be in 0\.\.2 or 255, .* but one is 3; map it",
        ),
        ({"labels_nhw": LABELS + np.uint8(IGNORE_LABEL)}, "no labelled pixel in its 2 images"),
    ],
)
def test_sets_that_cannot_be_trained_on_are_refused_in_one_line(changes, message):
    with pytest.raises(ValueError, match=message):
        check_set("training", replace(DATA, **changes), num_classes=3)


def test_a_memory_map_is_a_set(tmp_path):
    np.save(tmp_path / "labels.npy", with_label(1))
    mapped = np.load(tmp_path / "labels.npy", mmap_mode="r")
    assert check_set("training", replace(DATA, labels_nhw=mapped), num_classes=2)[1] == 1
