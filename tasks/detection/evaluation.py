"""Scores detectors on R_test and says, with intervals, whether one training set beats another.

Checkpoint and score threshold come from R_val and are frozen. Intervals hold the choice of test images, whole clips at a
time (frames of one video are no independent evidence), and the choice of the trainings' seeds.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from models.detection.data import DetectionSet
from models.detection.scoring.metrics import (
    RECALL_LEVELS,
    average_precisions,
    f1_at_thresholds,
    match_set,
    precision_at_recalls,
)
from models.judging.comparisons import Evidence, judge, score_interval
from models.judging.resampling import Counts
from tasks.building.steps import step
from tasks.detection.breakdown import BreakdownConfig, Frames, break_down, dissect_images
from tasks.formats.detection_sets import SetImage, read_set
from tasks.formats.detections import Found, count_matches, read_found


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


@dataclass(frozen=True)
class SeedScore:
    """What one trained detector reached."""

    seed: int
    precision: float
    recall: float
    f1: float
    average_precisions: dict[str, float]
    threshold: float
    checkpoint_step: int
    val_f1: float


@dataclass(frozen=True)
class ArmScore:
    """One arm's means over seeds; `interval` is a 95 % interval of F1, of one seed over images alone."""

    arm: str
    precision: float
    recall: float
    f1: float
    interval: tuple[float, float] | None
    average_precisions: dict[str, float]
    val_f1: float
    seeds: list[SeedScore]


@step("evaluation", libraries=("numpy",))
def evaluate_arms(out: Path, config: ArmsConfig, detections: list[Path], images: Path) -> None:
    """`evaluation.json`: the score of every arm and seed on one set of images, and the compared pairs.

    `counts.json`: what each detector found in each image, from which all intervals follow.
    `curves.json`: precision over recall and F1 over the score threshold, an entry a seed for every arm.
    `breakdown.json`: kinds of errors, worst images, and rates by distance, size and visibility for every arm.
    """
    pixels, records = read_set(images)
    settings, num_seeds = config.evaluation, len(config.seeds)
    clips = [record.clip for record in records]
    data = _ground_truth(records)
    frames = Frames(records, (pixels.shape[1], pixels.shape[2]))
    counts, scores, curves, breakdown = {}, [], {}, {}
    for number, arm in enumerate(config.arms):
        found = [
            read_found(folder, records)
            for folder in detections[number * num_seeds : (number + 1) * num_seeds]
        ]
        each = [count_matches(item, records, iou=settings.iou) for item in found]
        counts[arm] = _joined(each)
        seeds = [
            _seed_score(seed, item, count, data, settings)
            for seed, item, count in zip(config.seeds, found, each, strict=True)
        ]
        scores.append(_arm_score(arm, seeds, score_interval([counts[arm]], clips)))
        breakdown[arm] = _broken_down(frames, found, settings)
        curves[arm] = [_curves(item, data, iou=settings.iou) for item in found]
    evidence = [
        Evidence(arm, baseline, [counts[arm]], [counts[baseline]], clips) for arm, baseline in config.pairs
    ]
    result = {
        "num_images": len(records),
        "num_clips": len(set(clips)),
        "num_boxes": int(sum(len(record.boxes_xyxy) for record in records)),
        "num_seeds": num_seeds,
        "scores": [asdict(score) for score in scores],
        "comparisons": [item.record() for item in judge(evidence)],
    }
    (out / "evaluation.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    (out / "counts.json").write_text(json.dumps(_counted(counts, config, records)), encoding="utf-8")
    (out / "curves.json").write_text(json.dumps(curves), encoding="utf-8")
    (out / "breakdown.json").write_text(json.dumps(breakdown, indent=1), encoding="utf-8")


def _counted(counts: dict[str, Counts], config: ArmsConfig, records: list[SetImage]) -> dict[str, object]:
    return {
        "iou": config.evaluation.iou,
        "images": [record.name for record in records],
        "clips": [record.clip for record in records],
        "num_boxes": [len(record.boxes_xyxy) for record in records],
        "arms": {
            arm: {
                "seeds": list(config.seeds),
                "num_true": item.num_true.tolist(),
                "num_found": item.num_found.tolist(),
            }
            for arm, item in counts.items()
        },
    }


def _joined(counts: list[Counts]) -> Counts:
    """One detector's counts each -> those of all seeds."""
    true = np.concatenate([item.num_true for item in counts])
    return Counts(true, np.concatenate([item.num_found for item in counts]), counts[0].num_boxes)


def _seed_score(
    seed: int, found: Found, counts: Counts, data: DetectionSet, settings: EvaluationConfig
) -> SeedScore:
    true, num_found, boxes = counts.num_true.sum(), counts.num_found.sum(), counts.num_boxes.sum()
    return SeedScore(
        seed=seed,
        precision=float(true / max(1, num_found)),
        recall=float(true / max(1, boxes)),
        f1=float(counts.f1_by_seed()[0]),
        average_precisions=average_precisions(found.images, data, ious=settings.average_precision_ious),
        threshold=found.threshold,
        checkpoint_step=found.checkpoint_step,
        val_f1=found.val_f1,
    )


def _arm_score(arm: str, seeds: list[SeedScore], interval: tuple[float, float] | None) -> ArmScore:
    def mean(name: str) -> float:
        return float(np.mean([getattr(score, name) for score in seeds]))

    return ArmScore(
        arm=arm,
        precision=mean("precision"),
        recall=mean("recall"),
        f1=mean("f1"),
        interval=interval,
        average_precisions={
            name: float(np.mean([score.average_precisions[name] for score in seeds]))
            for name in seeds[0].average_precisions
        },
        val_f1=mean("val_f1"),
        seeds=seeds,
    )


def _broken_down(frames: Frames, found: list[Found], settings: EvaluationConfig) -> dict[str, object]:
    seeds = [(item.images, item.threshold) for item in found]
    anatomies = [
        dissect_images(images, frames.records, threshold=threshold, iou=settings.iou)
        for images, threshold in seeds
    ]
    return break_down(frames, seeds, anatomies, settings.breakdown)


def _curves(found: Found, data: DetectionSet, *, iou: float) -> dict[str, list[float]]:
    """Both over the same 101 levels from 0 to 1: of recall, and of the score threshold."""
    matches = match_set(found.images, data, iou_threshold=iou)
    f1 = f1_at_thresholds(matches, RECALL_LEVELS)
    precision = precision_at_recalls(matches)
    return {"levels": RECALL_LEVELS.tolist(), "precision": precision.tolist(), "f1": f1.tolist()}


def _ground_truth(records: list[SetImage]) -> DetectionSet:
    """Boxes in source pixels; the pixels themselves are not looked at."""
    empty = np.zeros((len(records), 1, 1, 3), np.uint8)
    boxes = [np.array(record.boxes_xyxy, np.float32).reshape(-1, 4) for record in records]
    ignored = [np.array(record.ignore_xyxy, np.float32).reshape(-1, 4) for record in records]
    return DetectionSet(empty, boxes, ignored)
