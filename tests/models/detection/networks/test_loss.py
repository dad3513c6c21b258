import math

import pytest
import torch

from models.detection.config import LossWeights
from models.detection.networks.loss import detection_losses, weighted_sum
from models.detection.networks.targets import Targets

ANCHORS = torch.tensor([[8.0, 8.0, 10.0, 10.0], [24.0, 8.0, 10.0, 10.0], [40.0, 8.0, 10.0, 10.0]])


def targets(repeats: int = 1) -> Targets:
    """An image with one object, at anchor 0, and anchor 2 ignored."""
    return Targets(
        image_index=torch.arange(repeats),
        anchor_index=torch.zeros(repeats, dtype=torch.int64),
        deltas=torch.tensor([[0.1, 0.0, 0.0, 0.0]]).repeat(repeats, 1),
        boxes_xyxy=torch.tensor([[4.0, 3.0, 14.0, 13.0]]).repeat(repeats, 1),
        labels=torch.ones(repeats, dtype=torch.int64),
        is_negative=torch.tensor([[False, True, False]]).repeat(repeats, 1),
    )


def losses(prediction: torch.Tensor, repeats: int = 1) -> dict[str, torch.Tensor]:
    return detection_losses(prediction, targets(repeats), anchors_cxcywh=ANCHORS, image_hw=(16, 48))


def test_each_loss_is_what_the_equation_gives_by_hand():
    prediction = torch.zeros(1, 3, 7)  # 2 classes, confidence 0.5 everywhere, boxes at their anchors
    found = {name: value.item() for name, value in losses(prediction).items()}
    iou = 90 / 110  # [3, 3, 13, 13] against [4, 3, 14, 13]
    assert found == pytest.approx(
        {
            "box": 0.01,
            "object_confidence": (0.5 - iou) ** 2,
            "empty_confidence": 0.25,
            "class_label": math.log(2),
        }
    )
    total = weighted_sum(losses(prediction), LossWeights()).item()
    assert total == pytest.approx(5 * 0.01 + 9.4 * (0.5 - iou) ** 2 + 100 * 0.25 + math.log(2))


def test_repeating_the_batch_changes_no_loss():
    prediction = torch.randn(1, 3, 7, generator=torch.Generator().manual_seed(0))
    once, thrice = losses(prediction), losses(prediction.repeat(3, 1, 1), repeats=3)
    for name in once:
        torch.testing.assert_close(once[name], thrice[name])


def test_the_overlap_is_a_target_through_which_no_gradient_flows():
    prediction = torch.zeros(1, 3, 7, requires_grad=True)
    losses(prediction)["object_confidence"].backward()
    assert prediction.grad[..., -4:].abs().max() == 0
    assert prediction.grad[0, 0, -5] != 0


def test_a_batch_without_objects_has_a_finite_loss():
    empty = Targets(
        image_index=torch.zeros(0, dtype=torch.int64),
        anchor_index=torch.zeros(0, dtype=torch.int64),
        deltas=torch.zeros(0, 4),
        boxes_xyxy=torch.zeros(0, 4),
        labels=torch.zeros(0, dtype=torch.int64),
        is_negative=torch.ones(1, 3, dtype=torch.bool),
    )
    found = detection_losses(torch.zeros(1, 3, 7), empty, anchors_cxcywh=ANCHORS, image_hw=(16, 48))
    assert [value.item() for value in found.values()] == [0, 0, 0.25, 0]
