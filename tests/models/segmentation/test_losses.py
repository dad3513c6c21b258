import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from models.augmentation.config import IGNORE_LABEL
from models.segmentation.losses import (
    binary_cross_entropy,
    cross_entropy,
    cross_entropy_and_focal,
    dice_loss,
    focal_loss,
    level_loss,
    lovasz_softmax,
)

# One image of four pixels, whose classes' shares are plain, and the last of which is ignored.
SHARES = [[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.9, 0.05, 0.05]]
LABELS = [0, 1, 0, IGNORE_LABEL]
OWN = [0.5, 0.8, 0.2]


def as_logits(shares: list[list[float]]) -> torch.Tensor:
    """[1, C, 1, p]; a softmax takes no notice of what all logits of a pixel have in common."""
    return (torch.tensor(shares).log() + 3.0).T[None, :, None]


def as_labels(labels: list[int]) -> torch.Tensor:
    return torch.tensor(labels)[None, None]


LOGITS, TRUTH = as_logits(SHARES), as_labels(LABELS)
LOSSES = {
    "cross_entropy": cross_entropy,
    "focal": lambda logits, labels: focal_loss(logits, labels, gamma=2.0),
    "lovasz": lovasz_softmax,
    "dice": dice_loss,
    "levels": level_loss,
}


def test_cross_entropy_is_the_mean_over_known_pixels():
    expected = -sum(math.log(share) for share in OWN) / 3
    assert cross_entropy(LOGITS, TRUTH).item() == pytest.approx(expected, rel=1e-6)


def test_class_weights_make_it_a_weighted_mean_as_torchs_is():
    weights = torch.tensor([2.0, 5.0, 1.0])
    expected = -(2 * math.log(0.5) + 5 * math.log(0.8) + 2 * math.log(0.2)) / 9
    assert cross_entropy(LOGITS, TRUTH, weights).item() == pytest.approx(expected, rel=1e-6)
    torchs = functional.cross_entropy(LOGITS, TRUTH, weights, ignore_index=IGNORE_LABEL)
    assert torchs.item() == pytest.approx(expected, rel=1e-6)


def test_focal_loss_weighs_a_pixel_by_the_share_that_it_lacks():
    expected = -sum((1 - share) ** 2 * math.log(share) for share in OWN) / 3
    assert focal_loss(LOGITS, TRUTH, gamma=2.0).item() == pytest.approx(expected, rel=1e-5)
    weights = torch.tensor([2.0, 5.0, 1.0])
    weighted = (
        -sum(w * (1 - share) ** 2 * math.log(share) for w, share in zip((2, 5, 2), OWN, strict=True)) / 9
    )
    assert focal_loss(LOGITS, TRUTH, weights, gamma=2.0).item() == pytest.approx(weighted, rel=1e-5)


def test_focal_loss_without_focus_is_cross_entropy():
    assert focal_loss(LOGITS, TRUTH, gamma=0.0).item() == pytest.approx(cross_entropy(LOGITS, TRUTH).item())


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_a_pixel_that_is_surely_right_has_a_focal_loss_and_gradient_of_0(gamma):
    logits = torch.tensor([[200.0, 0.0]]).T[None, :, None].requires_grad_()
    loss = focal_loss(logits, as_labels([0]), gamma=gamma)
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None and logits.grad.abs().max().item() == 0


def test_both_at_once_are_each_for_itself():
    weights = torch.tensor([2.0, 5.0, 1.0])
    both = cross_entropy_and_focal(LOGITS, TRUTH, weights, gamma=1.5)
    assert both["cross_entropy"].item() == cross_entropy(LOGITS, TRUTH, weights).item()
    assert both["focal"].item() == focal_loss(LOGITS, TRUTH, weights, gamma=1.5).item()


def test_the_gradient_of_cross_entropy_is_share_minus_truth_over_the_known_pixels():
    logits = LOGITS.clone().requires_grad_()
    cross_entropy(logits, TRUTH).backward()
    expected = np.array([[-0.5, 0.25, 0.25], [0.1, -0.2, 0.1], [-0.8, 0.2, 0.6], [0, 0, 0]]) / 3
    assert logits.grad is not None
    np.testing.assert_allclose(logits.grad[0, :, 0].T.numpy(), expected, atol=1e-6)


def test_binary_cross_entropy_takes_soft_targets_and_leaves_out_what_is_not_known():
    logits = torch.tensor([0.0, math.log(3), 5.0])  # shares 1/2, 3/4
    loss = binary_cross_entropy(logits, torch.tensor([1.0, 0.25, 0.5]), torch.tensor([True, True, False]))
    expected = -(math.log(0.5) + 0.25 * math.log(0.75) + 0.75 * math.log(0.25)) / 2
    assert loss.item() == pytest.approx(expected, rel=1e-6)


