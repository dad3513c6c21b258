"""The tables of an evaluation's result, for whatever it measured: scores of arms and of every seed, and comparisons."""

from collections.abc import Sequence
from typing import Any

from models.judging.comparisons import Judgement, read_judgement
from models.judging.measures import Measure
from tasks.report.blocks import Table, interval, number
from tasks.scoring.records import main_measure, shown_measures, validation_key

_INTERVAL = "95 % interval"


def score_table(evaluation: dict[str, Any]) -> Table:
    """A row an arm: means over seeds, and the interval of the main measure, which stands out."""
    main, shown = main_measure(evaluation), shown_measures(evaluation)
    rows = [
        (score["arm"], *_values(score, shown), _span(score["interval"], main))
        for score in evaluation["scores"]
    ]
    header = ("Trained on", *(measure.title for measure in shown), _INTERVAL)
    return Table("", header, tuple(rows), frozenset((1 + shown.index(main),)))


def full_score_table(evaluation: dict[str, Any]) -> Table:
    """The same with average precision, where the evaluation has any, and the main measure on R_val."""
    table, measure = score_table(evaluation), main_measure(evaluation)
    precisions = evaluation["scores"][0].get("average_precisions", {})
    rows = [
        (*row, *_precisions(score), _on_val(score, measure))
        for row, score in zip(table.rows, evaluation["scores"], strict=True)
    ]
    return Table("", (*table.header, *precisions, _val_title(measure)), tuple(rows), table.strong)


def seed_table(evaluation: dict[str, Any]) -> Table:
    """A row a training, with what was frozen on R_val where that is known."""
    main, shown = main_measure(evaluation), shown_measures(evaluation)
    items = [(score["arm"], item) for score in evaluation["scores"] for item in score["seeds"]]
    first = items[0][1]
    frozen = {
        title: (key, pattern)
        for title, key, pattern in (
            ("Threshold", "threshold", "{:.2f}"),
            ("Checkpoint", "checkpoint_step", "step {}"),
        )
        if key in first
    }
    rows = [
        (
            *(arm, str(item["seed"]), *_values(item, shown), *_precisions(item)),
            *(pattern.format(item[key]) for key, pattern in frozen.values()),
            _on_val(item, main),
        )
        for arm, item in items
    ]
    titles = (*(measure.title for measure in shown), *first.get("average_precisions", {}), *frozen)
    header = ("Trained on", "Seed", *titles, _val_title(main))
    return Table("", header, tuple(rows), frozenset((2 + shown.index(main),)))


def comparison_table(evaluation: dict[str, Any]) -> Table:
    """A row a compared pair; the difference stands out."""
    judged = list(map(read_judgement, evaluation["comparisons"]))
    return Table("", _comparison_header(main_measure(evaluation)), _rows(judged), frozenset((1,)))


def comparison_table_of(judged: Sequence[Judgement], *, caption: str) -> Table:
    """The same of judgements by one measure, of which there is at least one."""
    return Table(caption, _comparison_header(judged[0].measure), _rows(judged), frozenset((1,)))


def comparison_table_of_parts(
    evaluation: dict[str, Any], parts: list[dict[str, Any]], *, title: str
) -> Table:
    """The same over parts of the images, each with a `name` and its `comparisons`; `title` says what parts are."""
    rows = [
        (part["name"], *row)
        for part in parts
        for row in _rows(list(map(read_judgement, part["comparisons"])))
    ]
    header = (title, *_comparison_header(main_measure(evaluation)))
    return Table("", header, tuple(rows), frozenset((2,)))


def _comparison_header(measure: Measure) -> tuple[str, ...]:
    return ("Compared", f"{measure.title} differs by", _INTERVAL, "p", "Verdict")


def _told_p(p: float) -> str:
    """Of so many draws none is 0."""
    return f"{p:.3f}" if p >= 0.0005 else "< 0.001"


def _rows(judged: Sequence[Judgement]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(_comparison_row, judged))


def _comparison_row(item: Judgement) -> tuple[str, ...]:
    pattern = item.measure.signed_pattern
    bounds = "none" if item.interval is None else interval(item.interval, pattern)
    p_value = "none" if item.p_value is None else _told_p(item.p_value)
    name = f"{item.arm} against {item.baseline}"
    return (name, number(item.difference, pattern), bounds, p_value, item.verdict)


def _values(score: dict[str, Any], shown: list[Measure]) -> tuple[str, ...]:
    return tuple(number(score[measure.name], measure.pattern) for measure in shown)


def _precisions(score: dict[str, Any]) -> tuple[str, ...]:
    return tuple(map(number, score.get("average_precisions", {}).values()))


def _on_val(score: dict[str, Any], measure: Measure) -> str:
    return number(score.get(validation_key(measure)), measure.pattern)


def _val_title(measure: Measure) -> str:
    return f"{measure.title} on R_val"


def _span(bounds: tuple[float, float] | None, measure: Measure) -> str:
    """An interval of scores themselves, as "0.412 – 0.487"."""
    return "none" if bounds is None else " – ".join(map(measure.pattern.format, bounds))
