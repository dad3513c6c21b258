"""Reads all that a run is given before anything starts, so that a mistake costs a second and leaves nothing behind."""

import sys
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from pydantic import ValidationError

from blender_assets.both_sides.text_reading import printable
from flows.configuration.mistakes import explain_mistakes
from flows.segment.config import SegmentConfig
from flows.segment.start_weights import check_start, training_runs
from models.segmentation.config import SegmentationConfig
from tasks.class_tables.known import known_table
from tasks.class_tables.table import ClassTable
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.planning import plan_label_maps


def check_segmenting(configs: Sequence[SegmentConfig]) -> None:
    """ValueError in one line for a folder, a split, an arm or weights that cannot be used. What was recognised is told."""
    told: dict[str, None] = {}
    for config in configs:
        _check_arms(config)
        check_images(
            config.label_maps,
            num_classes=config.segmenter.num_classes,
            field="segmenter.num_classes",
            tell=told.setdefault,
        )
        _check_starts(config)
    for line in told:
        print(printable(line), file=sys.stderr)


def _check_arms(config: SegmentConfig) -> None:
    for arm in config.arms:
        try:
            config.segmenter_of(arm)
        except ValidationError as error:
            mistakes = "; ".join(f"arms.{arm}.set: {mistake}" for mistake in explain_mistakes(error))
            raise ValueError(mistakes) from None


def _check_starts(config: SegmentConfig) -> None:
    """One training for every network and its weights: filling one takes seconds."""
    runs = [training_runs(config, arm)[0] for arm in config.arms]
    for run in {_what_must_fit(run.segmenter): run for run in runs}.values():
        check_start(run)


def _what_must_fit(segmenter: SegmentationConfig) -> Hashable:
    return segmenter.weights, segmenter.network, segmenter.width, segmenter.num_outputs


def check_images(
    maps: LabelMapsConfig | None,
    *,
    num_classes: int,
    field: str,
    tell: Callable[[str], object],
    needed: tuple[str, ...] = ("train", "val", "test"),
) -> None:
    """ValueError in one line for a folder or a split that cannot be used, or classes whose number `field` has not.

    `maps` is None for the sample street.
    """
    if maps is None:
        _check_classes(known_table("cityscapes"), num_classes, field)
        return
    splits = {split.split: split for split, _ in plan_label_maps(maps, Path(), tell=tell)}
    missing = [name for name in needed if name not in splits]
    if missing:
        raise ValueError(
            f"the split {missing[0]!r} of {maps.folder} is empty; set label_maps.split to sequence, city or "
            "patterns, or put its images into a folder of this name"
        )
    table = splits["train"].convert_to or splits["train"].table
    if table is None:
        raise ValueError(f"{maps.folder} has no label maps, from which a segmenter could learn")
    _check_classes(table, num_classes, field)


def _check_classes(table: ClassTable, num_classes: int, field: str) -> None:
    if num_classes != table.num_classes:
        raise ValueError(
            f"{field} is {num_classes}, but {table.name} has {table.num_classes} classes; "
            f"set {field}: {table.num_classes}"
        )
