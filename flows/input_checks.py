"""Reads all that a run is given before anything starts, so that a mistake costs a second and leaves nothing behind."""

from pathlib import Path

from flows.run_config import RunConfig
from tasks.artifacts import SourceFiles
from tasks.artifacts.canonical import digest_file
from tasks.backgrounds import BackgroundConfig, list_backgrounds
from tasks.real_images import SplitConfig, plan_splits
from tasks.refiner_training import feature_weights
from tasks.start_weights import weights_file


def check_inputs(config: RunConfig) -> None:
    """ValueError in one line for a site, photo, annotation, split or weights file that cannot be used."""
    weights_file(config.detector.weights, field="detector.weights")
    feature_weights(config.refiner)
    if config.site is not None and config.real_images is not None:
        photos = list_backgrounds(Path(config.site))
        splits = plan_splits(config.real_images, Path(), Path(config.site))
        _check_backgrounds_are_not_scored(photos, splits)


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
