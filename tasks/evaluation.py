"""Scores detectors on R_test and says, with intervals, whether one training set beats another.

Checkpoint and score threshold come from R_val and are frozen. Intervals hold the choice of test images, whole clips at a
time (frames of one video are no independent evidence), and the choice of the trainings' seeds.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from models.detection.data import Detections, DetectionSet
from models.detection.metrics import (
    RECALL_LEVELS,
    average_precisions,
    f1_at_thresholds,
    match_image,
    match_set,
    precision_at_recalls,
)
from models.detection.resampling import (
    Counts,
    Draws,
    Estimate,
    draw_chances,
    estimate_difference,
    estimate_f1,
)
from models.detection.verdicts import Needed, Verdict, decide, find_needed, holm
from tasks.breakdown import BreakdownConfig, Frames, break_down, dissect_images
from tasks.detection_sets import SetImage, read_set
from tasks.steps import step


class EvaluationConfig(BaseModel):
    """How detections are scored: precision, recall and F1 at `iou`, average precision also at others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # overlap with an annotated box from which a detection is right; larger asks for tighter boxes
    iou: float = Field(default=0.5, gt=0, lt=1)
    # overlaps for which average precision is reported too
    average_precision_ious: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.3, 0.5)
    # random draws behind an interval; more make its ends steadier
    bootstrap_draws: int = Field(default=2000, ge=100)
    seed: int = 0  # of these draws
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


@dataclass(frozen=True)
class Comparison:
    """F1 of `arm` minus F1 of `baseline`, paired; without an interval where resampling says nothing.

    `p_value` is `unadjusted_p` after Holm's correction over the run's comparisons. `needed`: what the same difference
    would take to be told.
    """

    arm: str
    baseline: str
    difference: float
    interval: tuple[float, float] | None
    unadjusted_p: float | None
    p_value: float | None
    verdict: Verdict
    needed: Needed | None


@dataclass(frozen=True)
class Found:
    """What one seed's detector found in every image, with what was frozen on R_val."""

    threshold: float
    checkpoint_step: int
    val_f1: float
    images: list[Detections]


def count_matches(found: Found, records: list[SetImage], *, iou: float) -> Counts:
    """Counts of one detector [1, n] at its threshold; detections in ignored regions count neither way."""
    rows = []
    for detections, record in zip(found.images, records, strict=True):
        kept = detections.boxes_xyxy[detections.scores >= found.threshold]
        boxes = np.array(record.boxes_xyxy, np.float32).reshape(-1, 4)
        ignored = np.array(record.ignore_xyxy, np.float32).reshape(-1, 4)
        outcome = match_image(kept, boxes, ignored, iou_threshold=iou)
        rows.append((int((outcome == 1).sum()), int((outcome >= 0).sum()), len(boxes)))
    true, num_found, boxes = np.array(rows, np.int64).reshape(-1, 3).T
    return Counts(true[None], num_found[None], boxes)


def compare(
    counts: dict[str, Counts], pairs: Sequence[tuple[str, str]], draws: Draws | None
) -> list[Comparison]:
    """Every arm against its baseline, on the same draws; Holm's correction over all pairs."""
    if draws is None:
        gains = [counts[arm].f1_by_seed() - counts[baseline].f1_by_seed() for arm, baseline in pairs]
        return [
            Comparison(arm, baseline, float(gain.mean()), None, None, None, "cannot tell", None)
            for (arm, baseline), gain in zip(pairs, gains, strict=True)
        ]
    results = [estimate_difference(counts[arm], counts[baseline], draws) for arm, baseline in pairs]
    adjusted = holm([result.p_value for result in results])
    return [
        _comparison(pair, result, p, counts[pair[0]])
        for pair, result, p in zip(pairs, results, adjusted, strict=True)
    ]


def _comparison(pair: tuple[str, str], result: Estimate, p: float, counts: Counts) -> Comparison:
    num_seeds, num_images = counts.num_true.shape
    return Comparison(
        arm=pair[0],
        baseline=pair[1],
        difference=result.value,
        interval=result.interval,
        unadjusted_p=result.p_value,
        p_value=p,
        verdict=decide(result.value, p, num_seeds=num_seeds),
        needed=find_needed(result, num_images=num_images, num_seeds=num_seeds),
    )


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
    draws = draw_chances(
        clips,
        num_seeds=num_seeds,
        draws=settings.bootstrap_draws,
        rng=np.random.default_rng(settings.seed),
    )
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
        scores.append(_arm_score(arm, seeds, counts[arm], draws))
        breakdown[arm] = _broken_down(frames, found, settings)
        curves[arm] = [_curves(item, data, iou=settings.iou) for item in found]
    result = {
        "num_images": len(records),
        "num_clips": len(set(clips)),
        "num_boxes": int(sum(len(record.boxes_xyxy) for record in records)),
        "num_seeds": num_seeds,
        "scores": [asdict(score) for score in scores],
        "comparisons": [asdict(item) for item in compare(counts, config.pairs, draws)],
    }
    (out / "evaluation.json").write_text(json.dumps(result, indent=1))
    (out / "counts.json").write_text(json.dumps(_counted(counts, config, records)))
    (out / "curves.json").write_text(json.dumps(curves))
    (out / "breakdown.json").write_text(json.dumps(breakdown, indent=1))


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


def read_found(folder: Path, records: list[SetImage]) -> Found:
    """The content of one detector's `detections.json`; ValueError unless it is of exactly these images."""
    content = json.loads((folder / "detections.json").read_text())
    _check_names([image["name"] for image in content["images"]], [record.name for record in records])
    images = [_detections(image) for image in content["images"]]
    return Found(content["threshold"], content["checkpoint_step"], content["val_f1"], images)


def _check_names(found: list[str], wanted: list[str]) -> None:
    if found == wanted:
        return
    unknown, missing = sorted(set(found) - set(wanted)), sorted(set(wanted) - set(found))
    if unknown:
        what = f"the image {unknown[0]!r}, which is not among the {len(wanted)} images to be scored"
    elif missing:
        what = f"{len(found)} images, but not {missing[0]!r}, one of the {len(wanted)} to be scored"
    else:
        what = f"the {len(wanted)} images to be scored in another order, or some of them twice"
    raise ValueError(f"the detections are of {what}; run the detector over the very set that is scored")


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


def _arm_score(arm: str, seeds: list[SeedScore], counts: Counts, draws: Draws | None) -> ArmScore:
    def mean(name: str) -> float:
        return float(np.mean([getattr(score, name) for score in seeds]))

    return ArmScore(
        arm=arm,
        precision=mean("precision"),
        recall=mean("recall"),
        f1=mean("f1"),
        interval=None if draws is None else estimate_f1(counts, draws).interval,
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


def _detections(image: dict[str, Any]) -> Detections:
    boxes = np.array(image["boxes_xyxy"], np.float32).reshape(-1, 4)
    return Detections(boxes, np.array(image["scores"], np.float32), np.zeros(len(boxes), np.int64))
