"""The journey of the pipeline `cycle_segmentation`: import, train each arm, run it over R_test, score, report."""

import json
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flows.configuration.result_pages import report_page
from flows.cycle_segmentation.config import BASELINE, CycleSegmentationRun
from flows.pipelines.journey import Journey, Start, Walk
from flows.runs.plain_result import publish_table
from flows.segment.importing import import_sets
from models.cycle_segmentation.config import CycleSegmentationConfig, NoiseConfig
from tasks.artifacts.recipe import Ref
from tasks.building.run_context import Run
from tasks.building.told_run import tell_run
from tasks.cycle_segmentation.evaluation import CycleArmsConfig
from tasks.cycle_segmentation.noise_ratio import read_noise_ratio
from tasks.cycle_segmentation.page import write_cycle_page
from tasks.cycle_segmentation.report import CycleReportConfig
from tasks.cycle_segmentation.running import CycleOutputsConfig
from tasks.cycle_segmentation.table_rows import TrainedArms
from tasks.journeys import cycle_segmentation as steps
from tasks.journeys import segment as segment_steps
from tasks.journeys.step_task import folder
from tasks.label_maps.planning import plan_label_maps
from tasks.segmentation.evaluation import SegmentArmsConfig
from tasks.segmentation.selecting import SelectionConfig
from tasks.training.cycle_segmenter_training import CycleSegmenterRun
from tasks.training.trained_networks import part_label


@dataclass(frozen=True)
class Sets:
    """What trainings see: images with label maps, and those of which one of both is not used."""

    paired: Any
    images_only: list[Any]
    labels_only: list[Any]
    val: Any
    test: Any
    leaks: Any


@dataclass(frozen=True)
class Products:
    """Arm by arm, seed by seed, what was trained and what it makes of R_test; and the scores of all."""

    sets: Sets
    trained: list[Any]
    segmenters: list[Any]  # taken out of these, to be used as any other
    outputs: list[Any]
    evaluation: Any
    cycles: Any


def follow(config: CycleSegmentationRun, start: Start) -> Walk[Products]:
    """Every step up to scored segmenters. Waits only where an arm's noise is to be as strong as another's was."""
    sets = prepare_sets(config, start)
    cycles, segmenters, outputs = [], [], []
    applied = CycleOutputsConfig(threads=config.training.threads, device=config.network.device).settled()
    for arm in config.all_arms():
        network = yield from _settle_noise(config, arm, sets, start)
        for seed, cycle in _train_seeds(config, network, arm, sets, start):
            label = f"segment and give back with {_named(config, arm, seed)}"
            cycles.append(cycle)
            outputs.append(start(steps.run_cycle, applied, cycle, sets.test, label=label))
            told = part_label("segmenter", arm, seed if config.training.seeds > 1 else None)
            segmenters.append(start(steps.take_segmenter, cycle, label=told))
    own, whose = _arms(config)
    evaluation = start(segment_steps.evaluate_segmenters, own, outputs, sets.test, label="evaluate")
    scored = start(steps.evaluate_cycles, whose, outputs, sets.test, label="evaluate cycles")
    return Products(sets, cycles, segmenters, outputs, evaluation, scored)


def prepare_sets(config: CycleSegmentationRun, start: Start) -> Sets:
    """R_train in up to three parts, what the user has without label maps, R_val and R_test."""
    found = import_sets(config.label_maps, config.sample_street, start)
    leaks = start(segment_steps.check_leaks, list(found.values()), label="check leaks")
    partly, train = config.partly, found["train"]
    parts = {
        name: [start(segment_steps.select_label_maps, SelectionConfig(where=patterns), train, label=label)]
        if patterns
        else []
        for name, patterns, label in (
            ("images_only", partly.images_only, "images without label maps"),
            ("labels_only", partly.labels_only, "label maps without images"),
        )
    }
    but = tuple(patterns for patterns in (partly.images_only, partly.labels_only) if patterns)
    if but:
        chosen = SelectionConfig(but=but)
        train = start(segment_steps.select_label_maps, chosen, train, label="images with label maps")
    parts["images_only"] += _import_unlabelled(config, start)
    return Sets(paired=train, val=found["val"], test=found["test"], leaks=leaks, **parts)


def _import_unlabelled(config: CycleSegmentationRun, start: Start) -> list[Any]:
    if config.unlabelled is None:
        return []
    return [
        start(segment_steps.import_label_maps, split, files, label=f"import unlabelled {split.split}")
        for split, files in plan_label_maps(config.unlabelled, Path())
    ]


