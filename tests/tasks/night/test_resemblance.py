import numpy as np
import pytest

from models.features.distances import frechet_distance
from tasks.night import resemblance
from tasks.night.resemblance import herd, likeliest, nearest_sequences, nearest_to_mean, shrunk_covariance


def draw(count, mean, spread=1.0, *, seed=0):
    return np.random.default_rng(seed).normal(mean, spread, (count, len(mean)))


def test_the_nearest_to_the_target_s_mean_come_first():
    candidates = np.array([[5.0, 0], [1, 0], [0, 3], [0, -2]])
    target = np.array([[-1.0, 0], [1, 0]])
    assert nearest_to_mean(candidates, target, 3) == [1, 3, 2]


def test_the_target_s_own_spread_decides_what_is_near():
    """It is wide along the first axis, so that 3 along it is nearer than 1 across."""
    target = draw(4000, (0, 0)) * (4.0, 0.25)
    assert nearest_to_mean(np.array([[3.0, 0], [0, 1]]), target, 1) == [1]
    assert likeliest(np.array([[3.0, 0], [0, 1]]), target, 1) == [0]


def test_herding_balances_what_the_nearest_do_not():
    """Left and right are equally far from the mean of the target; the nearest two are on one side of it."""
    candidates = np.array([[1.0], [1.1], [-1.2], [5.0]])
    target = np.array([[-1.0], [1.0]])
    assert nearest_to_mean(candidates, target, 2) == [0, 1]
    assert herd(candidates, target, 2) == [0, 2]


def test_herding_takes_none_twice():
    candidates = draw(20, (0, 0, 0))
    assert sorted(herd(candidates, candidates, 20)) == list(range(20))


@pytest.mark.parametrize("most_tabled", [0, 100])
def test_herding_brings_the_mean_nearest_at_each_step(monkeypatch, most_tabled):
    monkeypatch.setattr(resemblance, "_MOST_TABLED", most_tabled)
    candidates, target = draw(30, (5, 0, 0, 1), seed=1), draw(9, (4, 0, 0, 0))
    chosen: list[int] = []
    for _ in range(12):
        left = [index for index in range(30) if index not in chosen]
        gaps = [np.linalg.norm(candidates[[*chosen, index]].mean(0) - target.mean(0)) for index in left]
        chosen.append(left[int(np.argmin(gaps))])
    assert herd(candidates, target, 12) == chosen


def test_whole_sequences_come_by_their_frechet_distance():
    target = draw(50, (0, 0))
    near, far, single = draw(6, (0.2, 0), seed=1), draw(6, (3, 3), seed=2), draw(1, (0, 0), seed=3)
    assert frechet_distance(near, target) < frechet_distance(far, target)
    candidates = np.concatenate((far, single, near))
    names = ["far"] * 6 + ["single"] + ["near"] * 6
    assert nearest_sequences(candidates, target, 8, sequences=names) == [*range(7, 13), 0, 1]


def test_the_covariance_is_shrunk_as_published():
    """Equations of Ledoit and Wolf (2004), section 3, image by image."""
    vectors = draw(12, (0,) * 5, seed=4) @ np.diag((3, 1, 1, 0.5, 0.1))
    centred = vectors - vectors.mean(axis=0)
    rows, size = centred.shape
    sample = sum(np.outer(row, row) for row in centred) / rows
    scale = np.trace(sample) / size
    spread = np.linalg.norm(sample - scale * np.eye(size)) ** 2 / size
    error = sum(np.linalg.norm(np.outer(row, row) - sample) ** 2 / size for row in centred) / rows**2
    part = min(error, spread) / spread
    expected = part * scale * np.eye(size) + (1 - part) * sample
    assert 0.05 < part < 0.95
    np.testing.assert_allclose(shrunk_covariance(vectors), expected, rtol=1e-12)


def test_few_images_of_many_values_are_no_obstacle():
    target = draw(3, (0,) * 16)
    assert np.linalg.eigvalsh(shrunk_covariance(target)).min() > 0
    assert likeliest(draw(5, (0,) * 16, seed=1), target, 5)


def test_more_than_there_are_is_refused():
    with pytest.raises(ValueError, match="3 images are to be chosen of 2"):
        herd(draw(2, (0,)), draw(2, (0,)), 3)
