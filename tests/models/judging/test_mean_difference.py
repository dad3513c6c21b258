import numpy as np
import pytest

from models.judging.mean_difference import welch_interval


def test_the_interval_is_welch_s():
    # variances 1 and 4, errors 1/3 and 4/3, together 5/3; degrees (5/3)^2 / ((1/9 + 16/9) / 2) = 2.941,
    # of which the t table (3: 3.182, 2: 4.303) gives 3.22
    first, second = np.array([4.0, 5.0, 6.0]), np.array([1.0, 3.0, 5.0])
    low, high = welch_interval(first, second, rng=np.random.default_rng(0))
    assert (low + high) / 2 == pytest.approx(2)
    assert (high - low) / 2 == pytest.approx(3.22 * (5 / 3) ** 0.5, rel=0.02)


def test_equal_values_leave_no_doubt():
    assert welch_interval(np.ones(3), np.zeros(4), rng=np.random.default_rng(0)) == (1.0, 1.0)


@pytest.mark.parametrize(("num_first", "num_second"), [(3, 3), (3, 11), (7, 7)])
def test_a_difference_is_seen_in_about_5_of_100_pairs_of_samples_without_any(num_first, num_second):
    rng = np.random.default_rng(1)
    told = 0
    for _ in range(300):
        low, high = welch_interval(
            rng.normal(0.5, 0.05, num_first), rng.normal(0.5, 0.05, num_second), rng=rng
        )
        told += not low <= 0 <= high
    assert told / 300 <= 0.08
