"""How two figures of the same things go together: a line, a correlation, and how far chance moves it."""

from dataclasses import dataclass

import numpy as np

LEAST_FOR_INTERVAL = 5  # things: resampling fewer says nothing


@dataclass(frozen=True)
class Correlation:
    """Pearson's r with its 95 % interval over the choice of things (None for too few), and the least-squares line."""

    value: float
    interval: tuple[float, float] | None
    slope: float
    intercept: float
    num_points: int


def correlate(x: np.ndarray, y: np.ndarray, *, draws: int, rng: np.random.Generator) -> Correlation | None:
    """Of two figures [n] of n things; None where one does not vary or there are fewer than 3.

    The interval is the middle 95 % over draws of n things with replacement; draws in which a figure does not vary have
    no correlation and are left out.
    """
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    slope, intercept = np.polyfit(x, y, 1)
    value = float(_pearson(x[None], y[None])[0])
    interval = None
    if len(x) >= LEAST_FOR_INTERVAL:
        chosen = rng.integers(len(x), size=(draws, len(x)))
        low, high = np.nanquantile(_pearson(x[chosen], y[chosen]), [0.025, 0.975])
        interval = (float(low), float(high))
    return Correlation(value, interval, float(slope), float(intercept), len(x))


def _pearson(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """r of every row [rows] of two [rows, n]; NaN where a row does not vary."""
    x, y = (values - values.mean(axis=1, keepdims=True) for values in (x, y))
    scale = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    products = (x * y).sum(axis=1)
    return np.divide(products, scale, out=np.full(len(x), np.nan), where=scale > 1e-15)
