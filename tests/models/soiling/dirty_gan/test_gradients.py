"""One whole step of the training loop beside a step in float64 that is written from the equations alone."""

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models.soiling.dirty_gan.losses import DirtyBatch
from models.soiling.dirty_gan.training import dirty_gan_task
from models.soiling.opacity import OpacityNetwork
from models.training.supervised import start_training, train_step
from tests.models.soiling.toy_soiling import TINY_GAN, draw_splits, random_segmenter

SEED = 4


def fitted(mask: Tensor, scores: Tensor) -> Tensor:
    """Of each place of a score map the mean of the mask over its part of the image; parts may share a row or column."""
    (height, width), (rows, columns) = mask.shape[-2:], scores.shape[-2:]
    means = torch.empty_like(scores)
    for row in range(rows):
        for column in range(columns):
            top, bottom = row * height // rows, -(-(row + 1) * height // rows)
            left, right = column * width // columns, -(-(column + 1) * width // columns)
            means[..., row, column] = mask[..., top:bottom, left:right].mean((-2, -1))
    return means


def weighted(values: Tensor, mask: Tensor) -> Tensor:
    weights = fitted(mask, values)
    return (weights * values).sum() / weights.sum()


def opacity_by_hand(network: nn.Module, images: Tensor) -> Tensor:
    mean, deviation = (
        torch.tensor(each, dtype=torch.float64).view(3, 1, 1)
        for each in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    )
    height, width = images.shape[-2:]
    padded = nn.functional.pad((images + 1) / 2, (0, -width % 32, 0, -height % 32), mode="replicate")
    shares = torch.sigmoid(network((padded - mean) / deviation))[..., :height, :width]
    return 0.25 * shares[:, :1] + 0.35 * shares[:, 1:2] + 0.4 * shares[:, 2:]


def gradients_by_the_equations(
    networks: nn.ModuleDict, segmenter: nn.Module, batch: DirtyBatch, is_dot: bool
) -> dict[str, Tensor]:
    x, m, y, n = (
        each.double()
        for each in (batch.clean_bchw, batch.masks_b1hw, batch.soiled_bchw, batch.soiled_masks_b1hw)
    )

    def run(name: str, image: Tensor, mask: Tensor) -> Tensor:
        return networks[name](image * mask if is_dot else torch.cat((image, mask), 1))

    def score(name: str, image: Tensor, mask: Tensor) -> Tensor:
        return networks[f"{name}_discriminator"](torch.cat((image, mask), 1))

    soiled = x + m * (run("soiler", x, m) - x)
    cleaned = y + n * (run("cleaner", y, n) - y)
    back = (m * (run("cleaner", soiled, m) - x).abs()).sum() / 3 / m.sum()
    forth = (n * (run("soiler", cleaned, n) - y).abs()).sum() / 3 / n.sum()
    found = (opacity_by_hand(segmenter, soiled) - m).abs().mean()
    fooling = weighted((score("soiled", soiled, m) - 1) ** 2, m) + weighted(
        (score("clean", cleaned, n) - 1) ** 2, n
    )
    own = {name: weight for name, weight in networks.named_parameters() if "discriminator" not in name}
    total = fooling + 10 * (back + forth) + found
    gradients = dict(zip(own, torch.autograd.grad(total, list(own.values())), strict=True))
    for name, real, real_mask, made, made_mask in (("soiled", y, n, soiled, m), ("clean", x, m, cleaned, n)):
        telling = weighted((score(name, real, real_mask) - 1) ** 2, real_mask)
        telling = (telling + weighted(score(name, made.detach(), made_mask) ** 2, made_mask)) / 2
        judge = {
            f"{name}_discriminator.{part}": weight
            for part, weight in networks[f"{name}_discriminator"].named_parameters()
        }
        gradients |= dict(zip(judge, torch.autograd.grad(telling, list(judge.values())), strict=True))
    return gradients


@pytest.mark.parametrize("mask_input", ["concat", "dot"])
def test_a_whole_step_has_the_gradients_of_the_equations_in_float64(mask_input: Any):
    config = replace(TINY_GAN, pool_images=0, mask_input=mask_input)
    segmenter = random_segmenter()
    training = start_training(
        dirty_gan_task(config, draw_splits(), OpacityNetwork(segmenter), seed=SEED), config, seed=SEED
    )
    batch, networks = training.task.draw(0), training.task.network
    assert isinstance(networks, nn.ModuleDict)
    exact, exact_segmenter = (copy.deepcopy(each).double() for each in (networks, segmenter.network))
    train_step(training, batch, learning_rate=1e-4)
    expected = gradients_by_the_equations(exact, exact_segmenter, batch, mask_input == "dot")
    assert expected.keys() == dict(networks.named_parameters()).keys()
    for name, weight in networks.named_parameters():
        assert weight.grad is not None
        largest = max(
            each.abs().max() for other, each in expected.items() if other.split(".")[0] == name.split(".")[0]
        )
        # A bias before a norm has rounding alone.
        error = (weight.grad.double() - expected[name]).abs().max()
        assert error < 1e-3 * expected[name].abs().max() + 1e-5 * largest, name
