"""The journey of the pipeline `people`: from photos of a place to scored detectors and their report."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.configuration.result_pages import report_page
from flows.people.config import PeopleConfig
from flows.people.detector_stages import Scores, score_arms
from flows.people.image_stages import Images, make_images
from flows.people.place import locate, start_site
from flows.people.results_in_prefect import publish_summary
from flows.pipelines.journey import Journey, Start, Walk
from flows.runs.changes import changes
from flows.runs.result_links import publish as publish_page
from models.translation.config import RefinerConfig
from models.translation.families.unit_config import UnitConfig
from tasks.artifacts.recipe import Ref
from tasks.building.run_context import Run, current_run
from tasks.building.told_run import tell_run
from tasks.detection.arms import arm_name
from tasks.journeys import people as steps
from tasks.report.page import write_page
from tasks.report.parts import ReportConfig
from tasks.sweeping.summary import SummaryConfig
from tasks.training.start_weights import described


@dataclass(frozen=True)
class Products:
    """What the steps make; `scores` is None at a point of a sweep that trains no detector."""

    images: Images
    scores: Scores | None


def follow(config: PeopleConfig, start: Start) -> Walk[Products]:
    """Every step up to scored detectors."""
    body = start(steps.build_body_basis, label="body basis")
    site = start_site(config.site, config.sample_site, body, start)
    place = locate(config.site, None if site is None else (yield site))
    images = make_images(config, place, body, start)
    return Products(images, score_arms(config, images, start) if config.arms else None)


def report(config: PeopleConfig, products: Products, start: Start) -> Any:
    """The report's content."""
    images, scores = products.images, products.scores
    assert scores is not None, "only a sweep may leave detectors out"
    return start(
        steps.write_report,
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


def report_config(config: PeopleConfig, *, has_test: bool) -> ReportConfig:
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


def publish(config: PeopleConfig, run: Run, report: Path) -> Path:
    """The page, and what the UI shows of it."""
    content_path, page = report / "content.json", report_page(config)
    settings = config.settled().model_dump(mode="json", by_alias=True)
    write_page(page, content_path, tell_run(run), config=settings)
    content = json.loads(content_path.read_text(encoding="utf-8"))
    publish_summary(content, publish_page(run, page), changes(run, settings), run.outcomes)
    return page


def summarise(config: PeopleConfig, products: Products, start: Start) -> Any:
    """The figures of a point of a sweep."""
    images, scores = products.images, products.scores
    return start(
        steps.summarise_point,
        SummaryConfig(seeds=config.training.seeds_of_detectors()),
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


def _has_skip(refiner: object) -> bool | None:
    """None where that is not known or there is no such choice."""
    if not isinstance(refiner, RefinerConfig) or isinstance(refiner, UnitConfig):
        return None
    return refiner.generator.has_skip


def describe(config: PeopleConfig, products: Products | None) -> dict[str, Any]:
    """What a sweep's table says of a point beside its figures; without `products` of one that failed."""
    refiner = config.refiner
    facts: dict[str, Any] = {
        "refiner_seed": config.training.refiner_seed,
        "has_skip": _has_skip(refiner),
        "is_stand_in": config.sample_site is not None,
    }
    if products is None:
        return facts
    facts["has_test"] = "test" in products.images.real
    trained = products.images.refiner.ref()
    if isinstance(trained, Ref):
        manifest = current_run().store.manifest(trained.key)
        assert manifest is not None
        facts |= {"refiner_key": trained.key, "refiner_seconds": manifest.seconds}
    evaluation = products.scores.evaluation.ref() if products.scores else None
    return facts | ({"evaluation_key": evaluation.key} if isinstance(evaluation, Ref) else {})


JOURNEY = Journey(
    follow=follow,
    report=report,
    publish=publish,
    summarise=summarise,
    describe=describe,
)
