import numpy as np
import pytest

from models.judging.correlation import correlate


def test_value_and_line_are_those_of_numpy():
    rng = np.random.default_rng(0)
    x = rng.normal(size=20)
    y = 3 * x + rng.normal(size=20)
    found = correlate(x, y, draws=500, rng=rng)
    assert found is not None and found.interval is not None
    assert found.value == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert (found.slope, found.intercept) == pytest.approx(tuple(np.polyfit(x, y, 1)))
    assert found.interval[0] < found.value < found.interval[1] <= 1


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    rng, holds = np.random.default_rng(1), 0
    for _ in range(200):
        x = rng.normal(size=30)
        y = 0.6 * x + 0.8 * rng.normal(size=30)  # true correlation 0.6
        low, high = correlate(x, y, draws=300, rng=rng).interval
        holds += low <= 0.6 <= high
    assert 0.88 <= holds / 200 <= 0.99


def test_few_points_have_no_interval_and_constant_ones_no_correlation():
    rng = np.random.default_rng(0)
    few = correlate(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]), draws=9, rng=rng)
    assert few is not None and (few.interval, few.num_points) == (None, 3)
    assert (few.value, few.slope, few.intercept) == pytest.approx((1, 2, 0))
    assert correlate(np.ones(6), np.arange(6.0), draws=9, rng=rng) is None
    assert correlate(np.arange(2.0), np.arange(2.0), draws=9, rng=rng) is None
