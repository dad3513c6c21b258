"""Where several detectors agree against an annotation: boxes that none finds, and objects that most find without a box."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.detection.boxes import covered, iou


@dataclass(frozen=True)
class Agreement:
    """One place where detectors agree: the surest one's box float32 [4], how many they are, and their mean score."""

    box_xyxy: np.ndarray
    num_detectors: int
    mean_score: float


def unfound_boxes(
    boxes_xyxy: np.ndarray, found_xyxy: Sequence[np.ndarray], *, iou_threshold: float
) -> np.ndarray:
    """bool [m]: boxes that no detection of any detector [k, 4] overlaps by this IoU."""
    best = [iou(found, boxes_xyxy).max(axis=0, initial=0) for found in found_xyxy]
    return np.max(best, axis=0, initial=0) < iou_threshold


def outside_of(found_xyxy: np.ndarray, boxes_xyxy: np.ndarray, *, most_covered: float) -> np.ndarray:
    """bool [k]: detections of which every box [m, 4] covers at most this part."""
    return covered(found_xyxy, boxes_xyxy).max(axis=1, initial=0) <= most_covered


def group_detections(
    found_xyxy: Sequence[np.ndarray], scores: Sequence[np.ndarray], *, iou_threshold: float
) -> list[Agreement]:
    """Detections of several detectors that overlap the surest one of their group by this IoU, one of each detector.

    Greedy: the surest detection left begins the next group. Entries are [k, 4] and [k] for every detector.
    """
    owners = np.concatenate([np.full(len(boxes), index) for index, boxes in enumerate(found_xyxy)])
    boxes, values = np.concatenate(list(found_xyxy)), np.concatenate(list(scores))
    is_free, groups = np.ones(len(boxes), bool), []
    for index in np.argsort(-values, kind="stable"):
        if not is_free[index]:
            continue
        members = is_free & (iou(boxes[index][None], boxes)[0] >= iou_threshold)
        members[index] = True
        is_free &= ~members
        best = [values[members & (owners == owner)].max() for owner in np.unique(owners[members])]
        groups.append(Agreement(boxes[index], len(best), float(np.mean(best))))
    return groups
