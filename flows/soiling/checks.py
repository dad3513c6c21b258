"""Reads all that a run is given before anything starts, so that a mistake costs a second and leaves nothing behind."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from blender_assets.both_sides.text_reading import printable
from flows.configuration.mistakes import explain_mistakes
from flows.segment.checks import check_images
from flows.segment.start_weights import check_start
from flows.soiling.config import LEVELS, SoilingRun
from flows.soiling.segmenters import first_run
from models.segmentation.config import SegmentationConfig
from models.soiling.super_resolution.config import FACTOR
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.planning import plan_label_maps

_SIDES = 4 * FACTOR  # generators halve a quarter of an image twice
_LEAST_PX = 32 * FACTOR  # of a side: what discriminators need, at a quarter


def check_soiling(configs: Sequence[SoilingRun]) -> None:
    """ValueError in one line for images, sizes or networks that cannot be used. What was recognised is told."""
    told: dict[str, None] = {}
    for config in configs:
        _check_networks(config)
        _check_sets(config, told.setdefault)
        _check_sizes(config)
    for line in told:
        print(printable(line), file=sys.stderr)


def _check_networks(config: SoilingRun) -> None:
    segmenters = {f"arms.{arm}.set": lambda arm=arm: config.segmenter_of(arm) for arm in config.arms}
    for field, build in (segmenters | {"guide_set": config.guide}).items():
        found = _built(field, build)
        if found.num_classes != LEVELS:
            raise ValueError(
                f"{field}: num_classes is {found.num_classes}, but there are {LEVELS} levels of soiling; set it to {LEVELS}"
            )
        check_start(first_run(config, found))
    if config.degradation is not None:
        check_start(first_run(config, config.degradation.segmenter))


def _built(field: str, build: Callable[[], SegmentationConfig]) -> SegmentationConfig:
    try:
        return build()
    except ValidationError as error:
        mistakes = "; ".join(f"{field}: {mistake}" for mistake in explain_mistakes(error))
        raise ValueError(mistakes) from None


def _check_sets(config: SoilingRun, tell: Callable[[str], object]) -> None:
    if config.soiled is not None:
        check_images(config.soiled, num_classes=LEVELS, field="segmenter.num_classes", tell=tell)
    if config.degradation is not None:
        classes = config.degradation.segmenter.num_classes
        check_images(
            config.label_maps, num_classes=classes, field="degradation.segmenter.num_classes", tell=tell
        )


def _check_sizes(config: SoilingRun) -> None:
    clean = _clean_size(config)
    for side in clean:
        if side % _SIDES or side < _LEAST_PX:
            raise ValueError(
                f"clean images are {clean[0]} x {clean[1]} px, but networks at a quarter of that need sides that are "
                f"multiples of {_SIDES} and >= {_LEAST_PX}; set size_px (or the street's width_px and height_px)"
            )
    if config.soiled is not None and (soiled := _size_of(config.soiled)) != clean:
        raise ValueError(
            f"soiled images are {soiled[0]} x {soiled[1]} px and clean ones {clean[0]} x {clean[1]}; set soiled.size_px "
            f"to [{clean[0]}, {clean[1]}]"
        )


def _clean_size(config: SoilingRun) -> tuple[int, int]:
    if config.sample_street is not None:
        return config.sample_street.settings.width_px, config.sample_street.settings.height_px
    assert config.label_maps is not None
    return _size_of(config.label_maps)


def _size_of(maps: LabelMapsConfig) -> tuple[int, int]:
    (split, _), *_ = plan_label_maps(maps, Path())
    return split.size_px
