"""What another seed does, of the refiner and of the detectors: Table 5.3."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from models.judging.measures import Measure
from models.judging.variance_components import Components, split_variance
from tasks.detection.arms import parse_arm
from tasks.report.blocks import Table, interval, number
from tasks.sweeping.blocks import Plot, Section, count
from tasks.sweeping.contrasts import Judged
from tasks.sweeping.figures import seed_dots
from tasks.sweeping.points import Group, score_title

_CAPTION = (
    "Table 5.3{name}. {title} on R_test of each detector; refiners differ in their seed alone, and so do the detectors of "
    "one refiner."
)


def describe(title: str, groups: Sequence[Group], judged: Judged) -> Section:
    """Spread of the scores between refiners' seeds and between detectors' seeds."""
    scored = [(group, arm) for group in groups if len(group.points) > 1 for arm in _arms(group)]
    measured = score_title(groups)
    tables = tuple(_table(group, arm) for group, arm in scored)
    plots = tuple(
        Plot(
            f"{measured} of every detector{' of ' + group.name if group.name else ''}, trained on {arm}",
            seed_dots(
                _columns(group, arm),
                x=f"refiner, trained on {arm}",
                y=f"{measured} on R_test",
                name=group.name,
            ),
        )
        for group, arm in scored
    )
    lead = tuple(_lead(group, arm) for group, arm in scored)
    few = () if scored else ("It takes the scores of two seeds of one refiner, which are not there.",)
    return Section("", title, lead or few, (), tables, plots)


def _arms(group: Group) -> list[str]:
    """Those that the refiner matters to."""
    return [arm for arm in group.arms if any(part.name == "S+" for part in parse_arm(arm))]


def _scores(group: Group, arm: str) -> np.ndarray:
    """Of the main measure, [refiners, detectors]."""
    name = group.measure.name
    return np.array([[seed[name] for seed in point.score(arm)["seeds"]] for point in group.points])


def _columns(group: Group, arm: str) -> dict[str, list[float]]:
    rows = zip(group.points, _scores(group, arm), strict=True)
    return {f"refiner seed {point.config.refiner_seed}": values.tolist() for point, values in rows}


def _table(group: Group, arm: str) -> Table:
    scores, pattern = _scores(group, arm), group.measure.pattern
    seeds = [seed["seed"] for seed in group.points[0].score(arm)["seeds"]]
    rows = [
        (name, *_cells([*values, np.mean(values), np.ptp(values)], pattern))
        for name, values in _columns(group, arm).items()
    ]
    over_all = [*scores.mean(axis=0), scores.mean(), np.ptp(scores.mean(axis=1))]
    rows.append(("all refiners", *_cells(over_all, pattern)))
    header = ("Trained on " + arm, *(f"detector seed {seed}" for seed in seeds), "mean", "range")
    caption = _CAPTION.format(name=f": {group.name}" if group.name else "", title=group.measure.title)
    return Table(caption, header, tuple(rows))


def _cells(values: Iterable[Any], pattern: str) -> tuple[str, ...]:
    return tuple(number(value, pattern) for value in values)


def _lead(group: Group, arm: str) -> str:
    scores, measure = _scores(group, arm), group.measure
    split = split_variance(scores, rng=np.random.default_rng(0))
    name = f"{group.name}, trained on" if group.name else "Trained on"
    span = np.ptp(scores.mean(axis=1))
    said = (
        f"{name} {arm}: {count(len(scores), 'refiner')} of different seeds gave mean {measure.title} within "
        f"{measure.pattern.format(span)} of "
        "each other"
    )
    if split is None:
        return f"{said}; with one detector each, what the detectors' seeds do cannot be told apart."
    return f"{said}. {_words(split, measure)}"


def _words(split: Components, measure: Measure) -> str:
    between, within = (
        f"{measure.pattern.format(part.deviation)} {interval(part.interval, measure.pattern)}"
        for part in (split.between, split.within)
    )
    return f"A refiner's seed moves {measure.title} by a standard deviation of {between}, a detector's seed by {within}."
