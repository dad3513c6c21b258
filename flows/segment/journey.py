"""The journey of the pipeline `segment`: import, train each arm, segment R_test, score, report."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.configuration.result_pages import report_page
from flows.pipelines.journey import Journey, Start, Walk
from flows.runs.plain_result import publish_table
from flows.segment.config import SegmentConfig
from flows.segment.importing import import_sets
from flows.segment.start_weights import training_runs
from flows.segment.summaries import summarise_scores
from tasks.artifacts.recipe import Ref
from tasks.building.run_context import Run
from tasks.building.told_run import tell_run
from tasks.journeys import segment as steps
from tasks.segmentation.evaluation import SegmentArmsConfig
from tasks.segmentation.page import write_segment_page
from tasks.segmentation.report import SegmentReportConfig
from tasks.segmentation.segmenting import SegmentingConfig
from tasks.segmentation.selecting import SelectionConfig
from tasks.training.segmenter_training import TRAINABLE, SegmenterRun
from tasks.training.trained_networks import training_label


@dataclass(frozen=True)
class Products:
    """The training set of each arm, and arm by arm, seed by seed, segmenters and what they say of R_test."""

    test: Any
    leaks: Any
    train: list[Any]
    segmenters: list[Any]
    segmentations: list[Any]
    evaluation: Any


def follow(config: SegmentConfig, start: Start) -> Walk[Products]:
    """Every step up to scored segmenters. Nothing has to be waited for."""
    sets = import_sets(config.label_maps, config.sample_street, start)
    leaks = start(steps.check_leaks, list(sets.values()), label="check leaks")
    train = [_training_set(config, arm, sets["train"], start) for arm in config.arms]
    segmenters, segmentations = [], []
    applied = SegmentingConfig(threads=config.training.threads, device=config.segmenter.device).settled()
    for arm, data in zip(config.arms, train, strict=True):
        for run in training_runs(config, arm):
            seed = run.seed if config.training.seeds > 1 else None
            label = training_label("segmenter", arm, seed)
            segmenters.append(_train(run, data, sets["val"], start, label))
            label = f"segment with {arm}" + ("" if seed is None else f", seed {seed}")
            segmentations.append(
                start(steps.segment_images, applied, segmenters[-1], sets["test"], label=label)
            )
    evaluation = start(
        steps.evaluate_segmenters, arms_config(config), segmentations, sets["test"], label="evaluate"
    )
    return Products(sets["test"], leaks, train, segmenters, segmentations, evaluation)
    yield


def _training_set(config: SegmentConfig, arm: str, images: Any, start: Start) -> Any:
    where = config.arms[arm].where
    if not where:
        return images
    return start(steps.select_label_maps, SelectionConfig(where=where), images, label=f"images of {arm}")


def _train(run: SegmenterRun, data: Any, val: Any, start: Start, label: str) -> Any:
    weights, run = TRAINABLE.weights_files(run), TRAINABLE.without_places(run.settled())
    return start(steps.train_segmenter, run, data, val, weights, label=label)


def arms_config(config: SegmentConfig) -> SegmentArmsConfig:
    """The first arm is the baseline of the others."""
    baseline, *others = config.arms
    return SegmentArmsConfig(
        arms=tuple(config.arms),
        seeds=config.training.each_seed(),
        pairs=tuple((arm, baseline) for arm in others),
        distance_edges_m=config.distance_edges_m,
    )


def report(config: SegmentConfig, products: Products, start: Start) -> Any:
    """The report's content."""
    told = SegmentReportConfig(
        arms=tuple(config.arms),
        seeds=config.training.each_seed(),
        is_stand_in=config.sample_street is not None,
    )
    return start(
        steps.write_segment_report,
        told,
        label="report",
        train=products.train,
        segmenters=products.segmenters,
        segmentations=products.segmentations,
        evaluation=products.evaluation,
        leaks=products.leaks,
        test=products.test,
    )


def publish(config: SegmentConfig, run: Run, report: Path) -> Path:
    """The page, and what the UI shows of it."""
    content = json.loads((report / "content.json").read_text(encoding="utf-8"))
    page = report_page(config)
    write_segment_page(page, content, tell_run(run), config=config.settled().model_dump(mode="json"))
    publish_table(config, run, content["evaluation"], page)
    return page


def summarise(config: SegmentConfig, products: Products, start: Start) -> Any:
    """What a sweep needs to know of its point."""
    return summarise_scores(
        config.training.seeds, products.segmenters, products.evaluation, products.leaks, start
    )


def describe(config: SegmentConfig, products: Products | None) -> dict[str, Any]:
    """What a sweep's table says of a point beside its scores; without `products` of one that failed."""
    facts: dict[str, Any] = {"is_stand_in": config.sample_street is not None}
    evaluation = None if products is None else products.evaluation.ref()
    return facts | ({"evaluation_key": evaluation.key} if isinstance(evaluation, Ref) else {})


JOURNEY = Journey(follow=follow, report=report, publish=publish, summarise=summarise, describe=describe)
