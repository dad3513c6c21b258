"""Scores every arm by all measures of an evaluation, and judges the compared pairs by its main one."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.judging.comparisons import Evidence, check_defined, judge, score_interval
from models.judging.measures import Measure
from tasks.scoring.records import Counted, name_measures


def score_arms(
    counted: Counted, *, main: Measure, shown: Sequence[Measure], pairs: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """What all evaluations have in `evaluation.json`: measures, sizes, `scores` (a row an arm) and `comparisons`.

    A row has the mean over seeds of every shown measure by its name (null where it is not defined), the 95 % `interval` of
    the main one, of one seed over images alone, and `seeds`, a row each. ValueError where the main one is not shown, or not
    defined.
    """
    if main not in shown:
        raise ValueError(f"the main measure, {main.name}, must be among those that are shown; add it")
    for arm, statistics in counted.arms.items():
        check_defined(main, arm, [statistics])
    evidence = [
        Evidence(arm, baseline, [counted.arms[arm]], [counted.arms[baseline]], counted.clips, main)
        for arm, baseline in pairs
    ]
    return {
        **name_measures(main, list(shown)),
        "num_images": len(counted.images),
        "num_clips": len(set(counted.clips)),
        "num_seeds": len(counted.seeds),
        "scores": [_row(arm, counted, main, shown) for arm in counted.arms],
        "comparisons": [item.record() for item in judge(evidence)],
    }


def _row(arm: str, counted: Counted, main: Measure, shown: Sequence[Measure]) -> dict[str, Any]:
    values = {measure.name: measure.by_seed(counted.arms[arm]) for measure in shown}
    seeds = [
        {"seed": seed} | {name: _defined(each[number]) for name, each in values.items()}
        for number, seed in enumerate(counted.seeds)
    ]
    return {
        "arm": arm,
        **{name: _defined(each.mean()) for name, each in values.items()},
        "interval": score_interval(main, [counted.arms[arm]], counted.clips),
        "seeds": seeds,
    }


def _defined(value: np.floating) -> float | None:
    return float(value) if np.isfinite(value) else None
