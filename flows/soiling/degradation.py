"""What soiling does to a segmenter of scenes, and what training on soiled images wins back (seed 000, section 4.3)."""

from dataclasses import dataclass
from typing import Any

from flows.pipelines.journey import Start
from flows.soiling.config import SoilingRun
from flows.soiling.segmenters import apply_seeds, train_seeds
from flows.soiling.soilers import Soilers, Splits, soil
from tasks.journeys import segment as segment_steps
from tasks.journeys import soiling as steps
from tasks.segmentation.evaluation import SegmentArmsConfig

TRAINED_ON = ("clean", "soiled")  # arms; the first is the baseline


@dataclass(frozen=True)
class Degradation:
    """Scores of both arms on the clean and on the soiled test."""

    on_clean: Any
    on_soiled: Any

    def evaluations(self) -> list[Any]:
        return [self.on_clean, self.on_soiled]


def degrade(
    config: SoilingRun, soilers: Soilers, clean: Splits, start: Start, *, train: dict[str, Any]
) -> Degradation | None:
    """The same images clean and soiled, each once: R_train and R_val to learn from, R_test to be scored on.

    `train` has R_train by the ways in which it was soiled already.
    """
    asked = config.degradation
    if asked is None:
        return None
    made = {"train": train[asked.soiled_by]} if asked.soiled_by in train else {}
    soiled = {
        split: start(
            steps.label_scenes,
            made.get(split) or soil(config, soilers, asked.soiled_by, (split, images), start),
            images,
            label=f"scenes of soiled R_{split}",
        )
        for split, images in clean.items()
    }
    found = {
        name: train_seeds(
            config,
            asked.segmenter,
            (sets["train"], sets["val"]),
            start,
            on=f"train segmenter of scenes on {name} images",
        )
        for name, sets in zip(TRAINED_ON, (clean, soiled), strict=True)
    }
    return Degradation(
        *(
            _score(config, found, (test, sets["test"]), start)
            for test, sets in zip(TRAINED_ON, (clean, soiled), strict=True)
        )
    )


def _score(config: SoilingRun, found: dict[str, list[Any]], images: tuple[str, Any], start: Start) -> Any:
    """Both arms on one test, which comes with its name."""
    name, test = images
    segmentations = [
        labels
        for arm, segmenters in found.items()
        for labels in apply_seeds(
            config, segmenters, test, start, told=f"segment the {name} test, trained on {arm}"
        )
    ]
    arms = SegmentArmsConfig(
        arms=tuple(found), seeds=config.training.each_seed(), pairs=(("soiled", "clean"),)
    )
    return start(
        segment_steps.evaluate_segmenters, arms, segmentations, test, label=f"evaluate on the {name} test"
    )
