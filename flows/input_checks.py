"""Reads all that a run is given before anything starts, so that a mistake costs a second and leaves nothing behind."""

import sys
from pathlib import Path

from flows.run_config import RunConfig, site_path
from tasks.artifacts import SourceFiles
from tasks.artifacts.canonical import digest, digest_file
from tasks.backgrounds import BackgroundConfig, list_backgrounds
from tasks.real_images import SplitConfig, plan_splits
from tasks.refiner_reuse import TrainedRefiner, find_refiner
from tasks.refiner_training import feature_weights
from tasks.start_weights import weights_file


def check_inputs(*configs: RunConfig) -> None:
    """ValueError in one line for a site, photo, annotation, split, weights file or refiner that cannot be used.

    What several configurations name is read once.
    """
    for config in {_named_inputs(config): config for config in configs}.values():
        _check(config)


def _named_inputs(config: RunConfig) -> str:
    refiner = config.refiner
    of_refiner = (
        [refiner, config.crops.size_px]
        if isinstance(refiner, TrainedRefiner)
        else [refiner.features.weights, refiner.monitoring.features.weights]
    )
    weights = [config.detector.weights, config.measuring.features.weights]
    return digest([config.store, config.site, config.real_images, weights, of_refiner])


def _check(config: RunConfig) -> None:
    weights_file(config.detector.weights, field="detector.weights")
    weights_file(config.measuring.features.weights, field="measuring.features.weights")
    if isinstance(config.refiner, TrainedRefiner):
        store = config.store_place.open_existing()
        find_refiner(store, config.refiner.source, size_px=config.crops.size_px)
    else:
        feature_weights(config.refiner)
    if config.site is not None and config.real_images is not None:
        site = site_path(config)
        photos = list_backgrounds(site)
        splits = plan_splits(config.real_images, Path(), site, warn=_warn)
        _check_backgrounds_are_not_scored(photos, splits)


def _warn(text: str) -> None:
    print(f"warning: {text}", file=sys.stderr)


def _check_backgrounds_are_not_scored(
    photos: list[tuple[BackgroundConfig, SourceFiles]], splits: list[tuple[SplitConfig, SourceFiles]]
) -> None:
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
