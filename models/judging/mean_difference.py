"""How sure a difference of means of two small samples is, when they may scatter differently."""

import numpy as np

_DRAWS = 50_000


def welch_interval(first: np.ndarray, second: np.ndarray, *, rng: np.random.Generator) -> tuple[float, float]:
    """95 % interval of the mean of `first` [n] minus that of `second` [m], both of at least 2 values (Welch 1947).

    The quantile of Student's t, whose degrees of freedom are no whole number, is that of 50,000 draws.
    """
    errors = np.array([values.var(ddof=1) / len(values) for values in (first, second)])
    difference, error = first.mean() - second.mean(), np.sqrt(errors.sum())
    if error == 0:
        return float(difference), float(difference)
    degrees = errors.sum() ** 2 / (errors**2 / (np.array([len(first), len(second)]) - 1)).sum()
    half = np.quantile(np.abs(rng.standard_t(degrees, _DRAWS)), 0.95) * error
    return float(difference - half), float(difference + half)
