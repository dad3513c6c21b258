"""Lists where all detectors of a run disagree with the annotations of images that none was trained on.

A place where detectors of different training sets and seeds agree with each other is often an annotator's slip: a box too
many, or one that was forgotten.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from models.detection.data import Detections
from models.detection.scoring.agreement import group_detections, outside_of, unfound_boxes
from tasks.building.steps import step
from tasks.formats.detection_sets import SetImage, read_set
from tasks.formats.detections import Found, read_found

LEAST_DETECTORS = 3


class LabelCheckConfig(BaseModel):
    """When detectors contradict an annotation; every detector counts what it finds at its threshold from R_val."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    found_iou: float = Field(default=0.3, gt=0, lt=1)  # a box overlapped by this is found
    most_covered: float = Field(
        default=0.1, ge=0, lt=1
    )  # part of a detection that boxes may cover where none should be
    same_iou: float = Field(default=0.5, gt=0, lt=1)  # detections that overlap by this mean one thing
    least_share: float = Field(default=0.5, ge=0, lt=1)  # more than this share of the detectors must agree


class LabelCheckRun(BaseModel):
    """The check, and which split the images are of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: LabelCheckConfig
    split: str


@step("label-check", libraries=("numpy",))
def check_labels(out: Path, config: LabelCheckRun, detections: list[Path], images: Path) -> None:
    """`label_check.json`: `unfound` boxes, largest first, and `unlabelled` places, most agreed first, in source pixels.

    With fewer than three detectors both are empty: that would be a list of one detector's errors.
    """
    _, records = read_set(images)
    found = [read_found(folder, records) for folder in detections]
    unfound: list[dict[str, Any]] = []
    unlabelled: list[dict[str, Any]] = []
    if len(found) >= LEAST_DETECTORS:
        for index, record in enumerate(records):
            kept = [_kept(item, index) for item in found]
            unfound += _unfound(index, record, kept, config.check)
            unlabelled += _unlabelled(index, record, kept, config.check)
    content = {
        "split": config.split,
        "num_images": len(records),
        "num_detectors": len(found),
        "unfound": sorted(unfound, key=lambda item: -_area(item["box_xyxy"])),
        "unlabelled": sorted(unlabelled, key=lambda item: (-item["num_detectors"], -item["mean_score"])),
    }
    (out / "label_check.json").write_text(json.dumps(content, indent=1), encoding="utf-8")


def _kept(found: Found, index: int) -> Detections:
    detections = found.images[index]
    is_kept = detections.scores >= found.threshold
    return Detections(detections.boxes_xyxy[is_kept], detections.scores[is_kept], detections.labels[is_kept])


def _unfound(
    index: int, record: SetImage, kept: list[Detections], config: LabelCheckConfig
) -> list[dict[str, Any]]:
    boxes = _boxes(record.boxes_xyxy)
    missed = unfound_boxes(boxes, [item.boxes_xyxy for item in kept], iou_threshold=config.found_iou)
    return [{"index": index, "image": record.name, "box_xyxy": box.tolist()} for box in boxes[missed]]


def _unlabelled(
    index: int, record: SetImage, kept: list[Detections], config: LabelCheckConfig
) -> list[dict[str, Any]]:
    annotated = _boxes([*record.boxes_xyxy, *record.ignore_xyxy])
    are_outside = [outside_of(item.boxes_xyxy, annotated, most_covered=config.most_covered) for item in kept]
    groups = group_detections(
        [item.boxes_xyxy[outside] for item, outside in zip(kept, are_outside, strict=True)],
        [item.scores[outside] for item, outside in zip(kept, are_outside, strict=True)],
        iou_threshold=config.same_iou,
    )
    return [
        {
            "index": index,
            "image": record.name,
            "box_xyxy": group.box_xyxy.tolist(),
            "num_detectors": group.num_detectors,
            "mean_score": group.mean_score,
        }
        for group in groups
        if group.num_detectors > config.least_share * len(kept)
    ]


def _boxes(boxes: Any) -> np.ndarray:
    return np.array(boxes, np.float32).reshape(-1, 4)


def _area(box: list[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
