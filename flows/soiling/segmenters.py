"""How segmenters are trained and applied in a run, seed by seed, and what they start from."""

from dataclasses import replace
from typing import Any

from flows.pipelines.journey import Start
from flows.soiling.config import SoilingRun
from models.segmentation.config import SegmentationConfig
from tasks.journeys import segment as steps
from tasks.segmentation.segmenting import SegmentingConfig
from tasks.training.segmenter_training import TRAINABLE, SegmenterRun


def first_run(config: SoilingRun, segmenter: SegmentationConfig) -> SegmenterRun:
    """That of the first seed. ValueError for weights of a run that has no such segmenter."""
    run = SegmenterRun(segmenter=segmenter, seed=config.training.seed, threads=config.training.threads)
    return TRAINABLE.with_networks_of_runs(run, config.store_place)


def train(run: SegmenterRun, data: Any, val: Any, start: Start, *, label: str) -> Any:
    weights, run = TRAINABLE.weights_files(run), TRAINABLE.without_places(run.settled())
    return start(steps.train_segmenter, run, data, val, weights, label=label)


def train_seeds(
    config: SoilingRun, segmenter: SegmentationConfig, sets: tuple[Any, Any], start: Start, *, on: str
) -> list[Any]:
    """One a seed, of R_train and R_val; `on` names the training set."""
    run = first_run(config, segmenter)
    seeds = config.training.each_seed()
    return [
        train(replace(run, seed=seed), *sets, start, label=on + ("" if len(seeds) == 1 else f", seed {seed}"))
        for seed in seeds
    ]


def apply_seeds(
    config: SoilingRun, segmenters: list[Any], images: Any, start: Start, *, told: str
) -> list[Any]:
    """What each says of the images."""
    seeds = config.training.each_seed()
    return [
        apply(config, segmenter, images, start, told=told + ("" if len(seeds) == 1 else f", seed {seed}"))
        for seed, segmenter in zip(seeds, segmenters, strict=True)
    ]


def apply(config: SoilingRun, segmenter: Any, images: Any, start: Start, *, told: str) -> Any:
    """What one says of the images."""
    applied = SegmentingConfig(threads=config.training.threads).settled()
    return start(steps.segment_images, applied, segmenter, images, label=told)
