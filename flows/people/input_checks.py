"""Reads all that a run is given before anything starts, so that a mistake costs a second and leaves nothing behind."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from blender_assets.both_sides.text_reading import printable
from flows.people.config import PeopleConfig, site_path
from flows.people.slow_trainings import find_short_refiner, find_slow_trainings
from models.configs import WeightsFile
from models.detection.config import DetectorConfig
from tasks.artifacts.canonical import digest, digest_file
from tasks.artifacts.opening import IN_CONFIGURATION
from tasks.artifacts.recipe import SourceFiles
from tasks.datasets.annotations import AnnotatedImage
from tasks.datasets.real_images import SplitConfig, plan_splits, read_split
from tasks.detection.arms import parse_part
from tasks.detection.preparing_sets import require_boxes
from tasks.sites.backgrounds import BackgroundConfig, list_backgrounds
from tasks.training.refiner_reuse import TrainedRefiner, find_refiner
from tasks.training.refiner_training import TRAINABLE as REFINER
from tasks.training.start_weights import weights_file
from tasks.training.translator_runs import RefinerRun

Photos = list[tuple[BackgroundConfig, SourceFiles]]
Splits = list[tuple[SplitConfig, SourceFiles]]


@dataclass(frozen=True)
class _Inputs:
    """A site's photos, and the annotated real images of each split."""

    photos: Photos
    real: dict[str, list[AnnotatedImage]]


def check_inputs(configs: Sequence[PeopleConfig]) -> None:
    """ValueError in one line for a site, photo, annotation, split, arm, weights file or refiner that cannot be used.

    What several configurations name is read once.
    """
    read: dict[str, _Inputs | None] = {}
    warned: dict[str, None] = {}
    for config in configs:
        name = _named_inputs(config)
        if name not in read:
            read[name] = _read(config)
        if inputs := read[name]:
            _check_arms(config, inputs)
            for split in ("train", "val"):
                require_boxes(inputs.real[split], config.detection, of=f"of the split {split!r} ")
            warned |= dict.fromkeys(find_short_refiner(config, inputs.real["train"]))
        warned |= dict.fromkeys(find_slow_trainings(config, inputs.real["train"] if inputs else None))
    for line in warned:
        _warn(line)


def _named_inputs(config: PeopleConfig) -> str:
    refiner = config.refiner
    of_refiner = (
        [refiner, config.crops.size_px]
        if isinstance(refiner, TrainedRefiner)
        else [refiner.features.weights, refiner.monitoring.features.weights]
    )
    detector = config.detector
    weights = [detector.weights, detector.network, detector.has_batch_norm, config.measuring.features.weights]
    return digest([config.store, config.site, config.real_images, weights, of_refiner])


def _read(config: PeopleConfig) -> _Inputs | None:
    """None for a run on the stand-in site, whose photos and images are still to be made."""
    _check_start(config.detector)
    weights_file(config.measuring.features.weights, field="measuring.features.weights")
    if isinstance(config.refiner, TrainedRefiner):
        store = config.store_place.open_existing(named_by=IN_CONFIGURATION)
        find_refiner(store, config.refiner.source, size_px=config.crops.size_px)
    else:
        REFINER.weights_files(RefinerRun(refiner=config.refiner, seed=0, threads=1))
    if config.site is None or config.real_images is None:
        return None
    site = site_path(config)
    photos = list_backgrounds(site)
    splits = plan_splits(config.real_images, Path(), site, warn=_warn)
    _check_backgrounds_are_not_scored(photos, splits)
    return _Inputs(photos, {split.split: read_split(split, files) for split, files in splits})


def _check_start(detector: DetectorConfig) -> None:
    """ValueError for start weights that are not there, or are of another network."""
    weights_file(detector.weights, field="detector.weights")
    if isinstance(detector.weights, WeightsFile):
        from models.detection.weights import build_started_network

        try:
            build_started_network(detector)
        except ValueError as error:
            raise ValueError(f"detector.weights: {error}") from None


def _check_arms(config: PeopleConfig, inputs: _Inputs) -> None:
    scenes = len(inputs.photos) * config.render.scenes_per_background
    for arm in config.arms:
        for part in map(parse_part, arm):
            available = len(inputs.real["train"]) if part.is_real else scenes
            if part.count is not None and part.count > available:
                raise ValueError(
                    f"arms asks for {part.count} images of {part.name}, but there are {available}; ask for fewer, or "
                    f"{'annotate more' if part.is_real else 'raise render.scenes_per_background'}"
                )


def _warn(text: str) -> None:
    print(f"warning: {printable(text)}", file=sys.stderr)


def _check_backgrounds_are_not_scored(photos: Photos, splits: Splits) -> None:
    scored = {
        digest_file(files.files[name]): (name, split.split)
        for split, files in splits
        if split.split != "train"
        for name in split.file_names
    }
    for background, photo in photos:
        for path in photo.files.values():
            if found := scored.get(digest_file(path)):
                raise ValueError(
                    f"the background {background.name!r} is also the image {found[0]!r} of {found[1]}; "
                    "remove one: detectors must not be scored on a photo that they were trained over"
                )
