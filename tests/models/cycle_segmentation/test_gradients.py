"""One whole step of the training loop beside a step in float64 that is written from the paper's equations alone.

Weights start as published: those of torch's own start make gradients of thousands, in which float32 sees nothing.
"""

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models.augmentation.config import IGNORE_LABEL
from models.cycle_segmentation.config import CycleSegmentationConfig
from models.cycle_segmentation.cycles import go_forward
from models.cycle_segmentation.training import cycle_task
from models.training.randomness import seeded_torch, stream_rng
from models.training.supervised import Training, start_training, train_step
from tests.models.cycle_segmentation.toy_cycles import TINY, draw_sets, with_cycle, with_noise

SEED = 4
RATE = 1e-3
SCALE = 0.02  # by which the small logits of the start fill -1..1
PUBLISHED = replace(TINY, initial_weights="normal")
Gradients = dict[str, Tensor]


def start(config: CycleSegmentationConfig) -> Training[Any]:
    """Without dropout, which draws anew in every network."""
    sets = draw_sets()
    training = start_training(cycle_task(config, sets, seed=SEED), config.training(num_images=12), seed=SEED)
    for module in training.task.network.modules():
        if isinstance(module, nn.Dropout2d):
            module.p = 0.0
    return training


def noisy_of_step(config: CycleSegmentationConfig, networks: nn.ModuleDict, images: Tensor) -> Tensor:
    """y^ of step 0 as it was drawn and rounded in float32."""
    assert config.cycle is not None
    with torch.no_grad(), seeded_torch(stream_rng(SEED, "dropout", 0), torch.device("cpu")):
        return go_forward(networks, images, config.cycle).noisy_bshw


def gradients_by_the_paper(
    networks: nn.ModuleDict, images: Tensor, labels: Tensor, noisy: Tensor
) -> Gradients:
    """Table 1 in float64, turn after turn, with a pool that returns what it gets; noise passes gradients on as they are."""
    segment, synthesize, judge = (networks[name] for name in ("segmenter", "synthesizer", "discriminator"))
    classes, pixels = noisy.shape[1], labels.numel()
    is_known = labels != IGNORE_LABEL
    planes = torch.zeros(len(labels), classes, *labels.shape[1:], dtype=torch.float64)
    planes.scatter_(1, torch.where(is_known, labels, classes - 1).unsqueeze(1), 1.0)

    def surprise(logits: Tensor) -> Tensor:
        own = (logits.log_softmax(1) * planes).sum(1)
        return -(own * is_known).sum() / is_known.sum()

    logits = segment(images)
    latent = torch.tanh(logits / SCALE)
    rebuilt = synthesize(noisy + (latent - latent.detach()))
    synthetic = synthesize(planes)
    again = segment(synthetic)
    forward = 0.5 * surprise(logits) + 0.5 * (rebuilt - images).abs().sum() / pixels
    fooling = (judge(synthetic) - 1).square().mean()
    backward = fooling / 11 + 10 / 11 * surprise(again)
    generators = {
        name: weight for name, weight in networks.named_parameters() if not name.startswith("discriminator")
    }
    total = 20 / 31 * forward + 11 / 31 * backward
    found = dict(zip(generators, torch.autograd.grad(total, list(generators.values())), strict=True))
    telling = (judge(images) - 1).square().mean() + judge(synthetic.detach()).square().mean()
    telling_weights = {f"discriminator.{name}": weight for name, weight in judge.named_parameters()}
    return found | dict(
        zip(telling_weights, torch.autograd.grad(telling, list(telling_weights.values())), strict=True)
    )


@pytest.mark.parametrize(
    "noise",
    [{}, {"kind": "gaussian", "snr_db": 3.0}, {"kind": "quantization", "bits": 4}],
    ids=["none", "gaussian", "quantization"],
)
def test_a_whole_step_has_the_gradients_of_table_1_in_float64(noise):
    config = with_cycle(with_noise(PUBLISHED, **noise), pool_images=0, logit_scale=SCALE)
    training = start(config)
    batch = training.task.draw(0)
    networks = training.task.network
    assert isinstance(networks, nn.ModuleDict)
    exact = copy.deepcopy(networks).double()
    noisy = noisy_of_step(config, copy.deepcopy(networks), batch.images_bchw).double()
    train_step(training, batch, learning_rate=RATE)
    expected = gradients_by_the_paper(exact, batch.images_bchw.double(), batch.labels_bhw, noisy)
    assert expected.keys() == dict(networks.named_parameters()).keys()
    for name, weight in networks.named_parameters():
        assert weight.grad is not None
        network = name.split(".")[0]
        largest = max(each.abs().max() for other, each in expected.items() if other.startswith(network))
        # Quantised maps have ties, of which pooling may take another one. A bias before a norm has rounding alone.
        error = (weight.grad.double() - expected[name]).abs().max()
        assert error < 1e-2 * expected[name].abs().max() + 1e-5 * largest, name


def test_a_step_moves_every_weight_as_adam_does_with_beta_a_half():
    training = start(TINY)
    networks = training.task.network
    before = {name: weight.detach().double() for name, weight in networks.named_parameters()}
    before = copy.deepcopy(before)
    first_moments = dict.fromkeys(before, 0.0)
    second_moments = dict.fromkeys(before, 0.0)
    for step in (1, 2):
        train_step(training, training.task.draw(step - 1), learning_rate=RATE)
        training.step = step
        for name, weight in networks.named_parameters():
            gradient = weight.grad.double()
            first_moments[name] = 0.5 * first_moments[name] + 0.5 * gradient
            second_moments[name] = 0.999 * second_moments[name] + 0.001 * gradient.square()
            first = first_moments[name] / (1 - 0.5**step)
            second = second_moments[name] / (1 - 0.999**step)
            before[name] = before[name] - RATE * first / (second.sqrt() + 1e-8)
            torch.testing.assert_close(weight.detach().double(), before[name], rtol=1e-4, atol=2e-6)
