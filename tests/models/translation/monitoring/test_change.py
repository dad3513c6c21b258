import numpy as np
import pytest

from models.translation.monitoring.change import diversity_ratio, mean_change, region_change


def grey(*levels: int, side: int = 8) -> np.ndarray:
    return np.stack([np.full((side, side, 3), level, np.uint8) for level in levels])


def test_changes_count_in_both_directions_without_overflow():
    assert mean_change(grey(0, 255), grey(255, 251)) == (255 + 4) / 2


def test_the_change_is_told_apart_by_region():
    before, after = grey(100), grey(100)
    after[0, :2] = 90  # 16 of 64 px by 10, half of which are inside
    is_inside = np.zeros((1, 8, 8), bool)
    is_inside[0, 1:3] = True
    found = region_change(before, after, is_inside)
    assert found.inside == pytest.approx(10 * 8 / 16)
    assert found.outside == pytest.approx(10 * 8 / 48)
    assert region_change(before, after, np.zeros((1, 8, 8), bool)).inside is None


def test_outputs_that_are_half_as_far_apart_have_half_the_diversity():
    assert diversity_ratio(grey(0, 100, 200), grey(80, 130, 180)) == pytest.approx(0.5)
    assert diversity_ratio(grey(0, 100, 200), grey(7, 7, 7)) == 0
    assert diversity_ratio(grey(5, 5), grey(5, 9)) == 1


def test_fine_noise_does_not_pass_for_diversity():
    noise = np.random.default_rng(0).integers(0, 21, (6, 64, 64, 3))
    before = grey(0, 50, 100, 150, 200, 250, side=64)
    assert diversity_ratio(before, (100 + noise).astype(np.uint8)) < 0.05
