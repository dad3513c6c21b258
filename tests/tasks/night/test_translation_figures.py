"""Hues by hand, and distances of translations that are what they should be."""

import colorsys
import json

import numpy as np
import pytest

from models.features.config import FeaturesConfig
from tasks.night.translation_figures import (
    TranslationFiguresConfig,
    hues,
    measure_translation,
    moved_hue_share,
    spread,
)
from tests.tasks.night.sets import write_set

RED, GREEN, BLUE, ORANGE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 60, 0)
GREY = (120, 120, 120)


def test_hues_go_from_red_by_green_and_blue_and_greys_have_none():
    found = hues(np.array([RED, GREEN, BLUE, GREY, (0, 0, 0)], np.uint8))
    np.testing.assert_allclose(found[:3], [0, 120, 240], atol=1e-9)
    assert np.isnan(found[3:]).all()


def test_hues_are_near_those_of_the_standard_library():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (200, 3)).astype(np.uint8)
    found = hues(pixels)
    for pixel, degrees in zip(pixels, found, strict=True):
        if np.isfinite(degrees):
            hexagonal = 360 * colorsys.rgb_to_hsv(*(pixel / 255))[0]
            gap = abs(degrees - hexagonal)
            assert min(gap, 360 - gap) < 1.2, "the hexagon's angle is never 1.2 degrees from the circle's"


def test_only_coloured_pixels_of_the_class_count_and_a_lost_colour_has_moved():
    before = np.array([[[RED, RED, RED, GREY, RED]]], np.uint8)
    after = np.array([[[ORANGE, GREEN, GREY, RED, BLUE]]], np.uint8)
    labels = np.array([[[1, 1, 1, 1, 0]]], np.uint8)
    # orange is 14 degrees from red; green and grey moved; a grey had no hue, and blue is of another class
    assert moved_hue_share(before, after, labels, 1) == pytest.approx(2 / 3)
    assert moved_hue_share(before, after, labels, 2) is None


def test_red_on_both_sides_of_0_degrees_has_not_moved():
    before = np.array([[[(255, 0, 40)]]], np.uint8)
    after = np.array([[[(255, 40, 0)]]], np.uint8)
    assert moved_hue_share(before, after, np.ones((1, 1, 1), np.uint8), 1) == 0


def test_images_are_spread_evenly():
    assert spread(10, 4) == [0, 2, 5, 7] and spread(3, 3) == [0, 1, 2]


def test_what_equals_the_target_is_at_no_distance_and_what_does_not_is(tmp_path):
    day = write_set(tmp_path / "day", (180, 200, 220))
    night = write_set(tmp_path / "night", (10, 20, 30, 40))
    same = write_set(tmp_path / "same", (10, 20, 30))
    (out := tmp_path / "out").mkdir()
    config = TranslationFiguresConfig(features=FeaturesConfig(network="squeezenet1_1"), device="cpu")
    target = write_set(tmp_path / "target", (10, 20, 30))
    measure_translation.build(out, config=config, before=day, after=same, target=target)
    figures = json.loads((out / "figures.json").read_text())
    assert figures["count"] == 3 and figures["is_random"]
    assert figures["after"]["frechet"] == pytest.approx(0, abs=1e-6)
    assert figures["before"]["frechet"] > 1e-3
    measure_translation.build(out, config=config, before=night, after=same, target=target)
    assert json.loads((out / "figures.json").read_text())["count"] == 3, "equally many of each"
