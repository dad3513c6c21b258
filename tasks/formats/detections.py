"""What a trained detector found in every image, and how much of it is right."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.detection.data import Detections
from models.detection.scoring.metrics import match_image
from models.judging.sufficient_statistics import detection_statistics
from tasks.formats.detection_sets import SetImage


@dataclass(frozen=True)
class Found:
    """What one seed's detector found in every image, with what was frozen on R_val."""

    threshold: float
    checkpoint_step: int
    val_f1: float
    images: list[Detections]


def read_found(folder: Path, records: list[SetImage]) -> Found:
    """The content of one detector's `detections.json`; ValueError unless it is of exactly these images."""
    content = json.loads((folder / "detections.json").read_text(encoding="utf-8"))
    _check_names([image["name"] for image in content["images"]], [record.name for record in records])
    images = [_detections(image) for image in content["images"]]
    return Found(content["threshold"], content["checkpoint_step"], content["val_f1"], images)


def count_matches(
    found: Sequence[Detections], records: Sequence[SetImage], *, threshold: float, iou: float
) -> np.ndarray:
    """Detection statistics [1, n, 3] of one detector at its threshold; detections in ignored regions count neither way."""
    rows = []
    for detections, record in zip(found, records, strict=True):
        kept = detections.boxes_xyxy[detections.scores >= threshold]
        boxes = np.array(record.boxes_xyxy, np.float32).reshape(-1, 4)
        ignored = np.array(record.ignore_xyxy, np.float32).reshape(-1, 4)
        outcome = match_image(kept, boxes, ignored, iou_threshold=iou)
        rows.append((int((outcome == 1).sum()), int((outcome >= 0).sum()), len(boxes)))
    true, num_found, boxes = np.array(rows, np.int64).reshape(-1, 3).T
    return detection_statistics(true[None], num_found[None], boxes)


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


def _detections(image: dict[str, Any]) -> Detections:
    boxes = np.array(image["boxes_xyxy"], np.float32).reshape(-1, 4)
    return Detections(boxes, np.array(image["scores"], np.float32), np.zeros(len(boxes), np.int64))
