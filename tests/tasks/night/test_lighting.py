import numpy as np
import pytest

from tasks.night.lighting import (
    brightness_histograms,
    find_prototypes,
    tell_lighting,
    wasserstein_distances,
)


def images_of(*levels):
    """Images of one brightness above the middle, and of full brightness below it."""
    images = np.full((len(levels), 8, 6, 3), 255, np.uint8)
    for image, level in zip(images, levels, strict=True):
        image[:4] = level
        image[:4, :, 0] = level // 2
    return images


def test_a_histogram_is_of_the_largest_colour_of_the_upper_half():
    (histogram,) = brightness_histograms(images_of(100))
    assert histogram.argmax() == 100 // 8 and histogram[100 // 8] == 1


def test_a_distance_is_how_far_brightness_has_to_move():
    """Half of the pixels 4 bins of 8 levels up, half of them 2 bins."""
    first, second = np.zeros(32), np.zeros(32)
    first[[3, 10]] = 0.5
    second[[7, 12]] = 0.5
    assert wasserstein_distances(first[None], second) == pytest.approx([0.5 * 32 + 0.5 * 16])
    assert wasserstein_distances(second[None], second) == pytest.approx([0])


def test_day_and_night_are_found_without_examples_and_what_is_between_is_twilight():
    levels = [20, 30, 24, 40, 120, 200, 210, 220, 205, 200]
    histograms = brightness_histograms(images_of(*levels))
    day, night = find_prototypes(histograms)
    found = tell_lighting(histograms, day, night, least_margin=0.2)
    assert found.kinds == ("night",) * 4 + ("twilight",) + ("day",) * 5
    assert found.margins[4] < 0.2 < found.margins[[0, 9]].min()


def test_no_margin_leaves_no_twilight_between_them():
    histograms = brightness_histograms(images_of(20, 120, 200))
    found = tell_lighting(histograms, histograms[2], histograms[0], least_margin=0)
    assert found.kinds == ("night", "day", "day")


def test_equal_images_are_neither():
    histograms = brightness_histograms(images_of(90, 90, 90))
    assert (
        tell_lighting(histograms, *find_prototypes(histograms), least_margin=0.1).kinds == ("twilight",) * 3
    )


def test_a_single_image_is_refused():
    with pytest.raises(ValueError, match="at least 2 images, but there are 1"):
        find_prototypes(brightness_histograms(images_of(90)))
