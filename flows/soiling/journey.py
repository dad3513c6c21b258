"""The journey of the pipeline `soiling`: soil clean images in several ways, train detectors of soiling, score, report."""

import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.configuration.result_pages import report_page
from flows.pipelines.journey import Journey, Start, Walk
from flows.runs.plain_result import publish_table
from flows.segment.importing import import_sets
from flows.segment.summaries import summarise_scores
from flows.soiling.arms import WAYS
from flows.soiling.config import SoilingRun
from flows.soiling.degradation import TRAINED_ON, Degradation, degrade
from flows.soiling.segmenters import apply, apply_seeds, train_seeds
from flows.soiling.soilers import Soilers, Splits, draw_real, soil, train_soilers
from tasks.building.run_context import Run
from tasks.building.told_run import tell_run
from tasks.journeys import segment as segment_steps
from tasks.journeys import soiling as steps
from tasks.segmentation.evaluation import SegmentArmsConfig
from tasks.segmentation.report import SegmentReportConfig
from tasks.soiling.page import write_soiling_page
from tasks.soiling.realism import RealismRun
from tasks.soiling.report import SoilingReportConfig
from tasks.training.trained_networks import training_label


@dataclass(frozen=True)
class Products:
    """Sets, what soils them, and arm by arm, seed by seed, detectors of soiling and what they say of the soiled test."""

    clean: Splits
    real: Splits
    leaks: Any
    soilers: Soilers
    generated: dict[str, Any]  # R_train by the ways in which it was soiled
    realism: Any  # None where nothing was generated
    train: list[Any]
    segmenters: list[Any]
    segmentations: list[Any]
    found: list[Any]  # what the first detector says of each generated set; none where it learned from such
    evaluation: Any
    degradation: Degradation | None


def follow(config: SoilingRun, start: Start) -> Walk[Products]:
    """Every step up to scored detectors. Nothing has to be waited for."""
    clean = import_sets(config.label_maps, config.sample_street, start)
    real = (
        draw_real(config, clean, start) if config.soiled is None else import_sets(config.soiled, None, start)
    )
    leaks = start(segment_steps.check_leaks, list(real.values()), label="check leaks")
    soilers = train_soilers(config, clean, real, start)
    ways = [way for way in WAYS if way in _ways_of_arms(config)]
    generated = {way: soil(config, soilers, way, ("train", clean["train"]), start) for way in ways}
    realism = _measure_realism(config, real, generated, start)
    train, segmenters, segmentations = [], [], []
    for arm, own in config.arms.items():
        train.append(_training_set(arm, real["train"], generated.get(own.generated), start))
        sets, label = (train[-1], real["val"]), training_label("segmenter", arm)
        found = train_seeds(config, config.segmenter_of(arm), sets, start, on=label)
        segmenters += found
        segmentations += apply_seeds(config, found, real["test"], start, told=f"find soiling with {arm}")
    evaluation = start(
        segment_steps.evaluate_segmenters, arms_config(config), segmentations, real["test"], label="evaluate"
    )
    found = _find_generated(config, segmenters, generated, start)
    degradation = degrade(config, soilers, clean, start, train=generated)
    return Products(
        clean,
        real,
        leaks,
        soilers,
        generated,
        realism,
        train,
        segmenters,
        segmentations,
        found,
        evaluation,
        degradation,
    )
    yield


def _measure_realism(config: SoilingRun, real: Splits, generated: dict[str, Any], start: Start) -> Any:
    """Beside generated sets R_train: what is real is not at 0 either."""
    if not generated:
        return None
    own = RealismRun(
        realism=config.realism, sets=("real R_train", *generated), threads=config.training.threads
    )
    sets = [real["train"], *generated.values()]
    return start(steps.measure_realism, own, real["test"], sets, label="measure realism")


def _find_generated(
    config: SoilingRun, segmenters: list[Any], generated: dict[str, Any], start: Start
) -> list[Any]:
    """By the first detector, unless it learned from such images itself."""
    if next(iter(config.arms.values())).generated != "none":
        return []
    return [
        apply(config, segmenters[0], images, start, told=f"find soiling of {way}")
        for way, images in generated.items()
    ]


def _ways_of_arms(config: SoilingRun) -> set[str]:
    return {arm.generated for arm in config.arms.values()}


def _training_set(arm: str, real: Any, generated: Any, start: Start) -> Any:
    if generated is None:
        return real
    return start(steps.join_label_maps, [real, generated], label=f"images of {arm}")


def arms_config(config: SoilingRun) -> SegmentArmsConfig:
    """Every arm is compared with each that comes before it."""
    arms = tuple(config.arms)
    pairs = tuple((arm, earlier) for earlier, arm in itertools.combinations(arms, 2))
    return SegmentArmsConfig(arms=arms, seeds=config.training.each_seed(), pairs=pairs)


def report(config: SoilingRun, products: Products, start: Start) -> Any:
    """The report's content: that of the detectors, as of any segmenters, and around it what is of soiling."""
    told = SegmentReportConfig(
        arms=tuple(config.arms),
        seeds=config.training.each_seed(),
        is_stand_in=config.sample_street is not None,
    )
    detection = start(
        segment_steps.write_segment_report,
        told,
        label="report of detectors",
        train=products.train,
        segmenters=products.segmenters,
        segmentations=products.segmentations,
        evaluation=products.evaluation,
        leaks=products.leaks,
        test=products.real["test"],
    )
    ways = tuple(products.generated)
    return start(
        steps.write_soiling_report,
        SoilingReportConfig(
            ways=ways,
            networks=tuple(products.soilers.networks),
            tests=TRAINED_ON if products.degradation else (),
            is_soiling_drawn=config.soiled is None,
        ),
        label="report",
        detection=detection,
        clean=products.clean["train"],
        real=products.real["train"],
        test=products.real["test"],
        generated=list(products.generated.values()),
        found=[products.segmentations[0], *products.found] if products.found else [],
        networks=list(products.soilers.networks.values()),
        masks=products.soilers.masks,
        walk=products.soilers.walk,
        realism=[] if products.realism is None else [products.realism],
        degradation=products.degradation.evaluations() if products.degradation else [],
    )


def publish(config: SoilingRun, run: Run, report: Path) -> Path:
    """The page, and what the UI shows of it."""
    content = json.loads((report / "content.json").read_text(encoding="utf-8"))
    page = report_page(config)
    settings = config.settled().model_dump(mode="json")
    write_soiling_page(page, content, report, tell_run(run), config=settings)
    publish_table(config, run, content["detection"]["evaluation"], page)
    return page


def summarise(config: SoilingRun, products: Products, start: Start) -> Any:
    """What a sweep needs to know of its point."""
    return summarise_scores(
        config.training.seeds, products.segmenters, products.evaluation, products.leaks, start
    )


def describe(config: SoilingRun, products: Products | None) -> dict[str, Any]:
    """What a sweep's table says of a point beside its scores."""
    return {"is_stand_in": config.sample_street is not None}


JOURNEY = Journey(follow=follow, report=report, publish=publish, summarise=summarise, describe=describe)
