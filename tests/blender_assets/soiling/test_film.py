import numpy as np
import pytest

from blender_assets.soiling.film import FilmConfig, draw_film
from tests.blender_assets.soiling.patterns import pane


def drawn(absorption: float) -> np.ndarray:
    return draw_film(pane(), FilmConfig(absorption=absorption), 0.4, np.random.default_rng(2)).alpha


def test_twice_the_absorption_lets_the_square_through():
    # T = exp(-mu t) of Beer and Lambert: of the same film T(2 mu) = T(mu) ** 2.
    thin, thick = drawn(0.5), drawn(1.0)
    np.testing.assert_allclose(1 - thick, (1 - thin) ** 2, atol=1e-6)


def test_a_film_covers_its_share_and_nothing_else():
    assert np.mean(drawn(0.8) > 0) == pytest.approx(0.4, abs=0.01)


def test_smears_run_along_the_stroke_of_the_cloth():
    # The structure tensor of strokes has one strong direction; that of noise alike in all directions has none.
    alpha = drawn(0.8)
    step_y, step_x = np.gradient(alpha)
    xx, yy, xy = (step_x**2).mean(), (step_y**2).mean(), (step_x * step_y).mean()
    coherence = np.hypot(xx - yy, 2 * xy) / (xx + yy)
    assert coherence > 0.25
