import numpy as np
import pytest

from tasks.sites.describing.least_squares import minimize


def test_a_line_s_values_and_errors_are_those_of_the_textbook():
    """y = a + b x at x = -1, 0, 1 with deviation 0.1: sd(a) = 0.1 / sqrt(3), sd(b) = 0.1 / sqrt(2)."""
    x, y = np.array([-1.0, 0.0, 1.0]), np.array([1.0, 3.0, 5.0])
    fit = minimize(lambda values: (values[0] + values[1] * x - y) / 0.1, [np.zeros(2)])
    assert fit.values == pytest.approx([3, 2], abs=1e-6)
    assert fit.errors == pytest.approx([0.1 / np.sqrt(3), 0.1 / np.sqrt(2)], rel=1e-4)


def test_rosenbrock_s_valley_is_followed_to_its_end():
    fit = minimize(lambda v: np.array([10 * (v[1] - v[0] ** 2), 1 - v[0]]), [np.array([-1.2, 1.0])])
    assert fit.values == pytest.approx([1, 1], abs=1e-4)


def test_the_best_of_several_starts_counts():
    """(v^2 - 4)^2 + (v - 2)^2 has a second valley near -2."""
    starts = [np.array([-3.0]), np.array([3.0])]
    fit = minimize(lambda v: np.array([v[0] ** 2 - 4, v[0] - 2]), starts)
    assert fit.values == pytest.approx([2], abs=1e-5)
