"""Scores detectors on R_test and says, with intervals, whether one training set beats another.

Checkpoint and score threshold come from R_val and are frozen. Intervals are a paired bootstrap over whole clips, or over
images where every image is a clip of its own: frames of one video are no independent evidence.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from models.detection.data import Detections, DetectionSet
from models.detection.metrics import average_precision, match_image, match_set
from tasks.detection_sets import SetImage, read_set
from tasks.steps import step


class EvaluationConfig(BaseModel):
    """How detections are scored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    iou: float = Field(default=0.5, gt=0, lt=1)
    bootstrap_draws: int = Field(default=2000, ge=100)
    seed: int = 0


class ArmsConfig(BaseModel):
    """Which detections belong to which arm (training set), in the order of the inputs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    evaluation: EvaluationConfig
    arms: tuple[str, ...]
    baseline: str


@dataclass(frozen=True)
class Counts:
    """True detections, all detections and boxes of every image, at the frozen threshold, int [n] each."""

    num_true: np.ndarray
    num_found: np.ndarray
    num_boxes: np.ndarray

    def f1(self, weights: np.ndarray) -> np.ndarray:
        """F1 for every draw: `weights` [draws, n] says how often each image counts. 0 where nothing is there."""
        found = weights @ (self.num_found + self.num_boxes)
        return np.where(found > 0, 2 * (weights @ self.num_true) / np.maximum(found, 1), 0.0)


@dataclass(frozen=True)
class ArmScore:
    """One arm's result; `interval` is a 95 % bootstrap interval of F1 for this one trained detector."""

    arm: str
    precision: float
    recall: float
    f1: float
    interval: tuple[float, float] | None
    average_precision: float
    average_precision_30: float
    threshold: float
    checkpoint_step: int
    val_f1: float


@dataclass(frozen=True)
class Comparison:
    """F1 of `arm` minus F1 of `baseline`, paired; `interval` is None where resampling says nothing."""

    arm: str
    baseline: str
    difference: float
    interval: tuple[float, float] | None

    @property
    def verdict(self) -> str:
        if self.interval is None or self.interval[0] <= 0 <= self.interval[1]:
            return "cannot tell"
        return "helps" if self.difference > 0 else "hurts"


def count_matches(
    found: list[Detections], records: list[SetImage], *, threshold: float, iou: float
) -> Counts:
    """Per-image counts at a score threshold; detections in ignored regions count neither way."""
    rows = []
    for detections, record in zip(found, records, strict=True):
        kept = detections.boxes_xyxy[detections.scores >= threshold]
        boxes = np.array(record.boxes_xyxy, np.float32).reshape(-1, 4)
        ignored = np.array(record.ignore_xyxy, np.float32).reshape(-1, 4)
        outcome = match_image(kept, boxes, ignored, iou_threshold=iou)
        rows.append((int((outcome == 1).sum()), int((outcome >= 0).sum()), len(boxes)))
    columns = np.array(rows, np.int64).reshape(-1, 3).T
    return Counts(*columns)


def draw_clip_weights(clips: list[str], *, draws: int, rng: np.random.Generator) -> np.ndarray | None:
    """int [draws, n]: how often each image counts when whole clips are drawn with replacement.

    Where all images are of fewer than 3 clips, images are drawn instead; None for a single image.
    """
    groups = np.unique(clips, return_inverse=True)[1] if len(set(clips)) >= 3 else np.arange(len(clips))
    num_groups = groups.max() + 1
    if num_groups < 2:
        return None
    chosen = rng.multinomial(num_groups, np.full(num_groups, 1 / num_groups), size=draws)
    return chosen[:, groups]


def interval_95(samples: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(samples, [0.025, 0.975])
    return float(low), float(high)


def compare(counts: dict[str, Counts], baseline: str, weights: np.ndarray | None) -> list[Comparison]:
    """Every other arm against the baseline, on the same draws of images."""
    comparisons = []
    for arm in counts:
        if arm != baseline:
            once = np.ones((1, len(counts[arm].num_true)))
            difference = float((counts[arm].f1(once) - counts[baseline].f1(once))[0])
            drawn = None if weights is None else counts[arm].f1(weights) - counts[baseline].f1(weights)
            comparisons.append(
                Comparison(arm, baseline, difference, None if drawn is None else interval_95(drawn))
            )
    return comparisons


@step("evaluation", libraries=("numpy",))
def evaluate_arms(out: Path, config: ArmsConfig, detections: list[Path], images: Path) -> None:
    """`evaluation.json`: the score of every arm on one set of images, and each against the baseline."""
    _, records = read_set(images)
    settings = config.evaluation
    rng = np.random.default_rng(settings.seed)
    weights = draw_clip_weights([record.clip for record in records], draws=settings.bootstrap_draws, rng=rng)
    counts, scores = {}, []
    for arm, folder in zip(config.arms, detections, strict=True):
        content = json.loads((folder / "detections.json").read_text())
        found = [_detections(image) for image in content["images"]]
        counts[arm] = count_matches(found, records, threshold=content["threshold"], iou=settings.iou)
        scores.append(_score(arm, counts[arm], found, content, records, settings, weights))
    comparisons = compare(counts, config.baseline, weights)
    result = {
        "num_images": len(records),
        "num_clips": len({record.clip for record in records}),
        "num_boxes": int(sum(len(record.boxes_xyxy) for record in records)),
        "scores": [asdict(score) for score in scores],
        "comparisons": [asdict(item) | {"verdict": item.verdict} for item in comparisons],
    }
    (out / "evaluation.json").write_text(json.dumps(result, indent=1))


def _score(
    arm: str,
    counts: Counts,
    found: list[Detections],
    content: dict[str, Any],
    records: list[SetImage],
    settings: EvaluationConfig,
    weights: np.ndarray | None,
) -> ArmScore:
    data = _ground_truth(records)
    true, num_found, boxes = counts.num_true.sum(), counts.num_found.sum(), counts.num_boxes.sum()
    return ArmScore(
        arm=arm,
        precision=float(true / max(1, num_found)),
        recall=float(true / max(1, boxes)),
        f1=float(2 * true / max(1, num_found + boxes)),
        interval=None if weights is None else interval_95(counts.f1(weights)),
        average_precision=average_precision(match_set(found, data, iou_threshold=settings.iou)),
        average_precision_30=average_precision(match_set(found, data, iou_threshold=0.3)),
        threshold=content["threshold"],
        checkpoint_step=content["checkpoint_step"],
        val_f1=content["val_f1"],
    )


def _ground_truth(records: list[SetImage]) -> DetectionSet:
    """Boxes in source pixels; the pixels themselves are not looked at."""
    empty = np.zeros((len(records), 1, 1, 3), np.uint8)
    boxes = [np.array(record.boxes_xyxy, np.float32).reshape(-1, 4) for record in records]
    ignored = [np.array(record.ignore_xyxy, np.float32).reshape(-1, 4) for record in records]
    return DetectionSet(empty, boxes, ignored)


def _detections(image: dict[str, Any]) -> Detections:
    boxes = np.array(image["boxes_xyxy"], np.float32).reshape(-1, 4)
    return Detections(boxes, np.array(image["scores"], np.float32), np.zeros(len(boxes), np.int64))
