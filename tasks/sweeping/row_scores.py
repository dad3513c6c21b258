"""The scores of arms in the rows of a sweep's table, under the short name of the measure: "S+ F1", "S+ F1 low"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.judging.measures import Measure
from tasks.scoring.records import main_measure, shown_measures

BAR_PX = 130
_EDGE_PX = 5  # of a bar, so that a dot at its end is whole
Row = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """A score with its interval on a scale that all rows share; places in pixels from the left."""

    low_px: float
    value_px: float
    high_px: float
    text: str


@dataclass(frozen=True)
class RowScore:
    """One arm's main measure at one point, and its 95 % interval."""

    value: float
    bounds: tuple[float, float] | None

    def ends(self) -> tuple[float, float]:
        return self.bounds or (self.value, self.value)


def name_scores(score: Row, evaluation: dict[str, Any]) -> Row:
    """The columns of one arm's row of `evaluation.json`: all shown measures, and the interval of the main one."""
    arm, short = score["arm"], main_measure(evaluation).short
    low, high = score["interval"] or (None, None)
    figures = {measure.short: score[measure.name] for measure in shown_measures(evaluation)}
    return {
        f"{arm} {name}": value
        for name, value in (figures | {f"{short} low": low, f"{short} high": high}).items()
    }


def find_score(row: Row, arm: str, measure: Measure) -> RowScore | None:
    """None where the point has no such arm, or failed."""
    key = f"{arm} {measure.short}"
    if key not in row:
        return None
    low, high = row.get(f"{key} low"), row.get(f"{key} high")
    return RowScore(row[key], None if low is None or high is None else (low, high))


def find_arms(content: dict[str, Any]) -> list[str]:
    """The arms of a `table.json`, in order."""
    end = f" {main_measure(content).short}"
    names = (name for row in content["rows"] for name in row if name.endswith(end))
    return list(dict.fromkeys(name.removesuffix(end) for name in names))


def best_score(rows: Sequence[Row], arm: str, measure: Measure) -> float | None:
    """None where it is the same everywhere."""
    values = {score.value for row in rows if (score := find_score(row, arm, measure))}
    return max(values, key=measure.gain) if len(values) > 1 else None


def say_best(rows: Sequence[Row], names: Sequence[str], arm: str, measure: Measure) -> str:
    """The arm's best score and the points, by name, that reached it."""
    found = ((find_score(row, arm, measure), name) for row, name in zip(rows, names, strict=True))
    scored = [(score.value, name) for score, name in found if score]
    best = max((value for value, _ in scored), key=measure.gain)
    winners, shown = [name for value, name in scored if value == best], measure.pattern.format(best)
    if len(winners) == len(scored) > 1:
        return f"Trained on {arm}: {measure.title} {shown} at every point."
    which = "highest" if measure.is_higher_better else "lowest"
    return f"Trained on {arm}: the {which} {measure.title} is {shown}, at {'; at '.join(winners)}."


def draw_bars(rows: Sequence[Row], arms: Sequence[str], measure: Measure) -> list[dict[str, Bar]]:
    """The score of every arm, a dictionary a row; rows without a score have an empty one."""
    scores = [{arm: score for arm in arms if (score := find_score(row, arm, measure))} for row in rows]
    ends = [end for row in scores for score in row.values() for end in score.ends()]
    least, largest = min(ends, default=0.0), max(ends, default=1.0)
    scale = (BAR_PX - 2 * _EDGE_PX) / max(largest - least, 1e-9)

    def bar(score: RowScore) -> Bar:
        low, value, high = (_EDGE_PX + (end - least) * scale for end in _low_value_high(score))
        return Bar(low, value, high, _span(score, measure))

    return [{arm: bar(score) for arm, score in row.items()} for row in scores]


def _low_value_high(score: RowScore) -> tuple[float, float, float]:
    low, high = score.ends()
    return low, score.value, high


def _span(score: RowScore, measure: Measure) -> str:
    return "no interval" if score.bounds is None else " – ".join(map(measure.pattern.format, score.bounds))
