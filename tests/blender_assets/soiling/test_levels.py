import cv2
import numpy as np

from blender_assets.soiling.levels import CoarseConfig, coarsen, levels_of, outlines

CONFIG = CoarseConfig()


def discs(*rows: tuple[int, int, int, int]) -> np.ndarray:
    """[200, 300] of filled circles: x, y, radius, value."""
    levels = np.zeros((200, 300), np.uint8)
    for x, y, radius, value in rows:
        cv2.circle(levels, (x, y), radius, (value,), -1)
    return levels


def test_a_level_begins_above_its_least_alpha():
    alpha = np.array([[0, 0.02, 0.021, 0.3, 0.31, 0.8, 0.81, 1]], np.float32)
    assert levels_of(alpha).tolist() == [[0, 0, 1, 1, 2, 2, 3, 3]]
    assert levels_of(alpha).dtype == np.uint8


def test_what_drops_show_by_another_way_is_semi_transparent_and_never_clear():
    alpha = np.array([[1, 1, 0.3, 0]], np.float32)
    opacity = np.array([[0.6, 0.9, 0.01, 0]], np.float32)
    assert levels_of(alpha, opacity).tolist() == [[2, 3, 1, 0]]


def test_coarse_outlines_are_too_large_and_have_few_corners():
    exact = discs((100, 100, 40, 3))
    coarse = coarsen(exact, CONFIG)
    assert (coarse[exact == 3] == 3).mean() > 0.97
    # A margin of .008 of the diagonal is 2.9 px: the disc of 40 grows to about 43, give or take the corners cut.
    assert 1.05 < (coarse == 3).sum() / (exact == 3).sum() < 1.3
    (outline,) = outlines((exact > 0).astype(np.uint8), CONFIG)
    assert 5 <= len(outline) <= 14


def test_denser_levels_lie_over_the_thinner_around_them():
    coarse = coarsen(discs((100, 100, 60, 1), (100, 100, 20, 3)), CONFIG)
    assert coarse[100, 100] == 3
    assert coarse[100, 150] == 1
    assert coarse[100, 290] == 0


def test_spots_that_nobody_would_annotate_are_left_out():
    # .0004 of 300 x 200 pixels are 24; grown by 3 px a spot of one pixel has about 30, so the limit is set to 100.
    config = CoarseConfig(least_area=100 / 60_000)
    coarse = coarsen(discs((40, 40, 0, 2), (200, 100, 20, 2)), config)
    assert not coarse[30:50, 30:50].any()
    assert coarse[100, 200] == 2


def test_holes_are_drawn_over_as_annotators_do():
    exact = discs((100, 100, 60, 2))
    cv2.circle(exact, (100, 100), 15, (0,), -1)
    assert coarsen(exact, CONFIG)[100, 100] == 2


def test_a_clean_image_has_no_outlines():
    assert not coarsen(np.zeros((50, 60), np.uint8), CONFIG).any()
