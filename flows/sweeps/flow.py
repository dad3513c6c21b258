"""The flow `sweep`: many configurations in one run; what they share is made once, and one that fails loses no other."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect import flow

from flows.engine.step_runner import STEP_RUNNER
from flows.people import stages
from flows.runs.recorded_run import completed, recorded_run
from flows.runs.result_pages import sweep_page
from flows.runs.results_in_prefect import publish_sweep
from flows.server.crashed_runs import start_again
from flows.sweeps.config import SweepConfig, SweepPoint, describe, list_points
from flows.sweeps.step_graph import Node, Start, StepGraph
from models.translation.config import RefinerConfig
from tasks.artifacts.recipe import Ref
from tasks.artifacts.store import write_atomically
from tasks.building.run_context import Pending, current_run
from tasks.detection.arms import arm_name
from tasks.journeys import people as journey
from tasks.sweeping.points import KindCost, PointConfig
from tasks.sweeping.summary import SummaryConfig
from tasks.sweeping.table import SweepTableConfig


class PointsFailed(RuntimeError):
    """Some points of a sweep failed; its table holds the others, and their errors."""


@dataclass(frozen=True)
class PointSteps:
    """The steps of one point whose products are looked at when all have ended."""

    point: SweepPoint
    refiner: Node
    evaluation: Node | None
    summary: Node
    has_test: bool


@flow(
    name="sweep",
    flow_run_name="{config.name}",
    task_runner=STEP_RUNNER,
    on_crashed=[start_again],
    persist_result=False,
)
def sweep(config: SweepConfig) -> str:
    """Make every point and tabulate them; returns the path of the page. PointsFailed after that if some failed."""
    points = list_points(config)
    shared = points[0].config
    with recorded_run(shared.name, shared.store_place, shared.compute, config.model_dump(mode="json")) as run:
        graph = StepGraph(lambda task, *inputs, **named: task.submit(*inputs, **named), _namer(points))
        steps = start_points(points, graph)
        assert steps is not None, "only a plan does not wait for the sample site"
        table = start_table(config, steps, graph)
        assert isinstance(table, Ref), "only a plan has no table"
        page = _copy_table(run.store.folder(table), sweep_page(shared))
        publish_sweep(page, [_summary(item) for item in steps])
        num_failed = sum(item.summary.ref() is None for item in steps)
        if num_failed:
            raise PointsFailed(
                f"{num_failed} of {len(points)} points failed; the table has their errors: {page}"
            )
        return completed(run, page)


def plan_sweep(config: SweepConfig) -> bool:
    """Walk all points without building anything; the current run records what would happen.

    False when the walk ends early, at a sample site that has to be built first.
    """
    points = list_points(config)
    graph = StepGraph(lambda task, *inputs, **named: task.fn(*inputs, **named), _namer(points))
    steps = start_points(points, graph)
    if steps is None:
        return False
    start_table(config, steps, graph)
    return True


def start_points(points: list[SweepPoint], graph: StepGraph) -> list[PointSteps] | None:
    """Start every step of every point; None in a plan whose sample site has to be built first."""
    bodies, sites = [], []
    for point in points:
        start = graph.starter(point.values)
        bodies.append(start(journey.build_body_basis, label="body basis"))
        sites.append(stages.start_site(point.config, bodies[-1], start))
    graph.start_noted()
    steps = []
    places: dict[stages.Place, stages.Place] = {}
    for point, body, site in zip(points, bodies, sites, strict=True):
        place = stages.locate(point.config, site and site.product)
        if place is None:
            return None
        place = places.setdefault(place, place)
        steps.append(_note_point(point, place, body, graph.starter(point.values)))
    graph.start_noted()
    return steps


def _note_point(point: SweepPoint, place: stages.Place, body: Any, start: Start) -> PointSteps:
    """The journey of one point, to its refined images where it trains no detector."""
    images = stages.make_images(point.config, place, body, start)
    scores = stages.score_arms(point.config, images, start) if point.config.arms else None
    arms = tuple(arm_name(arm) for arm in point.config.arms)
    summary = start(
        journey.summarise_point,
        SummaryConfig(arms=arms, seeds=point.config.training.seeds_of_detectors()),
        label="summarise",
        refiner=images.refiner,
        crops=images.crops,
        refined_crops=images.refined_crops,
        measures=images.measures,
        scenes=images.scenes,
        real=images.real["train"],
        leaks=images.leaks,
        detectors=scores.detectors if scores else [],
        evaluation=[scores.evaluation] if scores else [],
    )
    evaluation = scores.evaluation if scores else None
    return PointSteps(point, images.refiner, evaluation, summary, has_test="test" in images.real)


def start_table(config: SweepConfig, steps: list[PointSteps], graph: StepGraph) -> Ref | Pending:
    """The table, when all points have ended."""
    graph.wait()
    rows = tuple(_row(item, graph) for item in steps)
    table = SweepTableConfig(
        name=config.name,
        axes=config.axes(),
        points=rows,
        titles={section.name: section.title for section in config.sections if section.name},
        costs=_costs(graph),
        is_sample_site=any(item.point.config.sample_site is not None for item in steps),
        has_test=all(item.has_test for item in steps),
    )
    summaries = [item.summary.ref() for item in steps if item.summary.ref() is not None]
    product = graph.start(journey.tabulate_sweep, table, summaries, label="sweep table")
    return product if isinstance(product, Ref | Pending) else product.result()


def _row(item: PointSteps, graph: StepGraph) -> PointConfig:
    row, refiner = _described(item.point), item.refiner.ref()
    evaluation = item.evaluation.ref() if item.evaluation else None
    if refiner is None or item.summary.ref() is None:
        failures = (node.failure() for node in graph.nodes_of(item.point.values))
        error = next(filter(None, failures), "a step that it needs failed")
        return row.model_copy(update={"error": error})
    if isinstance(refiner, Pending):
        return row
    manifest = current_run().store.manifest(refiner.key)
    assert manifest is not None
    keys = {
        "refiner_key": refiner.key,
        "evaluation_key": evaluation.key if isinstance(evaluation, Ref) else "",
    }
    return row.model_copy(update=keys | {"refiner_seconds": manifest.seconds})


def _described(point: SweepPoint) -> PointConfig:
    """What the configuration says of a point."""
    config, refiner = point.config, point.config.refiner
    return PointConfig(
        values=dict(point.values),
        sections={name: dict(values) for name, values in point.sections.items() if name},
        refiner_seed=config.training.refiner_seed,
        has_skip=refiner.generator.has_skip if isinstance(refiner, RefinerConfig) else None,
    )


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


def _summary(item: PointSteps) -> dict[str, Any] | None:
    """What the table was made from; None for a point that failed."""
    summary = item.summary.ref()
    if summary is None:
        return None
    assert isinstance(summary, Ref), "only a plan has no summary"
    return json.loads((current_run().store.folder(summary) / "point.json").read_text(encoding="utf-8"))


def _copy_table(table: Path, page: Path) -> Path:
    """Place the table's files beside `page`, where a person looks for them."""
    page.parent.mkdir(parents=True, exist_ok=True)
    for name in ("table.csv", "seeds.csv", "table.json", page.name):
        page.with_name(name).unlink(missing_ok=True)  # of an earlier sweep of this name
        if (table / name).exists():
            write_atomically(page.with_name(name), (table / name).read_text(encoding="utf-8"))
    return page
