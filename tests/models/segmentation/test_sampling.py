import numpy as np
import pytest

from models.segmentation.sampling import find_rare_classes

# 8 pixels an image: three images of class 0 alone, one that also shows class 1; class 2 is nowhere; 255 does not count.
LABELS = np.array(
    [[0] * 8, [0] * 8, [0, 0, 255, 255, 255, 255, 255, 255], [0, 0, 0, 0, 0, 0, 1, 1]], np.uint8
)[:, None]


def test_chances_follow_from_the_shares_of_pixels():
    """24 pixels of class 0 and 2 of class 1."""
    found = find_rare_classes(LABELS, num_classes=3, temperature=0.5)
    weights = np.exp([(1 - 24 / 26) / 0.5, (1 - 2 / 26) / 0.5])
    np.testing.assert_allclose(found.chances_c, [*(weights / weights.sum()), 0])
    assert [list(images) for images in found.images_by_class] == [[0, 1, 2, 3], [3], []]


def test_rare_classes_are_shown_more_often_than_they_come():
    found = find_rare_classes(LABELS, num_classes=3, temperature=0.1)
    drawn = found.draw(np.random.default_rng(0), 400)
    assert (drawn == 3).mean() > 0.9
    assert (
        find_rare_classes(LABELS, num_classes=3, temperature=1e6).draw(np.random.default_rng(0), 400) != 3
    ).any()


def test_a_low_temperature_is_no_overflow():
    found = find_rare_classes(LABELS, num_classes=3, temperature=1e-5)
    assert found.chances_c.tolist() == [0, 1, 0]


def test_label_maps_without_any_class_are_refused():
    with pytest.raises(ValueError, match="No pixel has a class"):
        find_rare_classes(np.full((2, 1, 4), 255, np.uint8), num_classes=3, temperature=1)
