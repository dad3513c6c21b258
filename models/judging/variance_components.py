"""Splits the scatter of a figure into what an outer choice (a refiner's seed) and an inner one (a detector's) make."""

from dataclasses import dataclass

import numpy as np

_DRAWS = 20_000


@dataclass(frozen=True)
class Component:
    """A standard deviation with its 95 % interval."""

    deviation: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Components:
    """Between groups (that of a group's true mean), and within groups."""

    between: Component
    within: Component


def split_variance(values: np.ndarray, *, rng: np.random.Generator) -> Components | None:
    """Of values [groups, members], both at least 2 (None otherwise); a one-way random-effects analysis of variance.

    Between: (MS_between - MS_within) / members, at least 0. Intervals are generalised ones (Weerahandi 1993): the sums of
    squares over draws of chi-squared with their degrees of freedom.
    """
    groups, members = values.shape
    if groups < 2 or members < 2:
        return None
    means = values.mean(axis=1)
    outer = members * ((means - means.mean()) ** 2).sum()
    inner = ((values - means[:, None]) ** 2).sum()
    free_outer, free_inner = groups - 1, groups * (members - 1)
    drawn_inner = inner / rng.chisquare(free_inner, _DRAWS)
    drawn_outer = outer / rng.chisquare(free_outer, _DRAWS)
    within, drawn = inner / free_inner, (drawn_outer - drawn_inner) / members
    return Components(
        _component((outer / free_outer - within) / members, drawn), _component(within, drawn_inner)
    )


def _component(variance: float, draws: np.ndarray) -> Component:
    low, high = np.quantile(np.sqrt(np.maximum(draws, 0)), [0.025, 0.975])
    return Component(float(np.sqrt(max(variance, 0.0))), (float(low), float(high)))
