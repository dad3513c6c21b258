import numpy as np
import pytest

from blender_assets.soiling.noise import fractal_noise, streaks, value_noise


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("cell", [1.0, 7.3, 40.0, 5000.0])
def test_a_field_has_the_size_that_is_asked_for(cell):
    assert value_noise((30, 50), (cell, cell), rng()).shape == (30, 50)
    assert fractal_noise((30, 50), cell, 3, rng()).shape == (30, 50)
    assert streaks((30, 50), (cell * 4, cell), 0.7, rng()).shape == (30, 50)


def test_noise_has_mean_0_and_deviation_about_1():
    fields = np.stack([fractal_noise((64, 64), 6.0, 3, rng(seed)) for seed in range(30)])
    assert abs(fields.mean()) < 0.05
    assert 0.6 < fields.std() < 1.1


def correlation(field: np.ndarray, shift_yx: tuple[int, int]) -> float:
    y, x = shift_yx
    one, other = field[: len(field) - y, : field.shape[1] - x], field[y:, x:]
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_values_within_a_cell_agree_and_those_of_far_cells_do_not():
    field = value_noise((400, 400), (20.0, 20.0), rng())
    assert correlation(field, (0, 3)) > 0.9
    assert abs(correlation(field, (0, 60))) < 0.15


def test_streaks_are_long_along_their_angle():
    # Down to the right in the image: at 45 degrees a step of (20, 20) stays in a streak, one of (20, -20) leaves it.
    field = streaks((300, 300), (120.0, 6.0), np.pi / 4, rng())
    assert correlation(field, (20, 20)) > 0.6
    assert correlation(field[:, ::-1], (20, 20)) < 0.3


def test_slopes_have_no_stairs():
    # Between lattice values 200 px apart neighbouring pixels differ: steps of a thirty-second would be 6 px wide.
    field = value_noise((400, 400), (200.0, 200.0), rng())
    assert np.mean(np.diff(field, axis=1) == 0) < 0.01
