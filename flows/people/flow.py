"""The flow `augment`: from photos of a place to an evaluated detector. What happens when; no pixel is touched here."""

import json
from typing import Any

from prefect import flow

from flows.engine.step_runner import STEP_RUNNER
from flows.people import stages
from flows.people.config import RunConfig, require_arms
from flows.people.stages import Start
from flows.runs.recorded_run import completed, recorded_run
from flows.runs.result_pages import report_page
from flows.runs.results_in_prefect import publish_summary
from flows.server.crashed_runs import start_again
from tasks.building.run_context import Pending
from tasks.detection.arms import arm_name
from tasks.journeys import people as journey
from tasks.report.content import ReportConfig
from tasks.report.page import write_page
from tasks.training.start_weights import described


@flow(
    name="augment",
    flow_run_name="{config.name}",
    task_runner=STEP_RUNNER,
    on_crashed=[start_again],
    persist_result=False,
)
def augment(config: RunConfig) -> str:
    """Render, refine, train and evaluate as configured; returns the path of the report's page."""
    require_arms(config)
    record = config.settled().model_dump(mode="json")
    with recorded_run(config.name, config.store_place, config.compute, record) as run:
        report = follow_journey(config, lambda task, *inputs, **named: task.submit(*inputs, **named)).result()
        content_path = run.store.folder(report) / "content.json"
        page = report_page(config)
        write_page(page, content_path, run, config=record)
        publish_summary(json.loads(content_path.read_text(encoding="utf-8")), page, run.outcomes)
        return completed(run, page)


def plan(config: RunConfig) -> bool:
    """Walk the journey without building anything; the current run records what would happen.

    False when the walk ends early, at a sample site that has to be built first.
    """
    end = follow_journey(config, lambda task, *inputs, **named: task.fn(*inputs, **named))
    return not (isinstance(end, Pending) and end.label == stages.SAMPLE_SITE)


def follow_journey(config: RunConfig, start: Start) -> Any:
    """Start every step of the run in order; returns the (future) report."""
    body = start(journey.build_body_basis, label="body basis")
    site = stages.start_site(config, body, start)
    place = stages.locate(config, site)
    if place is None:
        return site
    images = stages.make_images(config, place, body, start)
    scores = stages.score_arms(config, images, start)
    return start(
        journey.write_report,
        report_config(config, has_test="test" in images.real),
        label="report",
        scenes=images.scenes,
        crops=images.crops,
        refined_crops=images.refined_crops,
        refined_scenes=images.refined_scenes,
        real=images.real["train"],
        leaks=images.leaks,
        real_crops=images.real_crops,
        refiner=images.refiner,
        measures=images.measures,
        detectors=scores.detectors,
        detections=scores.detections,
        evaluation=scores.evaluation,
        label_check=scores.label_check,
        test=scores.test,
    )


def report_config(config: RunConfig, *, has_test: bool) -> ReportConfig:
    return ReportConfig(
        arms=tuple(arm_name(arm) for arm in config.arms),
        seeds=config.training.seeds_of_detectors(),
        detector_steps=config.detector.steps,
        detector_start=described(config.detector.weights),
        target=config.detection.target,
        is_sample_site=config.sample_site is not None,
        has_test=has_test,
        iou=config.evaluation.iou,
        match_iou=config.detector.match_iou,
    )
