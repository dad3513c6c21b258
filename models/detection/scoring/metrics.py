"""Precision, recall, F1 and average precision of detections; never NaN, also where there is nothing to
count.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.detection.boxes import covered, iou
from models.detection.data import Detections, DetectionSet

RECALL_LEVELS = np.linspace(0, 1, 101)  # COCO's
UNMATCHED, IGNORED = -1, -2  # instead of the index of a box
COCO_IOUS = tuple(float(value) for value in np.linspace(0.5, 0.95, 10))


@dataclass(frozen=True)
class Matches:
    """All detections of a set that count, best score first [n], and how many boxes there were."""

    scores: np.ndarray
    is_true: np.ndarray
    num_boxes: int


@dataclass(frozen=True)
class Quality:
    """Counts and rates at one score threshold; a rate with an empty denominator is 0."""

    threshold: float
    num_true: int
    num_found: int
    num_boxes: int

    @property
    def precision(self) -> float:
        """True detections / detections (Eq. 2.23)."""
        return self.num_true / max(1, self.num_found)

    @property
    def recall(self) -> float:
        """True detections / boxes (Eq. 2.24)."""
        return self.num_true / max(1, self.num_boxes)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall (Eq. 2.25)."""
        return 2 * self.num_true / max(1, self.num_found + self.num_boxes)


def match_image(
    found_xyxy: np.ndarray, boxes_xyxy: np.ndarray, ignore_xyxy: np.ndarray, *, iou_threshold: float
) -> np.ndarray:
    """1 true, 0 false, -1 in an ignored region, for each detection [k]; detections come best score first.

    By `assign_boxes`.
    """
    taken = assign_boxes(found_xyxy, boxes_xyxy, ignore_xyxy, iou_threshold=iou_threshold)
    return np.where(taken >= 0, 1, np.where(taken == IGNORED, -1, 0))


def assign_boxes(
    found_xyxy: np.ndarray, boxes_xyxy: np.ndarray, ignore_xyxy: np.ndarray, *, iou_threshold: float
) -> np.ndarray:
    """The box that each detection [k] takes, as its index; else UNMATCHED or IGNORED. Best score comes first.

    Greedy as in COCO: a detection takes the free box with the largest IoU >= the threshold (the last of
    equals).
    One without a box is left out of the count if that part of its own area lies in an ignored region.
    """
    overlaps = iou(found_xyxy.astype(np.float64), boxes_xyxy.astype(np.float64))
    ignored = covered(found_xyxy.astype(np.float64), ignore_xyxy.astype(np.float64))
    taken = np.where(ignored.max(1, initial=0) >= iou_threshold, IGNORED, UNMATCHED)
    if overlaps.shape[1] == 0:
        return taken
    for index in np.flatnonzero(overlaps.max(1) >= iou_threshold):
        best = overlaps.shape[1] - 1 - int(overlaps[index, ::-1].argmax())
        if overlaps[index, best] >= iou_threshold:
            taken[index] = best
            overlaps[:, best] = -1
    return taken


def match_set(
    detections: Sequence[Detections],
    data: DetectionSet,
    *,
    iou_threshold: float = 0.5,
    label: int | None = None,
) -> Matches:
    """Match image by image, class by class; `label` None pools all classes (a box must still be met by its
    class).
    """
    classes = _classes(detections, data) if label is None else [label]
    scores, outcomes, num_boxes = [np.zeros(0)], [np.zeros(0, int)], 0
    for index, found in enumerate(detections):
        annotation = data.annotation(index)
        for kind in classes:
            boxes = annotation.boxes_xyxy[annotation.labels == kind]
            chosen = np.flatnonzero(found.labels == kind)
            chosen = chosen[np.argsort(-found.scores[chosen], kind="stable")]
            scores.append(found.scores[chosen])
            outcomes.append(
                match_image(
                    found.boxes_xyxy[chosen], boxes, annotation.ignore_xyxy, iou_threshold=iou_threshold
                )
            )
            num_boxes += len(boxes)
    return _ranked(np.concatenate(scores), np.concatenate(outcomes), num_boxes)


def quality_at(matches: Matches, threshold: float) -> Quality:
    """Counts over detections with score >= threshold."""
    found = int(np.count_nonzero(matches.scores >= threshold))
    return Quality(threshold, int(matches.is_true[:found].sum()), found, matches.num_boxes)


def choose_threshold(matches: Matches) -> Quality:
    """The threshold with the best F1, and the quality there; detections with one score stand or fall together.

    Of equally good thresholds the highest; without detections the threshold is 0.5 and every rate 0.
    """
    if len(matches.scores) == 0:
        return Quality(0.5, 0, 0, matches.num_boxes)
    ends = np.flatnonzero(np.append(np.diff(matches.scores) != 0, True))
    num_true = np.cumsum(matches.is_true)[ends]
    f1 = 2 * num_true / np.maximum(1, ends + 1 + matches.num_boxes)
    best = int(ends[f1.argmax()])
    return Quality(float(matches.scores[best]), int(num_true[f1.argmax()]), best + 1, matches.num_boxes)


def average_precision(matches: Matches) -> float:
    """COCO's average precision: the envelope of precision at 101 recalls; 0 where there are no boxes."""
    return float(precision_at_recalls(matches).mean())


def average_precisions(
    detections: Sequence[Detections], data: DetectionSet, *, ious: Sequence[float]
) -> dict[str, float]:
    """COCO's average precision of one class at each IoU ("AP50") and on average over .5 to .95 ("AP50:95")."""
    at = {
        iou: average_precision(match_set(detections, data, iou_threshold=iou))
        for iou in dict.fromkeys((*ious, *COCO_IOUS))
    }
    named = {f"AP{100 * iou:.0f}": at[iou] for iou in ious}
    return named | {"AP50:95": float(np.mean([at[iou] for iou in COCO_IOUS]))}


def precision_at_recalls(matches: Matches) -> np.ndarray:
    """The best precision [101] at a recall of at least each of COCO's levels; 0 where it is not reached."""
    if matches.num_boxes == 0 or len(matches.scores) == 0:
        return np.zeros(len(RECALL_LEVELS))
    num_true = np.cumsum(matches.is_true)
    recall = num_true / matches.num_boxes
    precision = num_true / np.arange(1, len(num_true) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    reached = np.searchsorted(recall, RECALL_LEVELS, side="left")
    return np.append(envelope, 0.0)[reached]


def f1_at_thresholds(matches: Matches, thresholds: np.ndarray) -> np.ndarray:
    """F1 [m] of the detections with scores >= each threshold [m]."""
    return np.array([quality_at(matches, float(threshold)).f1 for threshold in thresholds])


def _classes(detections: Sequence[Detections], data: DetectionSet) -> list[int]:
    known = {int(label) for index in range(len(detections)) for label in data.annotation(index).labels}
    return sorted(known | {int(label) for found in detections for label in found.labels})


def _ranked(scores: np.ndarray, outcomes: np.ndarray, num_boxes: int) -> Matches:
    scores, outcomes = scores[outcomes >= 0], outcomes[outcomes >= 0]
    order = np.argsort(-scores, kind="stable")
    return Matches(scores[order], outcomes[order].astype(bool), num_boxes)
