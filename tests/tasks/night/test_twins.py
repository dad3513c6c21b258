import json

import numpy as np
import pytest

from tasks.night.twins import measure_twins, twin_figures, view_distances
from tests.tasks.night.sets import write_set


def test_distances_are_means_over_pixels_and_colours_in_levels():
    images, twins = np.zeros((2, 1, 2, 3), np.uint8), np.zeros((2, 1, 2, 3), np.uint8)
    images[0, 0, 0] = (30, 0, 0)
    twins[1] = 255  # a difference of bytes would wrap
    assert view_distances(images, twins).tolist() == [5, 255]


def test_the_share_that_came_nearer_is_counted_image_by_image():
    figures = twin_figures(np.array([100.0, 20.0, 60.0, 8.0]), np.array([10.0, 30.0, 20.0, 8.0]))
    assert figures == {"count": 4, "before": 47.0, "after": 17.0, "nearer_share": 0.5}


def test_translations_are_compared_with_the_night_of_the_same_view(tmp_path):
    sequences = ("a", "a", "b")
    day = write_set(tmp_path / "day", (200, 210, 220), sequences=sequences)
    night = write_set(tmp_path / "night", (60, 50, 230), sequences=sequences)
    twins = write_set(tmp_path / "twins", (40, 50, 20), sequences=sequences)
    measure_twins.build(tmp_path, config=None, before=day, after=night, twins=twins)
    figures = json.loads((tmp_path / "twins.json").read_text())
    assert figures == {
        "count": 3,
        "before": pytest.approx((160 + 160 + 200) / 3),
        "after": pytest.approx((20 + 0 + 210) / 3),
        "nearer_share": pytest.approx(2 / 3),
    }


def test_twins_of_other_views_are_refused(tmp_path):
    day = write_set(tmp_path / "day", (200, 210), sequences=("a", "b"))
    twins = write_set(tmp_path / "twins", (40, 50), sequences=("b", "a"))
    with pytest.raises(
        ValueError, match=r"twins are 2 images of 2 sequences \(b, a\), but the labelled images 2 of"
    ):
        measure_twins.build(tmp_path, config=None, before=day, after=day, twins=twins)
