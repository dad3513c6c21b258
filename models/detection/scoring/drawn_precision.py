"""Average precision over drawn images: it ranks the detections of all images, so that no sums over images give it.

Shapes: n images, d draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.detection.data import Detections, DetectionSet
from models.detection.scoring.metrics import RECALL_LEVELS, match_image


@dataclass(frozen=True)
class RankedDetections:
    """All detections of a set that count, best score first [k], the image of each [k], and how many boxes each has [n]."""

    is_true: np.ndarray
    image_of: np.ndarray
    num_boxes: np.ndarray


def rank_detections(
    detections: Sequence[Detections], data: DetectionSet, *, iou_threshold: float
) -> RankedDetections:
    """Match image by image, of one class; the detections of each image come best first."""
    scores, outcomes, owners, num_boxes = [np.zeros(0)], [np.zeros(0, int)], [np.zeros(0, int)], []
    for index, found in enumerate(detections):
        annotation = data.annotation(index)
        boxes, ignored = annotation.boxes_xyxy, annotation.ignore_xyxy
        outcomes.append(match_image(found.boxes_xyxy, boxes, ignored, iou_threshold=iou_threshold))
        scores.append(found.scores)
        owners.append(np.full(len(found.scores), index))
        num_boxes.append(len(boxes))
    outcome, owner = np.concatenate(outcomes), np.concatenate(owners)
    order = np.argsort(-np.concatenate(scores), kind="stable")
    order = order[outcome[order] >= 0]
    return RankedDetections(outcome[order] == 1, owner[order], np.array(num_boxes))


def drawn_average_precisions(ranked: RankedDetections, weights: np.ndarray) -> np.ndarray:
    """COCO's average precision [d] where `weights` [d, n] says how often each image counts; NaN in a draw without boxes.

    An image that counts twice stands as if it were in the set twice.
    """
    is_true, images = ranked.is_true, ranked.image_of
    true_places = np.flatnonzero(is_true)
    totals = weights @ ranked.num_boxes
    found = np.full(len(weights), np.nan)
    for number in np.flatnonzero(totals > 0):
        drawn = weights[number][images]
        # Only at a true detection does recall change, and no precision between two of them is the best from there on.
        num_true = np.cumsum(drawn[true_places])
        num_found = np.cumsum(drawn)[true_places]
        found[number] = _average(num_true / totals[number], num_true / np.maximum(num_found, 1))
    return found


def _average(recall: np.ndarray, precision: np.ndarray) -> float:
    """The mean over COCO's 101 recalls of the best precision at each recall or more."""
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    reached = np.searchsorted(recall, RECALL_LEVELS, side="left")
    return float(np.append(envelope, 0.0)[reached].mean())
