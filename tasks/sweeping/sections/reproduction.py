"""What another seed does, of the refiner and of the detectors: Table 5.3."""

from collections.abc import Sequence

import numpy as np

from models.judging.variance_components import Components, split_variance
from tasks.detection.arms import parse_arm
from tasks.sweeping.blocks import Plot, Section, Table, count, interval, number
from tasks.sweeping.contrasts import Judged
from tasks.sweeping.figures import seed_dots
from tasks.sweeping.points import Group

_CAPTION = (
    "Table 5.3{name}. F1 on R_test of each detector; refiners differ in their seed alone, and so do the detectors of one "
    "refiner."
)


def describe(title: str, groups: Sequence[Group], judged: Judged) -> Section:
    """Spread of F1 between refiners' seeds and between detectors' seeds."""
    scored = [(group, arm) for group in groups if len(group.points) > 1 for arm in _arms(group)]
    tables = tuple(_table(group, arm) for group, arm in scored)
    plots = tuple(
        Plot(
            f"F1 of every detector{' of ' + group.name if group.name else ''}, trained on {arm}",
            seed_dots(
                _columns(group, arm), x=f"refiner, trained on {arm}", y="F1 on R_test", name=group.name
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
    """F1 [refiners, detectors]."""
    return np.array([[seed["f1"] for seed in point.score(arm)["seeds"]] for point in group.points])


def _columns(group: Group, arm: str) -> dict[str, list[float]]:
    rows = zip(group.points, _scores(group, arm), strict=True)
    return {f"refiner seed {point.config.refiner_seed}": values.tolist() for point, values in rows}


def _table(group: Group, arm: str) -> Table:
    scores = _scores(group, arm)
    seeds = [seed["seed"] for seed in group.points[0].score(arm)["seeds"]]
    rows = [
        (name, *map(number, values), number(float(np.mean(values))), number(float(np.ptp(values))))
        for name, values in _columns(group, arm).items()
    ]
    rows.append(
        (
            "all refiners",
            *(number(float(value)) for value in scores.mean(axis=0)),
            number(float(scores.mean())),
            number(float(np.ptp(scores.mean(axis=1)))),
        )
    )
    header = ("Trained on " + arm, *(f"detector seed {seed}" for seed in seeds), "mean", "range")
    return Table(_CAPTION.format(name=f": {group.name}" if group.name else ""), header, tuple(rows))


def _lead(group: Group, arm: str) -> str:
    scores = _scores(group, arm)
    split = split_variance(scores, rng=np.random.default_rng(0))
    name = f"{group.name}, trained on" if group.name else "Trained on"
    span = np.ptp(scores.mean(axis=1))
    said = (
        f"{name} {arm}: {count(len(scores), 'refiner')} of different seeds gave mean F1 within {span:.3f} of "
        "each other"
    )
    if split is None:
        return f"{said}; with one detector each, what the detectors' seeds do cannot be told apart."
    return f"{said}. {_words(split)}"


def _words(split: Components) -> str:
    between, within = split.between, split.within
    return (
        f"A refiner's seed moves F1 by a standard deviation of {between.deviation:.3f} {interval(between.interval)}, a "
        f"detector's seed by {within.deviation:.3f} {interval(within.interval)}."
    )
