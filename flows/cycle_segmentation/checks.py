"""Reads all that a run is given before anything starts, so that a mistake costs a second and leaves nothing behind."""

import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from blender_assets.both_sides.text_reading import printable
from flows.configuration.mistakes import explain_mistakes
from flows.cycle_segmentation.config import CycleSegmentationRun
from flows.segment.checks import check_images
from tasks.label_maps.planning import plan_label_maps


def check_cycle_segmentation(configs: Sequence[CycleSegmentationRun]) -> None:
    """ValueError in one line for a folder, a split or an arm that cannot be used. What was recognised is told."""
    told: dict[str, None] = {}
    for config in configs:
        _check_arms(config)
        check_images(
            config.label_maps,
            num_classes=config.network.num_classes,
            field="network.num_classes",
            tell=told.setdefault,
        )
        if config.unlabelled is not None:
            plan_label_maps(config.unlabelled, Path(), tell=told.setdefault)
    for line in told:
        print(printable(line), file=sys.stderr)


def _check_arms(config: CycleSegmentationRun) -> None:
    for arm in config.all_arms():
        try:
            network = config.network_of(arm)
        except ValidationError as error:
            mistakes = "; ".join(f"arms.{arm}.set: {mistake}" for mistake in explain_mistakes(error))
            raise ValueError(mistakes) from None
        if arm in config.arms and network.cycle is None:
            raise ValueError(
                f"arms.{arm}.set sets cycle to null, which is the arm erfnet; remove it: every run trains erfnet"
            )
