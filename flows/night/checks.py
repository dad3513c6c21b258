"""Reads all that a run is given before anything starts, so that a mistake costs a second and leaves nothing behind."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from blender_assets.both_sides.text_reading import printable
from flows.configuration.mistakes import explain_mistakes
from flows.night.config import NightRun
from flows.segment.checks import check_images
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.importing import LabelMapSplitConfig
from tasks.label_maps.planning import plan_label_maps
from tasks.training.segmenter_training import TRAINABLE as SEGMENTER
from tasks.training.segmenter_training import SegmenterRun
from tasks.training.translator_runs import RefinerRun
from tasks.training.translator_training import TRAINABLE as TRANSLATOR


def check_night(configs: Sequence[NightRun]) -> None:
    """ValueError in one line for a folder, an arm or weights that cannot be used. What was recognised is told."""
    told: dict[str, None] = {}
    for config in configs:
        _check_arms(config)
        _check_test(config)
        check_images(
            config.label_maps,
            num_classes=config.segmenter.num_classes,
            field="segmenter.num_classes",
            tell=told.setdefault,
            needed=("train", "val") if "test" in config.folders() else ("train", "val", "test"),
        )
        _check_folders(config, told.setdefault)
        for name, translator in config.translators.items():
            _check_weights(name, RefinerRun(refiner=translator, seed=0, threads=1))
    for line in told:
        print(printable(line), file=sys.stderr)


def _check_arms(config: NightRun) -> None:
    for arm in config.arms:
        try:
            segmenter = config.segmenter_of(arm)
        except ValidationError as error:
            mistakes = "; ".join(f"arms.{arm}.set: {mistake}" for mistake in explain_mistakes(error))
            raise ValueError(mistakes) from None
        run = SegmenterRun(segmenter=segmenter, seed=0, threads=1)
        SEGMENTER.weights_files(SEGMENTER.with_networks_of_runs(run, config.store_place))


def _check_weights(name: str, run: RefinerRun) -> None:
    try:
        TRANSLATOR.weights_files(run)
    except ValueError as error:
        raise ValueError(f"translators.{name}: {error}") from None


def _check_test(config: NightRun) -> None:
    """What is scored must not choose or teach: copies of its images elsewhere are told by the step `check leaks`."""
    folders = config.folders()
    test = folders.pop("test", None)
    for name, maps in folders.items():
        if test is not None and _is_same_folder(maps, test):
            raise ValueError(
                f"{name}.folder and test.folder are both {test.folder}; images that are scored must take part in nothing "
                f"else: give {name} other images"
            )


def _is_same_folder(first: LabelMapsConfig, second: LabelMapsConfig) -> bool:
    return Path(first.folder).resolve() == Path(second.folder).resolve()


def _check_folders(config: NightRun, tell: Callable[[str], object]) -> None:
    """All have the size of R_train: a translator and a segmenter read them side by side."""
    own = _first_split(config.label_maps)
    settings = None if config.sample_street is None else config.sample_street.settings
    size = own.size_px if own else (settings.width_px, settings.height_px) if settings else None
    for name, maps in config.folders().items():
        found = [split for split, _ in plan_label_maps(maps, Path(), tell=tell)]
        for split in found:
            if size is not None and split.size_px != size:
                raise ValueError(
                    f"{name}.folder has images of {split.size_px[0]} x {split.size_px[1]} px, but R_train of {size[0]} x "
                    f"{size[1]}; set {name}.folder.size_px: [{size[0]}, {size[1]}]"
                )
            if name == "test" and split.table is None:
                raise ValueError(
                    f"test.folder, {maps.folder}, has no label maps, by which anything is scored"
                )


def _first_split(maps: LabelMapsConfig | None) -> LabelMapSplitConfig | None:
    return None if maps is None else plan_label_maps(maps, Path())[0][0]
