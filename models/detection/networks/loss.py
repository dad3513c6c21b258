"""SqueezeDet's loss (section 3.3 of its paper), sums over a batch divided by the batch's own counts."""

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import box_iou

from models.detection.config import LossWeights
from models.detection.networks.squeezedet import decode_boxes
from models.detection.networks.targets import Targets


def detection_losses(
    prediction: Tensor, targets: Targets, *, anchors_cxcywh: Tensor, image_hw: tuple[int, int]
) -> dict[str, Tensor]:
    """Unweighted losses by name from a prediction [b, a, n + 5]; doubling a batch by repetition changes none
    of them.

    The original divides the confidence of objects by the batch size once more, which makes its weight depend
    on it.
    """
    classes = prediction[..., :-5]
    confidence = torch.sigmoid(prediction[..., -5])
    index = (targets.image_index, targets.anchor_index)
    deltas = prediction[..., -4:][index]
    num_objects = max(1, len(deltas))
    overlap = _overlap(deltas.detach(), targets, anchors_cxcywh=anchors_cxcywh, image_hw=image_hw)
    empty = confidence.square() * targets.is_negative
    return {
        "box": (deltas - targets.deltas).square().sum() / num_objects,
        "object_confidence": (confidence[index] - overlap).square().sum() / num_objects,
        "empty_confidence": empty.sum() / targets.is_negative.sum().clamp(min=1),
        "class_label": functional.cross_entropy(classes[index], targets.labels, reduction="sum")
        / num_objects,
    }


def weighted_sum(losses: dict[str, Tensor], weights: LossWeights) -> Tensor:
    """The objective: each loss times the weight of its name."""
    return torch.stack([getattr(weights, name) * loss for name, loss in losses.items()]).sum()


def _overlap(
    deltas: Tensor, targets: Targets, *, anchors_cxcywh: Tensor, image_hw: tuple[int, int]
) -> Tensor:
    """IoU [p] of each predicted box with its own target: what its confidence should be, a constant to the
    gradient.
    """
    boxes = decode_boxes(deltas, anchors_cxcywh[targets.anchor_index], image_hw=image_hw)
    if len(boxes) == 0:
        return boxes.new_zeros(0)
    return box_iou(boxes, targets.boxes_xyxy).diagonal()
