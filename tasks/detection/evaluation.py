"""Scores detectors on R_test and says, with intervals, whether one training set beats another.

Checkpoint and score threshold come from R_val and are frozen. Intervals hold the choice of test images, whole clips at a
time (frames of one video are no independent evidence), and the choice of the trainings' seeds.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from models.detection.data import Detections, DetectionSet
from models.detection.scoring.metrics import (
    RECALL_LEVELS,
    average_precisions,
    f1_at_thresholds,
    match_set,
    precision_at_recalls,
)
from models.judging.measures import F1, find_measure
from tasks.building.steps import step
from tasks.detection.breakdown import BreakdownConfig, Frames, break_down, dissect_images
from tasks.formats.detection_sets import SetImage, read_set
from tasks.formats.detections import Found, count_matches, read_found
from tasks.scoring.arms import score_arms
from tasks.scoring.records import Counted, digest_truth

_SHOWN = (find_measure("precision"), find_measure("recall"), F1)


class EvaluationConfig(BaseModel):
    """How detections are scored: precision, recall and F1 at `iou`, average precision also at others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # overlap with an annotated box from which a detection is right; larger asks for tighter boxes
    iou: float = Field(default=0.5, gt=0, lt=1)
    # overlaps for which average precision is reported too
    average_precision_ious: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.3, 0.5)
    breakdown: BreakdownConfig = BreakdownConfig()  # bins of the tables of errors


class ArmsConfig(BaseModel):
    """Which detections belong to which arm (training set) and seed: arm by arm, seed by seed in the inputs' order.

    `pairs` names which arm is compared with which baseline.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    evaluation: EvaluationConfig
    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    pairs: tuple[tuple[str, str], ...]


@step("evaluation", libraries=("numpy",))
def evaluate_arms(out: Path, config: ArmsConfig, detections: list[Path], images: Path) -> None:
    """`evaluation.json`: the score of every arm and seed on one set of images, and the compared pairs.

    `statistics.json`: what each detector found in each image (true and all detections, boxes), from which all intervals
    follow.
    `curves.json`: precision over recall and F1 over the score threshold, an entry a seed for every arm.
    `breakdown.json`: kinds of errors, worst images, and rates by distance, size and visibility for every arm.
    """
    pixels, records = read_set(images)
    settings, data = config.evaluation, ground_truth(records)
    frames = Frames(records, (pixels.shape[1], pixels.shape[2]))
    found = _read_by_arm(config, detections, records)
    counted = _count(found, config, records)
    result = score_arms(counted, main=F1, shown=_SHOWN, pairs=config.pairs)
    result["num_boxes"] = int(sum(len(record.boxes_xyxy) for record in records))
    result["scores"] = [
        _with_detectors(row, found[row["arm"]], data, settings.average_precision_ious)
        for row in result["scores"]
    ]
    curves = {
        arm: [draw_curves(item.images, data, iou=settings.iou) for item in items]
        for arm, items in found.items()
    }
    breakdown = {arm: _broken_down(frames, items, settings) for arm, items in found.items()}
    (out / "evaluation.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    (out / "statistics.json").write_text(json.dumps(counted.record()), encoding="utf-8")
    (out / "curves.json").write_text(json.dumps(curves), encoding="utf-8")
    (out / "breakdown.json").write_text(json.dumps(breakdown, indent=1), encoding="utf-8")


def _read_by_arm(
    config: ArmsConfig, detections: list[Path], records: list[SetImage]
) -> dict[str, list[Found]]:
    found, count = [read_found(folder, records) for folder in detections], len(config.seeds)
    return {arm: found[count * index : count * (index + 1)] for index, arm in enumerate(config.arms)}


def _count(found: dict[str, list[Found]], config: ArmsConfig, records: list[SetImage]) -> Counted:
    iou = config.evaluation.iou
    return Counted(
        images=tuple(record.name for record in records),
        clips=tuple(record.clip for record in records),
        truths=tuple(digest_truth([record.boxes_xyxy, record.ignore_xyxy]) for record in records),
        seeds=config.seeds,
        arms={
            arm: np.concatenate(
                [count_matches(item.images, records, threshold=item.threshold, iou=iou) for item in items]
            )
            for arm, items in found.items()
        },
        conditions={"IoU": iou},
    )


def _with_detectors(
    row: dict[str, Any], found: list[Found], data: DetectionSet, ious: Sequence[float]
) -> dict[str, Any]:
    """An arm's scores with average precision, and what was frozen on R_val."""
    seeds = [
        score
        | {
            "average_precisions": average_precisions(item.images, data, ious=ious),
            "threshold": item.threshold,
            "checkpoint_step": item.checkpoint_step,
            "val_f1": item.val_f1,
        }
        for score, item in zip(row["seeds"], found, strict=True)
    ]
    names = seeds[0]["average_precisions"]
    return row | {
        "average_precisions": {
            name: float(np.mean([score["average_precisions"][name] for score in seeds])) for name in names
        },
        "val_f1": float(np.mean([score["val_f1"] for score in seeds])),
        "seeds": seeds,
    }


def _broken_down(frames: Frames, found: list[Found], settings: EvaluationConfig) -> dict[str, object]:
    seeds = [(item.images, item.threshold) for item in found]
    anatomies = [
        dissect_images(images, frames.records, threshold=threshold, iou=settings.iou)
        for images, threshold in seeds
    ]
    return break_down(frames, seeds, anatomies, settings.breakdown)


def draw_curves(found: Sequence[Detections], data: DetectionSet, *, iou: float) -> dict[str, list[float]]:
    """Precision and F1 over the same 101 levels from 0 to 1: of recall, and of the score threshold."""
    matches = match_set(found, data, iou_threshold=iou)
    f1 = f1_at_thresholds(matches, RECALL_LEVELS)
    precision = precision_at_recalls(matches)
    return {"levels": RECALL_LEVELS.tolist(), "precision": precision.tolist(), "f1": f1.tolist()}


def ground_truth(records: list[SetImage]) -> DetectionSet:
    """Boxes in source pixels; the pixels themselves are not looked at."""
    empty = np.zeros((len(records), 1, 1, 3), np.uint8)
    boxes = [np.array(record.boxes_xyxy, np.float32).reshape(-1, 4) for record in records]
    ignored = [np.array(record.ignore_xyxy, np.float32).reshape(-1, 4) for record in records]
    return DetectionSet(empty, boxes, ignored)
