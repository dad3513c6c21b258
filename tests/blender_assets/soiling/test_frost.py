import numpy as np
import pytest

from blender_assets.soiling.frost import FrostConfig, draw_frost
from blender_assets.soiling.layers import SKY
from blender_assets.soiling.pane import PaneConfig
from tests.blender_assets.soiling.patterns import CIRCLE, FISHEYE, HEIGHT, WIDTH, pane

SHARP = pane(config=PaneConfig(aperture_mm=0))


def alpha(share: float = 0.3, seed: int = 0, **changes: float) -> np.ndarray:
    return draw_frost(SHARP, FrostConfig(**changes), share, np.random.default_rng(seed)).alpha


def test_frost_covers_its_share_and_grows_with_it():
    little, much = alpha(0.1), alpha(0.5)
    assert [np.mean(found > 0) for found in (little, much)] == pytest.approx([0.1, 0.5], abs=0.01)
    assert (much[little > 0] > 0).all()


def test_frost_grows_from_the_rim():
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    away = np.hypot(x - WIDTH / 2, y - HEIGHT / 2)
    mean = np.mean([alpha(seed=seed) for seed in range(6)], axis=0)
    assert mean[away > 140].mean() > 2 * mean[away < 60].mean()


def test_the_rim_of_a_fisheye_is_that_of_its_circle():
    before = pane(FISHEYE, PaneConfig(aperture_mm=0))
    mean = np.mean(
        [draw_frost(before, FrostConfig(), 0.3, np.random.default_rng(seed)).alpha for seed in range(6)],
        axis=0,
    )
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    away = np.hypot(x - CIRCLE.cx, y - CIRCLE.cy)
    assert mean[(away > 80) & (away < 100)].mean() > 1.5 * mean[away < 40].mean()


def test_needles_lie_in_three_directions_of_60_degrees():
    # The angles of slopes, taken six times, agree where edges run at multiples of 60 degrees from one another.
    def agreement(needles: float) -> float:
        step_y, step_x = np.gradient(alpha(0.9, needle_mm=0.3, needles=needles, density=0.5))
        turn, weight = np.arctan2(step_y, step_x), step_x**2 + step_y**2
        return float(abs((weight * np.exp(6j * turn)).sum()) / weight.sum())

    assert agreement(1.0) > 0.25
    assert agreement(1.0) > agreement(0.0)


def test_frost_is_lit_by_the_sky_and_no_brighter_than_what_falls_on_it():
    layer = draw_frost(SHARP, FrostConfig(), 0.4, np.random.default_rng(0))
    some = layer.alpha > 0.3
    share = layer.light[some] / layer.alpha[some][:, None]
    assert share[:, SKY].min() > 0.2
    total = share[:, :3].max(axis=1) + share[:, 3:].sum(axis=1)
    assert 0.8 < total.mean() < 1.0
