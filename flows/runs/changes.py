"""What a run's artifact in the UI says of the run before it: which figures moved, with intervals and in words."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tasks.building.run_context import Run
from tasks.comparing.fields import FieldDifference
from tasks.comparing.judging import ArmDifference
from tasks.comparing.run_before import FIGURES, Changed, compare_with_before, figures_before
from tasks.comparing.runs import FinishedRun
from tasks.report.blocks import NONE, Table, interval, number
from tasks.report.plain import describe_figure

# What an earlier version left, or a damaged file, must not fail a run that has made everything.
_UNREADABLE = (ValueError, LookupError, TypeError, OSError)
_MOST_FIELDS, _LONGEST_VALUE = 8, 60


def changes(run: Run, config: dict[str, Any]) -> list[str]:
    """Lines of markdown, with their heading; what cannot be compared is said and fails nothing."""
    try:
        changed = compare_with_before(run.store, run, config)
    except _UNREADABLE as error:
        return [*_heading(None), f"Nothing is compared: {_in_words(error)}."]
    return ["No earlier run of this name is there to compare with."] if changed is None else describe(changed)


def describe(changed: Changed) -> list[str]:
    """The table of arms, what may be concluded, and what was configured otherwise."""
    verdicts = [changed.unjudged] if changed.unjudged else _verdicts(changed.differences)
    return [
        *_heading(changed.before),
        *_table(changed).markdown(),
        "",
        *(f"- {text[0].upper()}{text[1:]}" for text in verdicts),
        *(("", f"Configured otherwise: {_fields(changed.fields)}.") if changed.fields else ()),
    ]


def figure_changes(run: Run, config: dict[str, Any], figures: Mapping[str, Any], page: Path) -> list[str]:
    """The same for a run that has figures instead of an evaluation; they are left beside its page for the next."""
    page.with_name(FIGURES).write_text(json.dumps(dict(figures)), encoding="utf-8")
    try:
        found = figures_before(run.store, run, config)
    except _UNREADABLE as error:
        return [*_heading(None), f"Nothing is compared: {_in_words(error)}."]
    if found is None:
        return []
    record, before = found
    rows = tuple(
        (name, describe_figure(before[name]) if name in before else NONE, describe_figure(value))
        for name, value in figures.items()
        if before.get(name) != value
    )
    said = Table("", ("Figure", "before", "now"), rows).markdown() if rows else ["All figures are the same."]
    return [f"## Against the run before, {_when(record['started'])}", "", *said]


def _in_words(error: BaseException) -> str:
    """Our own sentences as they are; others with what they are."""
    return str(error) if type(error) is ValueError else f"{type(error).__name__} {error}"


def _heading(before: FinishedRun | None) -> list[str]:
    of = "" if before is None else f", `{before.name}` of {_when(before.started)}"
    return [f"## Against the run before{of}", ""]


def _verdicts(differences: list[ArmDifference]) -> list[str]:
    """What can be told, in full; of several that cannot, the clearest."""
    open_ones, sentences = [], []
    for item in differences:
        if item.judged is not None and item.judged.verdict == "cannot tell":
            open_ones.append((item.judged.p_value, item))
        else:
            sentences.append(item.sentence())
    if not open_ones:
        return sentences
    clearest = min(open_ones, key=lambda pair: 1.0 if pair[0] is None else pair[0])[1].sentence()
    if len(open_ones) == 1:
        return [*sentences, clearest]
    return [
        *sentences,
        f"{len(open_ones)} differences cannot be told from chance. The clearest of them: {clearest}",
    ]


def _table(changed: Changed) -> Table:
    """An arm a row: its score with the interval in both runs, and the difference with its own."""
    measure = changed.now.measure
    return Table("", ("Trained on", f"{measure.title} before", "now", "difference"), tuple(_rows(changed)))


def _rows(changed: Changed) -> Iterator[tuple[str, ...]]:
    judged = {item.arm: item for item in changed.differences}
    for arm in dict.fromkeys([*changed.now.scores, *changed.before.scores]):
        yield (
            arm,
            _score(changed.before, arm),
            _score(changed.now, arm),
            _difference(judged.get(arm), changed.now),
        )


def _score(run: FinishedRun, arm: str) -> str:
    if arm not in run.scores:
        return NONE
    score, pattern = run.scores[arm], run.measure.pattern
    bounds = score["interval"]
    return number(score[run.measure.name], pattern) + (f" {interval(bounds, pattern)}" if bounds else "")


def _difference(item: Any, run: FinishedRun) -> str:
    if item is None:
        return NONE
    if item.judged is None:
        return "the same"
    signed = run.measure.signed_pattern
    bounds = item.judged.interval
    return signed.format(item.judged.difference) + (f" {interval(bounds, signed)}" if bounds else "")


def _fields(fields: list[FieldDifference]) -> str:
    shown = [f"`{item.field}` {_value(item.first)} → {_value(item.second)}" for item in fields[:_MOST_FIELDS]]
    rest = len(fields) - len(shown)
    return "; ".join(shown) + (f"; and {rest} more" if rest else "")


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`{text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 2] + ' ..'}`".replace(
        "|", "/"
    )


def _when(started: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(started))
