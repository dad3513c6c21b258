"""Reads all that a run is given before anything starts, so that a mistake costs a second and leaves nothing behind."""

import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from blender_assets.both_sides.text_reading import printable
from flows.configuration.mistakes import explain_mistakes
from flows.segment.config import SegmentConfig
from tasks.class_tables.known import known_table
from tasks.class_tables.table import ClassTable
from tasks.label_maps.importing import LabelMapSplitConfig
from tasks.label_maps.planning import plan_label_maps
from tasks.training.segmenter_training import TRAINABLE, SegmenterRun


def check_segmenting(configs: Sequence[SegmentConfig]) -> None:
    """ValueError in one line for a folder, a split, an arm or weights that cannot be used. What was recognised is told."""
    told: dict[str, None] = {}
    for config in configs:
        _check_arms(config)
        if config.label_maps is not None:
            splits = plan_label_maps(config.label_maps, Path(), tell=lambda line: told.setdefault(line))
            _check_splits(config, {split.split: split for split, _ in splits}, config.label_maps.folder)
        else:
            _check_classes(config, known_table("cityscapes"))
        TRAINABLE.weights_files(SegmenterRun(segmenter=config.segmenter, seed=0, threads=1))
    for line in told:
        print(printable(line), file=sys.stderr)


def _check_arms(config: SegmentConfig) -> None:
    for arm in config.arms:
        try:
            config.segmenter_of(arm)
        except ValidationError as error:
            mistakes = "; ".join(f"arms.{arm}.set: {mistake}" for mistake in explain_mistakes(error))
            raise ValueError(mistakes) from None


def _check_splits(config: SegmentConfig, splits: dict[str, LabelMapSplitConfig], folder: str) -> None:
    missing = [name for name in ("train", "val", "test") if name not in splits]
    if missing:
        raise ValueError(
            f"the split {missing[0]!r} of {folder} is empty; set label_maps.split to sequence, city or "
            "patterns, or put its images into a folder of this name"
        )
    table = splits["train"].convert_to or splits["train"].table
    if table is None:
        raise ValueError(f"{folder} has no label maps, from which a segmenter could learn")
    _check_classes(config, table)


def _check_classes(config: SegmentConfig, table: ClassTable) -> None:
    if config.segmenter.num_classes != table.num_classes:
        raise ValueError(
            f"segmenter.num_classes is {config.segmenter.num_classes}, but {table.name} has {table.num_classes} classes; "
            f"set segmenter.num_classes: {table.num_classes}"
        )
