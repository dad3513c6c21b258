"""Which anchor answers for which box, and what it should say."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.detection.anchors import to_cxcywh, to_xyxy
from models.detection.boxes import covered, iou

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
    boxes_xyxy: list[np.ndarray],
    labels: list[np.ndarray],
    ignore_xyxy: list[np.ndarray],
    *,
    anchors_cxcywh: np.ndarray,
    device: torch.device,
) -> Targets:
    """Targets of a batch from its boxes [k, 4], their labels [k] and ignored regions [m, 4], a list entry an
    image.
    """
    assigned = [assign_anchors(boxes, anchors_cxcywh) for boxes in boxes_xyxy]
    is_negative = np.stack([~_ignored(regions, anchors_cxcywh) for regions in ignore_xyxy])
    image_index = np.repeat(np.arange(len(boxes_xyxy)), [len(boxes) for boxes in boxes_xyxy])
    anchor_index, boxes = np.concatenate(assigned), np.concatenate(boxes_xyxy)
    is_negative[image_index, anchor_index] = False
    deltas = encode_boxes(boxes, anchors_cxcywh[anchor_index])
    arrays = (image_index, anchor_index, deltas, boxes, np.concatenate(labels), is_negative)
    return Targets(*(torch.from_numpy(array).to(device) for array in arrays))


def encode_boxes(boxes_xyxy: np.ndarray, anchors_cxcywh: np.ndarray) -> np.ndarray:
    """Deltas [k, 4] that decode to the boxes: (x - ax) / aw, (y - ay) / ah, and the inverse of safe_exp of w
    / aw.
    """
    boxes = to_cxcywh(boxes_xyxy)
    shift = (boxes[:, :2] - anchors_cxcywh[:, :2]) / anchors_cxcywh[:, 2:]
    ratio = np.maximum(boxes[:, 2:] / anchors_cxcywh[:, 2:], 1e-6)
    scale = np.where(ratio > np.e, ratio / np.e, np.log(ratio))
    return np.concatenate((shift, scale), axis=1).astype(np.float32)


def _ignored(regions_xyxy: np.ndarray, anchors_cxcywh: np.ndarray) -> np.ndarray:
    if len(regions_xyxy) == 0:
        return np.zeros(len(anchors_cxcywh), bool)
    anchors = to_xyxy(anchors_cxcywh)
    likeness = np.maximum(covered(anchors, regions_xyxy), iou(anchors, regions_xyxy))
    return likeness.max(1) >= IGNORED_COVER
