import numpy as np
import pytest

from tasks.crops import textures
from tasks.crops.textures import draw_texture


def test_a_texture_follows_from_its_generator_alone():
    first, again, other = (draw_texture(32, np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (32, 32, 3) and first.dtype == np.uint8
    assert np.abs(first.astype(int) - other).mean() > 20


def test_a_hundred_textures_differ_in_colour_and_within_themselves():
    drawn = np.stack([draw_texture(48, np.random.default_rng(seed)) for seed in range(100)]).astype(float)
    # Independent, uniform channel means would spread by 256 / sqrt(12) = 74; palettes of several colours by less.
    assert drawn.mean(axis=(1, 2)).std(axis=0).min() > 30
    assert np.median(drawn.std(axis=(1, 2)).mean(axis=-1)) > 25


@pytest.mark.parametrize("pattern", textures._PATTERNS)
def test_every_pattern_is_finite_and_varies(pattern):
    values = pattern(40, np.random.default_rng(1))
    assert values.shape == (40, 40) and np.isfinite(values).all() and np.ptp(values) > 0.1


def test_stripes_repeat_along_their_direction_and_are_constant_across_it():
    class Straight:
        """Vertical stripes, four of them, unbent."""

        def uniform(self, low, high):
            return {(0, np.pi): 0.0, (2, 16): 4.0, (0, 0.15): 0.0, (0.4, 0.9): 0.5}[low, high]

        def normal(self, size):
            return np.zeros(size)

    values = textures._stripes(64, Straight())  # type: ignore[arg-type]
    np.testing.assert_allclose(values, np.tile(values[0], (64, 1)))
    np.testing.assert_allclose(values[:, 16:], values[:, :-16], atol=1e-12)
    assert values[0].max() > 0.95 and values[0].min() < -0.95


def test_a_palette_is_followed_linearly():
    class TwoColors:
        """Black to (200, 100, 50)."""

        def integers(self, low, high, size=None):
            return 2 if size is None else np.array([[0, 0, 0], [200, 100, 50]])

    colored = textures._colored(np.array([[0.0, 0.5, 1.0]]), TwoColors())  # type: ignore[arg-type]
    assert colored.tolist() == [[[0, 0, 0], [100, 50, 25], [200, 100, 50]]]
