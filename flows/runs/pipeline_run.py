"""One run of a pipeline as a Prefect flow, and the plan of one."""

from collections.abc import Callable
from typing import Any, TypeVar

from prefect import Flow, flow

from flows.configuration.run import RunSettings
from flows.engine.step_runner import STEP_RUNNER
from flows.pipelines.journey import EndsEarly, Journey, Products, walk_to_end
from flows.pipelines.pipeline import Pipeline
from flows.runs.recorded_run import completed, recorded_run
from flows.server.crashed_runs import start_again

Config = TypeVar("Config", bound=RunSettings)


def pipeline_flow(name: str) -> Callable[[Callable[[Any], Any]], Flow[..., Any]]:
    """Declares a function of a run's configuration as the Prefect flow of its pipeline."""
    return flow(
        name=name,
        flow_run_name="{config.name}",
        task_runner=STEP_RUNNER,
        on_crashed=[start_again],
        persist_result=False,
    )


def run_pipeline(pipeline: Pipeline[Config], config: Config) -> Any:
    """Follow the pipeline's journey to its page; the end of its flow, with the page's path. ValueError for a bad input."""
    pipeline.require_run(config)
    journey = pipeline.load_journey()
    record = config.settled().model_dump(mode="json", by_alias=True)
    trainables = pipeline.trainables
    with recorded_run(config.name, config.store_place, config.compute, record, trainables) as run:
        report = _follow(journey, config, lambda task, *inputs, **named: task.submit(*inputs, **named))
        page = journey.publish(config, run, run.store.folder(report.result()))
        return completed(run, page)


def plan_run(pipeline: Pipeline[Config], config: Config) -> str | None:
    """Walk the journey without building anything; the current run records what would happen.

    The label of the step at which the walk ends early, because what it makes has to be read; None at a whole walk.
    """
    try:
        _follow(pipeline.load_journey(), config, lambda task, *inputs, **named: task.fn(*inputs, **named))
    except EndsEarly as early:
        return early.label
    return None


def _follow(journey: Journey[Config, Products], config: Config, start: Callable[..., Any]) -> Any:
    products = walk_to_end(journey.follow(config, start))
    return journey.report(config, products, start)
