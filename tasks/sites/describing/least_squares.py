"""Levenberg's and Marquardt's method (Marquardt 1963) for a handful of values, from several starts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Residuals = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_DESCENTS, _STEPS, _DIFFERENCE, _ENOUGH = 4, 60, 1e-6, 1e-10


@dataclass(frozen=True)
class Fit:
    """Values [n] with the least sum of squares that was found, and one standard deviation of each."""

    values: NDArray[np.float64]
    errors: NDArray[np.float64]


def minimize(residuals: Residuals, starts: Iterable[NDArray[np.float64]]) -> Fit:
    """`residuals` are in standard deviations, so that errors follow from their slopes."""
    promising = sorted(starts, key=lambda start: _cost(residuals(start)))[:_DESCENTS]
    ends = [_descend(residuals, start) for start in promising]
    values = min(ends, key=lambda end: _cost(residuals(end)))
    slopes = _slopes(residuals, values)
    return Fit(values, np.sqrt(np.diag(np.linalg.pinv(slopes.T @ slopes))))


def _descend(residuals: Residuals, values: NDArray[np.float64]) -> NDArray[np.float64]:
    damping, found = 1e-2, residuals(values)
    for _ in range(_STEPS):
        slopes = _slopes(residuals, values)
        normal = slopes.T @ slopes
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal) + 1e-12), -slopes.T @ found)
        tried = residuals(values + step)
        if _cost(tried) < _cost(found):
            is_done = _cost(found) - _cost(tried) < _ENOUGH * (1 + _cost(tried))
            values, found, damping = values + step, tried, damping / 5
            if is_done:
                break
        elif damping > 1e8:
            break
        else:
            damping *= 5
    return values


def _cost(found: NDArray[np.float64]) -> float:
    return float(found @ found)


def _slopes(residuals: Residuals, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """[residuals, values], by central differences."""
    columns = []
    for step in np.eye(len(values)) * _DIFFERENCE:
        columns.append((residuals(values + step) - residuals(values - step)) / (2 * _DIFFERENCE))
    return np.stack(columns, axis=1)
