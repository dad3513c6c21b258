"""The journey of the pipeline `night`: translate days to nights, train each arm, segment R_test, score, report."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.configuration.result_pages import report_page
from flows.night.arms import Arms
from flows.night.config import NightRun
from flows.night.image_sets import Sets, prepare_sets
from flows.night.translations import Translations, translate_sets
from flows.pipelines.journey import Journey, Start, Walk
from flows.runs.plain_result import publish_table
from flows.segment.summaries import summarise_scores
from tasks.building.run_context import Run
from tasks.building.told_run import tell_run
from tasks.journeys import night as steps
from tasks.journeys import segment as segment_steps
from tasks.night.page import write_night_page
from tasks.night.report import NightReportConfig
from tasks.segmentation.evaluation import SegmentArmsConfig
from tasks.segmentation.report import SegmentReportConfig


@dataclass(frozen=True)
class Products:
    """All that the run made, and its scores by night and on nights made day."""

    sets: Sets
    translations: Translations
    arms: Arms
    evaluation: Any
    converted: list[Any]


def follow(config: NightRun, start: Start) -> Walk[Products]:
    """Every step up to scored segmenters. Nothing has to be waited for."""
    sets = prepare_sets(config, start)
    translations = translate_sets(config, sets, start)
    arms = Arms(config, sets, translations, start)
    for arm in config.arms:
        arms.train(arm)
    told, evaluate = arms_config(config), segment_steps.evaluate_segmenters
    evaluation = start(evaluate, told, arms.segmentations, sets.test, label="evaluate")
    # The first translator's images stand for all: what is scored against are their label maps, which are the same.
    made_day = list(translations.days.values())[:1]
    converted = [
        start(evaluate, told, arms.converted, images, label="evaluate on nights made day")
        for images in made_day
    ]
    return Products(sets, translations, arms, evaluation, converted)
    yield


def arms_config(config: NightRun) -> SegmentArmsConfig:
    return SegmentArmsConfig(arms=tuple(config.arms), seeds=config.training.each_seed(), pairs=config.pairs())


def report(config: NightRun, products: Products, start: Start) -> Any:
    """The report's content: that of any segmenters, and what the night adds."""
    arms, sets, made = products.arms, products.sets, products.translations
    told = NightReportConfig(
        translators=tuple(config.translators), chosen=tuple(arms.choices), lights=tuple(sets.lightings)
    )
    return start(
        steps.write_night_report,
        told,
        label="report",
        segmenters=_report_segmenters(config, products, start),
        day=sets.train,
        nights=list(made.nights.values()),
        figures=list(made.figures.values()),
        twins=list(made.twins.values()),
        choices=list(arms.choices.values()),
        guessed=list(arms.guessed.values()),
        lighting=list(sets.lightings.values()),
        converted=products.converted,
    )


def _report_segmenters(config: NightRun, products: Products, start: Start) -> Any:
    told = SegmentReportConfig(
        arms=tuple(config.arms),
        seeds=config.training.each_seed(),
        is_stand_in=config.sample_street is not None,
    )
    arms = products.arms
    return start(
        segment_steps.write_segment_report,
        told,
        label="report of segmenters",
        train=list(arms.labelled.values()),
        segmenters=list(arms.segmenters.values()),
        segmentations=arms.segmentations,
        evaluation=products.evaluation,
        leaks=products.sets.leaks,
        test=products.sets.test,
    )


def publish(config: NightRun, run: Run, report: Path) -> Path:
    """The page, and what the UI shows of it."""
    content = json.loads((report / "content.json").read_text(encoding="utf-8"))
    page = report_page(config)
    write_night_page(page, content, tell_run(run), config=config.settled().model_dump(mode="json"))
    publish_table(config, run, content["evaluation"], page)
    return page


def summarise(config: NightRun, products: Products, start: Start) -> Any:
    """What a sweep needs to know of its point."""
    return summarise_scores(
        config.training.seeds,
        list(products.arms.segmenters.values()),
        products.evaluation,
        products.sets.leaks,
        start,
    )


JOURNEY = Journey(follow=follow, report=report, publish=publish, summarise=summarise)