def _settle_noise(
    config: CycleSegmentationRun, arm: str, sets: Sets, start: Start
) -> Generator[Any, Ref, CycleSegmentationConfig]:
    """The arm's network; Gaussian noise with the ratio that the noise it stands beside was measured to have."""
    network = config.network_of(arm)
    own = config.arms.get(arm)
    if own is None or own.snr_of is None:
        return network
    other = _with_noise(network, own.snr_of)
    name = f"{own.snr_of.kind} noise"
    trained = [segmenter for _, segmenter in _train_seeds(config, other, name, sets, start)]
    ratio = yield start(steps.measure_noise_ratio, trained, label=f"ratio of {name}")
    return _with_noise(network, replace(own.noise, snr_db=read_noise_ratio(folder(ratio))))


def _with_noise(network: CycleSegmentationConfig, noise: NoiseConfig) -> CycleSegmentationConfig:
    assert network.cycle is not None, "arms have a cycle"
    return replace(network, cycle=replace(network.cycle, noise=noise))


def _train_seeds(
    config: CycleSegmentationRun, network: CycleSegmentationConfig, arm: str, sets: Sets, start: Start
) -> list[tuple[int, Any]]:
    extra = ([], []) if network.cycle is None else (sets.images_only, sets.labels_only)
    trained = []
    for seed in config.training.each_seed():
        run = CycleSegmenterRun(network=network, seed=seed, threads=config.training.threads).settled()
        label = f"train {_named(config, arm, seed)}"
        segmenter = start(steps.train_cycle_segmenter, run, sets.paired, sets.val, *extra, label=label)
        trained.append((seed, segmenter))
    return trained


def _named(config: CycleSegmentationRun, arm: str, seed: int) -> str:
    return f"{arm}, seed {seed}" if config.training.seeds > 1 else arm


def _arms(config: CycleSegmentationRun) -> tuple[SegmentArmsConfig, CycleArmsConfig]:
    """Every arm is compared with plain training, and noise with no noise where that is an arm."""
    arms, seeds = config.all_arms(), config.training.each_seed()
    against_none = _against_none(config)
    pairs = (*((arm, BASELINE) for arm in arms if arm != BASELINE), *against_none)
    return (
        SegmentArmsConfig(arms=arms, seeds=seeds, pairs=pairs),
        CycleArmsConfig(arms=arms, seeds=seeds, cycles=tuple(config.arms), pairs=against_none),
    )


def _against_none(config: CycleSegmentationRun) -> tuple[tuple[str, str], ...]:
    plain = next((arm for arm, own in config.arms.items() if own.noise.kind == "none"), None)
    return tuple((arm, plain) for arm in config.arms if plain is not None and arm != plain)


def report(config: CycleSegmentationRun, products: Products, start: Start) -> Any:
    """The report's content."""
    told = CycleReportConfig(
        arms=config.all_arms(),
        **_noises(config),
        seeds=config.training.each_seed(),
        is_stand_in=config.sample_street is not None,
    )
    sets = products.sets
    return start(
        steps.write_cycle_report,
        told,
        label="report",
        train=[sets.paired, *sets.images_only, *sets.labels_only],
        trained=products.trained,
        outputs=products.outputs,
        evaluation=products.evaluation,
        cycles=products.cycles,
        leaks=sets.leaks,
        test=sets.test,
    )


def _noises(config: CycleSegmentationRun) -> dict[str, Any]:
    """What is told of the arms with a cycle: their noise, and the noise that is meant to be as strong."""
    matched = {arm: own.snr_of for arm, own in config.arms.items() if own.snr_of is not None}
    return {"noises": {arm: own.noise for arm, own in config.arms.items()}, "matched": matched}


def publish(config: CycleSegmentationRun, run: Run, report: Path) -> Path:
    """The page, and what the UI shows of it."""
    content = json.loads((report / "content.json").read_text(encoding="utf-8"))
    page = report_page(config)
    write_cycle_page(page, content, tell_run(run), config=config.settled().model_dump(mode="json"))
    publish_table(config, run, content["evaluation"], page)
    return page


def summarise(config: CycleSegmentationRun, products: Products, start: Start) -> Any:
    """What a sweep needs to know of its point."""
    arms = tuple(config.all_arms())
    told = TrainedArms(arms=arms, seeds=config.training.each_seed(), **_noises(config))
    return start(
        steps.summarise_cycles,
        told,
        label="summarise",
        trained=products.trained,
        evaluation=products.evaluation,
        cycles=products.cycles,
        leaks=products.sets.leaks,
    )


JOURNEY = Journey(follow=follow, report=report, publish=publish, summarise=summarise)
