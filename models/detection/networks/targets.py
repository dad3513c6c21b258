"""Which anchor answers for which box, and what it should say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.detection.boxes import covered, iou
from models.detection.data import Annotation
from models.detection.networks.anchors import to_cxcywh, to_xyxy

IGNORED_COVER = 0.5  # an anchor this far inside an ignored region, or this like it, is no negative


@dataclass(frozen=True)
class Targets:
    """Targets of a batch; p positive anchors in all, in the order of images and boxes."""

    image_index: Tensor  # [p]
    anchor_index: Tensor  # [p]
    deltas: Tensor  # [p, 4]
    boxes_xyxy: Tensor  # [p, 4] pixels
    labels: Tensor  # [p]
    is_negative: Tensor  # bool [b, a]


def assign_anchors(boxes_xyxy: np.ndarray, anchors_cxcywh: np.ndarray) -> np.ndarray:
    """Index [k] of the anchor of each box: the best by IoU that is still free, or the nearest where none
    overlaps.
    """
    overlaps = iou(boxes_xyxy, to_xyxy(anchors_cxcywh))
    chosen: list[int] = []
    for box, overlap in zip(to_cxcywh(boxes_xyxy), overlaps, strict=True):
        overlap[chosen] = -1
        if overlap.max() <= 0:
            overlap = -np.square(anchors_cxcywh - box).sum(1)
            overlap[chosen] = -np.inf
        chosen.append(int(overlap.argmax()))
    return np.array(chosen, np.int64)


def build_targets(
    annotations: Sequence[Annotation],
    *,
    anchors_cxcywh: np.ndarray,
    largest_negative_iou: float,
    device: torch.device,
) -> Targets:
    """Targets of a batch; an anchor with a larger IoU with a box than given is not empty."""
    boxes_xyxy = np.concatenate([annotation.boxes_xyxy for annotation in annotations])
    counts = [len(annotation.boxes_xyxy) for annotation in annotations]
    image_index = np.repeat(np.arange(len(annotations)), counts)
    anchor_index = np.concatenate(
        [assign_anchors(annotation.boxes_xyxy, anchors_cxcywh) for annotation in annotations]
    )
    is_negative = np.stack(
        [_is_empty(annotation, to_xyxy(anchors_cxcywh), largest_negative_iou) for annotation in annotations]
    )
    is_negative[image_index, anchor_index] = False
    deltas = encode_boxes(boxes_xyxy, anchors_cxcywh[anchor_index])
    labels = np.concatenate([annotation.labels for annotation in annotations])
    arrays = (image_index, anchor_index, deltas, boxes_xyxy, labels, is_negative)
    return Targets(*(torch.from_numpy(array).to(device) for array in arrays))


def encode_boxes(boxes_xyxy: np.ndarray, anchors_cxcywh: np.ndarray) -> np.ndarray:
    """Deltas [k, 4] that decode to the boxes: (x - ax) / aw and the inverse of safe_exp of w / aw, so for y,
    h.
    """
    boxes = to_cxcywh(boxes_xyxy)
    shift = (boxes[:, :2] - anchors_cxcywh[:, :2]) / anchors_cxcywh[:, 2:]
    ratio = np.maximum(boxes[:, 2:] / anchors_cxcywh[:, 2:], 1e-6)
    scale = np.where(ratio > np.e, ratio / np.e, np.log(ratio))
    return np.concatenate((shift, scale), axis=1).astype(np.float32)


def _is_empty(annotation: Annotation, anchors_xyxy: np.ndarray, largest_negative_iou: float) -> np.ndarray:
    """Whether each anchor [a] shows background: no box that it resembles and no ignored region."""
    to_boxes = iou(anchors_xyxy, annotation.boxes_xyxy).max(1, initial=0)
    to_regions = np.maximum(
        covered(anchors_xyxy, annotation.ignore_xyxy), iou(anchors_xyxy, annotation.ignore_xyxy)
    ).max(1, initial=0)
    return (to_boxes <= largest_negative_iou) & (to_regions < IGNORED_COVER)
