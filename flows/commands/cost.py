"""`python -m flows cost WHAT`: how long a run takes on several hosts, from the seconds that the store holds."""

import argparse
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.commands.printed_tables import print_table
from flows.commands.store_arguments import add_store, store_place
from flows.configuration.run import RunSettings
from flows.costs.graph import Hosts, TimedStep
from flows.costs.schedule import simulate
from flows.engine.profile import apply_embedded_profile
from flows.pipelines.loading import load_run
from flows.sweeps.config import is_sweep, list_points, load_sweep
from tasks.artifacts.lookup import run_records

_YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class _Timed:
    """The steps of a run, and what is to be known of their seconds."""

    steps: Sequence[TimedStep]
    notes: tuple[str, ...] = ()


def add_cost_command(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_cost)
    add_store(parser)
    what = "a run of the store by its name (the newest) or id, or a run or sweep file, whose store it then is"
    parser.add_argument("what", metavar="RUN_OR_CONFIG.yaml", help=what)
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="override one field of a file"
    )
    parser.add_argument(
        "--hosts",
        type=_counts,
        default=(1, 4, 16),
        metavar="N,N",
        help="how many hosts train, one network each at a time (default: 1,4,16)",
    )
    parser.add_argument(
        "--at-once",
        type=int,
        default=len(os.sched_getaffinity(0)),
        metavar="N",
        help="how many other steps the run's own host makes at once (default: its cores, %(default)s)",
    )


def _counts(text: str) -> tuple[int, ...]:
    counts = tuple(int(part) for part in text.split(","))
    if min(counts) < 1:
        raise ValueError
    return counts


def _cost(options: argparse.Namespace) -> int:
    if options.at_once < 1:
        raise ValueError(f"--at-once must be 1 or more, but was {options.at_once}")
    is_file = options.what.endswith(_YAML)
    timed = _of_file(Path(options.what), options.set) if is_file else _of_run(options)
    _print_costs(timed, options.hosts, options.at_once)
    return 0


def _of_run(options: argparse.Namespace) -> _Timed:
    from flows.costs.timed_steps import steps_of_record

    if options.set:
        raise ValueError(
            "--set changes fields of a file, but a run of the store was named; name its run file"
        )
    store = store_place(options).open_existing()
    record = run_records(store, options.what)[0]
    return _Timed(steps_of_record(store, record))


def _of_file(path: Path, overrides: list[str]) -> _Timed:
    if is_sweep(path):
        sweep = load_sweep(path, overrides)

        def walk_sweep() -> str | None:
            from flows.sweeps.flow import plan_sweep

            return plan_sweep(sweep)

        return _of_plan(list_points(sweep)[0].config, walk_sweep)
    pipeline, config = load_run(path, overrides)
    pipeline.require_run(config)

    def walk() -> str | None:
        from flows.runs.pipeline_run import plan_run

        return plan_run(pipeline, config)

    return _of_plan(config, walk)


def _of_plan(config: RunSettings, walk: Callable[[], str | None]) -> _Timed:
    """`walk` gives the label of the step at which it ends early."""
    with tempfile.TemporaryDirectory() as empty:
        apply_embedded_profile(Path(empty))
        from flows.costs.timed_steps import TimedPlan
        from tasks.building.run_context import going_on

        run = TimedPlan(config.store_place.open_existing(), config.name, is_plan=True)
        with going_on(run):
            last = walk()
    notes = []
    if estimated := sum(step.is_estimate for step in run.steps()):
        notes.append(
            f"{estimated} of them are not in the store: each takes as long as the median of its kind"
        )
    if unknown := run.unknown_kinds():
        notes.append(
            f"the store has no {', '.join(unknown)}: each counts as 0 s; a first small run measures them"
        )
    if last:
        notes.append(f"what follows the {last} is known when it stands, and is left out")
    return _Timed(run.steps(), tuple(notes))


def _print_costs(timed: _Timed, hosts: Sequence[int], at_once: int) -> None:
    seconds = sum(step.seconds for step in timed.steps)
    trainings = [step.seconds for step in timed.steps if step.is_training]
    plural = "" if len(trainings) == 1 else "s"
    print(f"{len(timed.steps)} steps, {_hours(seconds)} of work")
    print(f"of these {len(trainings)} training{plural}, {_hours(sum(trainings))}")
    for note in timed.notes:
        print(note)
    columns = (
        "ends after",
        "ratio",
        "best order",
        "ratio",
        "no order beats",
        "longest chain",
        "busy",
        "host-hours",
    )
    rows = (_row(timed.steps, Hosts(count, at_once)) for count in hosts)
    print_table(("hosts that train", *columns), rows, num_text=0)
    print(f"the run's own host makes all but trainings, {at_once} at once; ratios are to what no order beats")


def _row(steps: Sequence[TimedStep], hosts: Hosts) -> tuple[str, ...]:
    found = simulate(steps, hosts)
    ends = (_hours(found.makespan_s), f"{found.ratio:.2f}", _hours(found.best_s), f"{found.best_ratio:.2f}")
    host_hours = f"{hosts.trainings * found.makespan_s / 3600:.2f}"
    limits = (_hours(found.bound_s), _hours(found.critical_path_s))
    return (str(hosts.trainings), *ends, *limits, f"{found.training_share:.0%}", host_hours)


def _hours(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.2f} h"
