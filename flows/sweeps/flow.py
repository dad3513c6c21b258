"""The flow `sweep`: many configurations in one run; what they share is made once, and one that fails loses no other."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from prefect import flow

from flows.configuration.result_pages import sweep_page
from flows.engine.step_runner import STEP_RUNNER
from flows.pipelines.journey import EndsEarly
from flows.runs.recorded_run import completed, recorded_run
from flows.server.crashed_runs import start_again
from flows.sweeps.config import SweepConfig, SweepPoint, describe, list_points
from flows.sweeps.points import PointSteps, start_points
from flows.sweeps.results_in_prefect import publish_sweep
from flows.sweeps.step_graph import StepGraph
from tasks.artifacts.disk import write_atomically
from tasks.artifacts.recipe import Ref
from tasks.building.run_context import Pending, current_run
from tasks.journeys import shared as steps
from tasks.sweeping.points import KindCost, read_summary
from tasks.sweeping.table import SweepTableConfig


class PointsFailed(RuntimeError):
    """Some points of a sweep failed; its table holds the others, and their errors."""


@flow(
    name="sweep",
    flow_run_name="{config.name}",
    task_runner=STEP_RUNNER,
    on_crashed=[start_again],
    persist_result=False,
)
def sweep(config: SweepConfig) -> str:
    """Make every point and tabulate them; returns the path of the page. PointsFailed after that if some failed."""
    points, pipeline = list_points(config), config.pipeline()
    shared, record = points[0].config, config.model_dump(mode="json")
    trainables = pipeline.trainables
    with recorded_run(shared.name, shared.store_place, shared.compute, record, trainables) as run:
        graph = StepGraph(lambda task, *inputs, **named: task.submit(*inputs, **named), _namer(points))
        ended = start_points(points, graph, pipeline.load_journey())
        table = start_table(config, ended, graph)
        assert isinstance(table, Ref), "only a plan has no table"
        page = _copy_table(run.store.folder(table), sweep_page(shared))
        publish_sweep(run, page, [_summary(point) for point in ended])
        num_failed = sum(point.has_failed() for point in ended)
        if num_failed:
            raise PointsFailed(
                f"{num_failed} of {len(points)} points failed; the table has their errors: {page}"
            )
        return completed(run, page)


def plan_sweep(config: SweepConfig) -> str | None:
    """Walk all points without building anything; the current run records what would happen.

    The label of the step at which the walk ends early, because what it makes has to be read; None at a whole walk.
    """
    points = list_points(config)
    graph = StepGraph(lambda task, *inputs, **named: task.fn(*inputs, **named), _namer(points))
    try:
        start_table(config, start_points(points, graph, config.pipeline().load_journey()), graph)
    except EndsEarly as early:
        return early.label
    return None


def start_table(config: SweepConfig, points: list[PointSteps], graph: StepGraph) -> Ref | Pending:
    """The table, when all points have ended."""
    graph.wait()
    rows = tuple(point.row(graph) for point in points)
    table = SweepTableConfig(
        name=config.name,
        axes=config.axes(),
        points=rows,
        titles={section.name: section.title for section in config.sections if section.name},
        costs=_costs(graph),
        is_sample_site=any(row.is_stand_in for row in rows),
        has_test=all(row.has_test for row in rows),
    )
    summaries = [point.summary.ref() for point in points if not point.has_failed()]
    product = graph.start(steps.tabulate_sweep, table, summaries, label="sweep table")
    return product if isinstance(product, Ref | Pending) else product.result()


def _costs(graph: StepGraph) -> tuple[KindCost, ...]:
    """What the artifacts of all points took when they were made, by kind, the dearest first."""
    refs = {ref.key: ref for node in graph.nodes.values() if isinstance(ref := node.ref(), Ref)}
    by_kind: dict[str, list[tuple[float, int]]] = {}
    for key, ref in refs.items():
        manifest = current_run().store.manifest(key)
        assert manifest is not None
        by_kind.setdefault(ref.kind, []).append((manifest.seconds, ref.num_bytes))
    costs = [
        KindCost(
            kind=kind,
            count=len(items),
            seconds=sum(seconds for seconds, _ in items),
            num_bytes=sum(num_bytes for _, num_bytes in items),
        )
        for kind, items in by_kind.items()
    ]
    return tuple(sorted(costs, key=lambda item: (-item.seconds, item.kind)))


def _namer(points: list[SweepPoint]) -> Callable[[Mapping[str, str]], str]:
    """Describes points by the axes that have more than one value."""
    varied = {
        axis for point in points for axis, name in point.values.items() if name != points[0].values[axis]
    }
    return lambda values: describe({axis: name for axis, name in values.items() if axis in varied})


def _summary(point: PointSteps) -> dict[str, Any] | None:
    """What the table was made from; None for a point that failed."""
    summary = point.summary.ref()
    if summary is None:
        return None
    assert isinstance(summary, Ref), "only a plan has no summary"
    return read_summary(current_run().store.folder(summary))


def _copy_table(table: Path, page: Path) -> Path:
    """Place the table's files beside `page`, where a person looks for them."""
    page.parent.mkdir(parents=True, exist_ok=True)
    for name in ("table.csv", "seeds.csv", "table.json", page.name):
        page.with_name(name).unlink(missing_ok=True)  # of an earlier sweep of this name
        if (table / name).exists():
            write_atomically(page.with_name(name), (table / name).read_text(encoding="utf-8"))
    return page
