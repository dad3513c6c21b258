"""`python -m flows compare RUN RUN`: two finished runs side by side, as tables or as JSON."""

import json
import time
from collections.abc import Iterable
from typing import Any

from flows.commands.printed_tables import print_table
from models.judging.measures import Measure
from tasks.artifacts.opening import StorePlace
from tasks.comparing.runs import FinishedRun, find_finished_run
from tasks.comparing.side_by_side import SideBySide, compare_runs
from tasks.report.blocks import interval, number

_LONGEST_VALUE = 60  # characters of a configuration's value in the terminal; JSON has all


def compare(place: StorePlace, first: str, second: str, *, as_json: bool) -> int:
    """Print what differs between two runs of the store."""
    store = place.open_existing()
    found = compare_runs(find_finished_run(store, first), find_finished_run(store, second))
    if as_json:
        print(json.dumps(found.record(), indent=1))
    else:
        _print_all(found)
    return 0


def _print_all(found: SideBySide) -> None:
    for name, run in (("A", found.first), ("B", found.second)):
        print(f"{name}: {_title(run)}")
    print("\nconfiguration" + ("" if found.fields else ": the same"))
    if found.fields:
        rows = ((item.field, _value(item.first), _value(item.second)) for item in found.fields)
        print_table(("field", "A", "B"), rows, num_text=3)
    print(f"\nscores with the 95 % interval of {_ways(found)}")
    measures = _measures(found)
    header = ("trained on", "run", *(item.short for item in measures), "interval", "seeds")
    print_table(header, _score_rows(found, measures), num_text=2)
    print(f"\n{found.unjudged or _judged(found)}")
    for item in found.differences:
        print(item.sentence())
    print("\nseconds that the artifacts took to make, whenever that was")
    costs = [(item.kind, f"{item.first:.1f}", f"{item.second:.1f}") for item in found.seconds]
    total = [sum(run.seconds.values()) for run in (found.first, found.second)]
    print_table(("step", "A", "B"), [*costs, ("all", *(f"{seconds:.1f}" for seconds in total))], num_text=1)


def _title(run: FinishedRun) -> str:
    return f"{run.id}, begun {time.strftime('%Y-%m-%d %H:%M', time.localtime(run.started))}"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 2]} .."


def _ways(found: SideBySide) -> str:
    return " and ".join(dict.fromkeys(run.scored().way() for run in (found.first, found.second)))


def _measures(found: SideBySide) -> list[Measure]:
    """Of both runs, each once."""
    return list(dict.fromkeys([*found.first.measures, *found.second.measures]))


def _score_rows(found: SideBySide, measures: list[Measure]) -> Iterable[tuple[str, ...]]:
    patterns = {"A": found.first.measure.pattern, "B": found.second.measure.pattern}
    for item in found.scores:
        figures = (number(item.values.get(measure.name), measure.pattern) for measure in measures)
        bounds = "none" if item.interval is None else interval(item.interval, patterns[item.run])
        yield item.arm, item.run, *figures, bounds, str(item.num_seeds)


def _judged(found: SideBySide) -> str:
    """What the sentences that follow rest on."""
    if not found.differences:
        return "no difference is judged: no arm is in both runs"
    first, second = found.first, found.second
    num_tested = sum(item.judged is not None for item in found.differences)
    holm = f", p after Holm's correction over {num_tested}" if num_tested > 1 else ""
    pairing = (
        ""
        if first.counted.seeds == second.counted.seeds
        else "; the seeds differ, so trainings are not paired"
    )
    return f"differences on the same {len(first.counted.images)} test images{holm}{pairing}"
