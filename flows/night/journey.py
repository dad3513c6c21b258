"""The journey of the pipeline `night`: translate days to nights, train each arm, segment R_test, score, report."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.configuration.result_pages import report_page
from flows.night.config import NightRun
from flows.night.image_sets import Sets, prepare_sets
from flows.night.translations import Translations, translate_sets
from flows.pipelines.journey import Journey, Start, Walk
from flows.runs.plain_result import publish_table
from tasks.building.run_context import Run
from tasks.building.told_run import tell_run
from tasks.journeys import night as steps
from tasks.journeys import segment as segment_steps
from tasks.night.page import write_night_page
from tasks.night.report import NightReportConfig
from tasks.segmentation.evaluation import SegmentArmsConfig
from tasks.segmentation.report import SegmentReportConfig
from tasks.segmentation.segmenting import SegmentingConfig
from tasks.segmentation.summary import SegmentSummaryConfig
from tasks.training.segmenter_training import TRAINABLE, SegmenterRun
from tasks.training.trained_networks import training_label


@dataclass
class Trained:
    """Arm by arm, seed by seed: segmenters, and what they say of R_test and of R_test made day. Grows with each arm."""

    segmenters: dict[tuple[str, int], Any] = field(default_factory=dict)
    segmentations: list[Any] = field(default_factory=list)
    converted: list[Any] = field(default_factory=list)
    train: list[Any] = field(default_factory=list)  # the labelled images of each arm
    choices: dict[str, Any] = field(default_factory=dict)  # by arm


@dataclass(frozen=True)
class Products:
    """All that the run made, and its scores."""

    sets: Sets
    translations: Translations
    trained: Trained
    evaluation: Any
    converted: Any | None


def follow(config: NightRun, start: Start) -> Walk[Products]:
    """Every step up to scored segmenters. Nothing has to be waited for."""
    sets = prepare_sets(config, start)
    translations = translate_sets(config, sets, start)
    trained = Trained()
    for arm in config.arms:
        _train_arm(config, arm, sets, translations, trained, start)
    arms = arms_config(config)
    evaluation = start(
        segment_steps.evaluate_segmenters, arms, trained.segmentations, sets.test, label="evaluate"
    )
    converted = None
    if config.converted:
        made_day = translations.days[next(iter(config.translators))]  # the same truth as of all
        label = "evaluate on nights made day"
        converted = start(segment_steps.evaluate_segmenters, arms, trained.converted, made_day, label=label)
    return Products(sets, translations, trained, evaluation, converted)
    yield


def _train_arm(  # noqa: PLR0913
    config: NightRun, arm: str, sets: Sets, translations: Translations, trained: Trained, start: Start
) -> None:
    """Its segmenters, seed by seed, each from the one of the same seed that it starts from; `trained` is added to."""
    name = config.translator_of(arm)
    labelled = translations.labelled(config.arms[arm].images, name)
    trained.train.append(labelled)
    chosen = _choose(config, arm, sets, translations, start)
    if chosen is not None:
        trained.choices[arm] = chosen
    applied = SegmentingConfig(threads=config.training.threads, device=config.segmenter.device).settled()
    for run, told in _runs(config, arm):
        guessed = _guess(config, arm, run.seed, chosen, trained, start)
        data = (labelled, translations.vals[name], guessed)
        segmenter = _train(config, arm, run, data, trained, start)
        trained.segmenters[arm, run.seed] = segmenter
        label = f"segment by night with {arm}{told}"
        trained.segmentations.append(
            start(segment_steps.segment_images, applied, segmenter, sets.test, label=label)
        )
        if config.converted:
            label = f"segment nights made day with {arm}{told}"
            trained.converted.append(
                start(segment_steps.segment_images, applied, segmenter, translations.days[name], label=label)
            )


def _runs(config: NightRun, arm: str) -> Iterator[tuple[SegmenterRun, str]]:
    """One a seed, and how its steps are told from those of other seeds."""
    for seed in config.training.each_seed():
        run = SegmenterRun(segmenter=config.segmenter_of(arm), seed=seed, threads=config.training.threads)
        run = TRAINABLE.with_networks_of_runs(run, config.store_place)
        yield run, f", seed {seed}" if config.training.seeds > 1 else ""


def _choose(config: NightRun, arm: str, sets: Sets, translations: Translations, start: Start) -> Any | None:
    """Unlabelled images that resemble the night where the segmenter is to work, or the labelled day."""
    guess = config.arms[arm].guess
    if guess is None:
        return None
    if guess.of == "source":
        candidates, wanted = sets.source, sets.val
    else:
        candidates = sets.target
        wanted = translations.nights[config.translator_of(arm)] if sets.like is None else sets.like
    return start(steps.choose_images, guess.choice, candidates, wanted, label=f"choose images for {arm}")


def _guess(  # noqa: PLR0913
    config: NightRun, arm: str, seed: int, chosen: Any | None, trained: Trained, start: Start
) -> list[Any]:
    guess, by = config.arms[arm].guess, config.guesser_of(arm)
    if guess is None or by is None:
        return []
    told = f", seed {seed}" if config.training.seeds > 1 else ""
    label = f"pseudo-label images for {arm} by {by}{told}"
    return [
        start(
            steps.pseudo_label_images,
            guess.pseudo.settled(),
            trained.segmenters[by, seed],
            chosen,
            label=label,
        )
    ]


def _train(  # noqa: PLR0913
    config: NightRun,
    arm: str,
    run: SegmenterRun,
    data: tuple[Any, Any, list[Any]],
    trained: Trained,
    start: Start,
) -> Any:
    train, val, guessed = data
    before = config.arms[arm].start
    weights, run = TRAINABLE.weights_files(run), TRAINABLE.without_places(run.settled())
    label = training_label("segmenter", arm, run.seed if config.training.seeds > 1 else None)
    begun = [] if before is None else [trained.segmenters[before, run.seed]]
    return start(
        segment_steps.train_segmenter, run, train, val, weights, guessed=guessed, start=begun, label=label
    )


def arms_config(config: NightRun) -> SegmentArmsConfig:
    return SegmentArmsConfig(arms=tuple(config.arms), seeds=config.training.each_seed(), pairs=config.pairs())


def report(config: NightRun, products: Products, start: Start) -> Any:
    """The report's content: that of any segmenters, and what the night adds."""
    told = SegmentReportConfig(
        arms=tuple(config.arms),
        seeds=config.training.each_seed(),
        is_stand_in=config.sample_street is not None,
    )
    trained, sets, made = products.trained, products.sets, products.translations
    segmenters = start(
        segment_steps.write_segment_report,
        told,
        label="report of segmenters",
        train=trained.train,
        segmenters=list(trained.segmenters.values()),
        segmentations=trained.segmentations,
        evaluation=products.evaluation,
        leaks=sets.leaks,
        test=sets.test,
    )
    names = {"translators": tuple(config.translators), "chosen": tuple(trained.choices)}
    return start(
        steps.write_night_report,
        NightReportConfig(lights=tuple(sets.lightings), **names),
        label="report",
        segmenters=segmenters,
        day=sets.train,
        nights=list(made.nights.values()),
        figures=list(made.figures.values()),
        choices=list(trained.choices.values()),
        lighting=list(sets.lightings.values()),
        converted=[] if products.converted is None else [products.converted],
    )


def publish(config: NightRun, run: Run, report: Path) -> Path:
    """The page, and what the UI shows of it."""
    content = json.loads((report / "content.json").read_text(encoding="utf-8"))
    page = report_page(config)
    write_night_page(page, content, tell_run(run), config=config.settled().model_dump(mode="json"))
    publish_table(content["evaluation"], page)
    return page


def summarise(config: NightRun, products: Products, start: Start) -> Any:
    """What a sweep needs to know of its point."""
    return start(
        segment_steps.summarise_segmenters,
        SegmentSummaryConfig(num_seeds=config.training.seeds),
        label="summarise",
        segmenters=list(products.trained.segmenters.values()),
        evaluation=products.evaluation,
        leaks=products.sets.leaks,
    )


JOURNEY = Journey(follow=follow, report=report, publish=publish, summarise=summarise)
