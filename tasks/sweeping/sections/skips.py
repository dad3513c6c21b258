"""Refiners with a skip connection against those without: Table 4.7."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.judging.mean_difference import welch_interval
from tasks.report.blocks import Table, interval, number
from tasks.sweeping.points import Group, score_title

_LEAST = 3  # refiners on either side: the spread of fewer is hardly known


@dataclass(frozen=True)
class Skips:
    """The table and what it says."""

    table: Table
    sentence: str


def compare_skips(groups: Sequence[Group]) -> Skips | None:
    """Means over refiners; None where one side has none."""
    sides = [
        [group for group in groups if group.points[0].config.has_skip is has_skip]
        for has_skip in (True, False)
    ]
    if not all(sides):
        return None
    title = score_title(groups)
    names = [
        ("Frechet to cR_train", _distances),
        (f"{title} of S+", _alone),
        (f"{title} of R_train + S+", _added),
    ]
    measured = [(name, [of(side) for side in sides]) for name, of in names]
    columns = [(name, values) for name, values in measured if all(len(part) for part in values)]
    rows = [
        (title, str(len(side)), *(number(float(values[index].mean()), "{:.4g}") for _, values in columns))
        for index, (title, side) in enumerate(zip(("with a skip", "without"), sides, strict=True))
    ]
    differences = [
        (name, values[0].mean() - values[1].mean(), _interval(*values)) for name, values in columns
    ]
    rows.append(
        (
            "difference",
            "",
            *(f"{value:+.4g} {interval(bounds, '{:+.3g}')}" for _, value, bounds in differences),
        )
    )
    caption = "Table 4.7. Means over refiners; intervals of the differences over the choice of refiners (Welch's t)."
    table = Table(caption, ("Refiners", "n", *(name for name, _ in columns)), tuple(rows))
    return Skips(table, _sentence(differences))


def _distances(side: list[Group]) -> np.ndarray:
    return np.array([value for group in side if (value := group.figure("frechet")) is not None])


def _alone(side: list[Group]) -> np.ndarray:
    return np.array([group.mean_score("S+") for group in side if "S+" in group.arms])


def _added(side: list[Group]) -> np.ndarray:
    return np.array([group.mean_score("R_train + S+") for group in side if "R_train + S+" in group.arms])


def _interval(first: np.ndarray, second: np.ndarray) -> tuple[float, float] | None:
    """Of the difference of means, over the choice of refiners; None for few."""
    if min(len(first), len(second)) < _LEAST:
        return None
    return welch_interval(first, second, rng=np.random.default_rng(0))


def _sentence(differences: list[tuple[str, float, tuple[float, float] | None]]) -> str:
    if not differences:
        return "Nothing was measured by which refiners with and without a skip could be compared."
    name, value, bounds = differences[-1]
    if bounds is None:
        return f"With a skip, {name} is {value:+.4g} on average; fewer than {_LEAST} refiners a side give no interval."
    told = "" if bounds[0] > 0 or bounds[1] < 0 else ", which may be chance"
    return f"With a skip, {name} is {value:+.4g} {interval(bounds, '{:+.3g}')} on average{told}."