def test_levels_ask_of_every_step_whether_a_pixel_is_above_it():
    # levels 0, 1, 2 and one that is ignored; two outputs a pixel with shares 3/4 and 4/5
    logits = torch.tensor([[math.log(3), math.log(4)]] * 4).T[None, :, None]
    loss = level_loss(logits, as_labels([0, 1, 2, IGNORE_LABEL]))
    # level 0 is above neither step, 1 above the first, 2 above both
    likelihoods = (1 / 4, 1 / 5, 3 / 4, 1 / 5, 3 / 4, 4 / 5)
    expected = -sum(math.log(likelihood) for likelihood in likelihoods) / 6
    assert loss.item() == pytest.approx(expected, rel=1e-6)


def test_lovasz_of_sure_answers_is_1_minus_iou_of_the_classes_that_are_there():
    # right: class 0 twice of three, one of them taken for 1; class 1 once; class 2 is nowhere and never found
    found, truth = [0, 0, 1, 1, 2], [0, 0, 0, 1, IGNORE_LABEL]
    logits = 200 * functional.one_hot(torch.tensor(found), 3).float().T[None, :, None]
    expected = ((1 - 2 / 3) + (1 - 1 / 2)) / 2
    assert lovasz_softmax(logits, as_labels(truth)).item() == pytest.approx(expected, rel=1e-5)


def test_lovasz_of_unsure_answers_weighs_sorted_errors_by_the_loss_of_iou():
    # class 0: errors .5 (pixel 0), .1 (1), .8 (2, of class 0), so sorted 2, 0, 1; 1 - IoU goes 1/2, 1, 1
    zero = 0.8 * 0.5 + 0.5 * 0.5 + 0.1 * 0
    # class 1: errors .25, .2 (its own pixel), .2 (pixel 2); after the first wrong one 1 - 1/2, then 1, 1 in either order
    one = 0.25 * 0.5 + 0.2 * 0.5
    assert lovasz_softmax(LOGITS, TRUTH).item() == pytest.approx((zero + one) / 2, rel=1e-5)


def test_dice_is_1_minus_twice_the_common_part_of_shares_and_truth():
    # class 0: sum(p y) .7, sum(p) .8, sum(y) 2; class 1: .8, 1.25, 1; class 2 is not there
    expected = ((1 - 1.4 / 2.8) + (1 - 1.6 / 2.25)) / 2
    assert dice_loss(LOGITS, TRUTH).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_ignored_pixels_have_no_gradient_and_their_logits_no_say(name):
    loss = LOSSES[name]
    logits, labels = torch.randn(2, 3, 4, 5), torch.randint(0, 3, (2, 4, 5))
    labels[:, :2] = IGNORE_LABEL
    logits.requires_grad_()
    value = loss(logits, labels)
    value.backward()
    other = logits.detach().clone()
    other[:, :, :2] += 7
    assert loss(other, labels).item() == pytest.approx(value.item(), rel=1e-6)
    assert logits.grad is not None
    assert logits.grad[:, :, :2].abs().max().item() == 0 < logits.grad[:, :, 2:].abs().max().item()


@pytest.mark.parametrize("name", LOSSES)
def test_a_batch_in_which_nothing_is_known_costs_nothing(name):
    logits = torch.randn(1, 3, 4, 5, requires_grad=True)
    loss = LOSSES[name](logits, torch.full((1, 4, 5), IGNORE_LABEL))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None and logits.grad.abs().max().item() == 0


@pytest.mark.parametrize("name", LOSSES)
def test_the_order_in_memory_changes_no_loss_or_gradient(name):
    labels = torch.randint(0, 3, (2, 6, 5))
    plain = torch.randn(2, 3, 6, 5)
    results = []
    for memory in (torch.contiguous_format, torch.channels_last):
        logits = plain.clone(memory_format=memory).requires_grad_()
        loss = LOSSES[name](logits, labels)
        loss.backward()
        results.append((loss.detach(), logits.grad))
    torch.testing.assert_close(results[0], results[1])


@pytest.mark.parametrize("name", LOSSES)
def test_sums_over_many_pixels_of_bfloat16_are_in_float32(name):
    # in bfloat16 a sum of ones ends at 256
    logits = torch.randn(1, 3, 200, 200, generator=torch.Generator().manual_seed(0)).bfloat16()
    labels = torch.randint(0, 3, (1, 200, 200), generator=torch.Generator().manual_seed(1))
    loss = LOSSES[name](logits, labels)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(LOSSES[name](logits.float(), labels).item(), rel=1e-6)
