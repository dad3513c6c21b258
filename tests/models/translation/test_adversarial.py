import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.translation.adversarial import (
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    image_scores,
    r1_penalty,
)
from models.translation.networks.norms import InstanceNorm

REAL, FAKE = torch.tensor([0.0, 3.0]), torch.tensor([1.0, 2.0])


def softplus(value: float) -> float:
    return math.log(1 + math.exp(value))


@pytest.mark.parametrize(
    ("name", "generator", "discriminator"),
    [
        # (1 - 1)^2, (2 - 1)^2 | half of the means of (0 - 1)^2, (3 - 1)^2 and of 1^2, 2^2
        ("least_squares", (0 + 1) / 2, ((1 + 4) / 2 + (1 + 4) / 2) / 2),
        # -log sigmoid(s) = softplus(-s); -log(1 - sigmoid(s)) = softplus(s)
        (
            "cross_entropy",
            (softplus(-1) + softplus(-2)) / 2,
            (softplus(0) + softplus(-3)) / 2 + (softplus(1) + softplus(2)) / 2,
        ),
        # max(0, 1 - 0), max(0, 1 - 3) and max(0, 1 + 1), max(0, 1 + 2)
        ("hinge", -1.5, (1 + 0) / 2 + (2 + 3) / 2),
        ("wasserstein", -1.5, 1.5 - 1.5),
    ],
)
def test_every_game_has_the_losses_worked_out_by_hand(name, generator, discriminator):
    assert generator_loss(name, FAKE).item() == pytest.approx(generator, rel=1e-6)
    assert discriminator_loss(name, REAL, FAKE).item() == pytest.approx(discriminator, rel=1e-6)


@pytest.mark.parametrize("name", ["least_squares", "cross_entropy", "hinge", "wasserstein"])
def test_generators_want_high_scores_and_discriminators_high_ones_for_real_images_alone(name):
    real = torch.tensor([0.1, 0.2], requires_grad=True)
    fake = torch.tensor([-0.1, 0.3], requires_grad=True)
    (wanted,) = torch.autograd.grad(generator_loss(name, fake), fake)
    for_real, for_fake = torch.autograd.grad(discriminator_loss(name, real, fake), (real, fake))
    assert (wanted < 0).all()
    assert (for_real < 0).all()
    assert for_fake.sum() > 0


@pytest.mark.parametrize("name", ["least_squares", "cross_entropy", "hinge", "wasserstein"])
def test_scores_in_bf16_are_averaged_in_float32(name):
    # bf16 has no numbers between 256 and 258: a mean of 1001 scores in it would be off.
    scores = torch.linspace(-3, 3, 1001).bfloat16()
    for loss in (generator_loss(name, scores), discriminator_loss(name, scores, scores)):
        assert loss.dtype == torch.float32
    assert torch.equal(generator_loss(name, scores), generator_loss(name, scores.float()))


def test_cross_entropy_is_that_of_torch():
    real, fake = torch.randn(2, 1, 4, 4), torch.randn(2, 1, 4, 4)
    entropy = functional.binary_cross_entropy_with_logits
    expected = entropy(real, torch.ones_like(real)) + entropy(fake, torch.zeros_like(fake))
    torch.testing.assert_close(discriminator_loss("cross_entropy", real, fake), expected)
    torch.testing.assert_close(generator_loss("cross_entropy", fake), entropy(fake, torch.ones_like(fake)))


def linear_critic(*weights: Tensor) -> Callable[[Tensor], Tensor]:
    """A map of one score a weight [c, h, w], of which the mean has the mean of the weights as its gradient."""

    def score(images_bchw: Tensor) -> Tensor:
        scores = [(images_bchw * weight).flatten(1).sum(1) for weight in weights]
        return torch.stack(scores, 1)[:, None, None]

    return score


def test_penalties_of_a_linear_critic_are_those_of_its_weights():
    first, second = torch.zeros(3, 2, 2), torch.zeros(3, 2, 2)
    first[0, 0, 0], second[1, 1, 1] = 6.0, 8.0  # their mean is a vector of norm sqrt(3^2 + 4^2) = 5
    real, fake, mix = torch.rand(2, 3, 2, 2), torch.rand(2, 3, 2, 2), torch.rand(2, 1, 1, 1)
    score = linear_critic(first, second)
    assert gradient_penalty(score, real, fake, mix).item() == pytest.approx((5 - 1) ** 2)
    assert r1_penalty(score, real).item() == pytest.approx(25)


def test_the_gradient_penalty_looks_between_each_pair_of_images_and_r1_at_real_ones():
    def score(images_bchw: Tensor) -> Tensor:
        return images_bchw.square().flatten(1).sum(1)[:, None, None, None] / 2  # its gradient is the image

    real = torch.stack([torch.full((3, 2, 2), 2.0), torch.full((3, 2, 2), 1.0)])
    fake = torch.zeros(2, 3, 2, 2)
    mix = torch.tensor([0.25, 1.0]).view(2, 1, 1, 1)  # 0.25 of 2 is 0.5; 1 of 1 is 1
    by_hand = ((0.5 * math.sqrt(12) - 1) ** 2 + (math.sqrt(12) - 1) ** 2) / 2
    assert gradient_penalty(score, real, fake, mix).item() == pytest.approx(by_hand, rel=1e-6)
    assert r1_penalty(score, real).item() == pytest.approx((4 * 12 + 12) / 2)


class SmallCritic(nn.Module):
    """In float64: two convolutions with instance norm and a smooth activation between them."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.layers = nn.Sequential(
            nn.Conv2d(3, 4, 3), InstanceNorm(4), nn.Softplus(), nn.Conv2d(4, 1, 3)
        ).double()

    def forward(self, images_bchw: Tensor) -> Tensor:
        return self.layers(images_bchw)


@pytest.fixture
def in_float64(monkeypatch: pytest.MonkeyPatch) -> None:
    """Casts to float32 would hide small differences."""
    monkeypatch.setattr(Tensor, "float", Tensor.double)


def numeric_gradient(function: Callable[[Tensor], Tensor], at: Tensor, *, step: float) -> Tensor:
    """Central differences of a scalar function, one entry at a time."""
    slopes = []
    for index in range(at.numel()):
        shift = torch.zeros(at.numel(), dtype=at.dtype)
        shift[index] = step
        above, below = (function(at + sign * shift.view_as(at)) for sign in (1, -1))
        slopes.append(float(above - below) / (2 * step))
    return torch.tensor(slopes, dtype=at.dtype).view_as(at)


@pytest.mark.usefixtures("in_float64")
def test_penalties_of_a_small_network_are_those_of_finite_differences():
    critic = SmallCritic()
    real, fake = torch.rand(2, 2, 3, 6, 6, dtype=torch.float64)
    mix = torch.tensor([0.3, 0.8], dtype=torch.float64).view(2, 1, 1, 1)

    def norms(images_bchw: Tensor) -> np.ndarray:
        with torch.no_grad():
            slopes = [
                numeric_gradient(lambda one: critic(one[None]).mean(), image, step=1e-5)
                for image in images_bchw
            ]
        return np.array([float(slope.norm()) for slope in slopes])

    between = mix * real + (1 - mix) * fake
    found = gradient_penalty(critic, real, fake, mix).item()
    assert found == pytest.approx(((norms(between) - 1) ** 2).mean(), rel=1e-6)
    assert r1_penalty(critic, real).item() == pytest.approx((norms(real) ** 2).mean(), rel=1e-6)


@pytest.mark.usefixtures("in_float64")
@pytest.mark.parametrize("name", ["gradient_penalty", "r1"])
def test_what_penalties_teach_a_networks_weights_is_what_finite_differences_say(name):
    critic = SmallCritic()
    real, fake = torch.rand(2, 1, 3, 6, 6, dtype=torch.float64)
    mix = torch.full((1, 1, 1, 1), 0.4, dtype=torch.float64)
    weight = critic.layers[0].weight
    assert isinstance(weight, Tensor)

    def penalty() -> Tensor:
        return (
            gradient_penalty(critic, real, fake, mix)
            if name == "gradient_penalty"
            else r1_penalty(critic, real)
        )

    (found,) = torch.autograd.grad(penalty(), weight)

    def penalty_of(values: Tensor) -> Tensor:
        with torch.no_grad():
            before = weight.clone()
            weight.copy_(values)
        result = penalty().detach()
        with torch.no_grad():
            weight.copy_(before)
        return result

    expected = numeric_gradient(penalty_of, weight.detach().clone(), step=1e-5)
    assert float(expected.norm()) > 1e-4
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-8)


def weighted(values: Tensor, weights: Tensor) -> float:
    """The mean of a map [b, 1, 2, 2] by weights [b, 1, 4, 4], of which each place of the map stands for 2 x 2 pixels."""
    places = weights.numpy().reshape(len(weights), 2, 2, 2, 2).mean((2, 4))
    return float((values[:, 0].numpy() * places).sum() / places.sum())


@pytest.mark.parametrize("name", ["least_squares", "cross_entropy", "hinge", "wasserstein"])
def test_pixels_count_by_their_weight(name):
    torch.manual_seed(0)
    real, fake = torch.randn(3, 1, 2, 2), torch.randn(3, 1, 2, 2)
    real_weights, fake_weights = torch.rand(3, 1, 4, 4), torch.rand(3, 1, 4, 4)
    of_real, of_fake, of_generator = {
        "least_squares": ((real - 1) ** 2 / 2, fake**2 / 2, (fake - 1) ** 2),
        "cross_entropy": (
            torch.log1p(torch.exp(-real)),
            torch.log1p(torch.exp(fake)),
            torch.log1p(torch.exp(-fake)),
        ),
        "hinge": ((1 - real).clamp(min=0), (1 + fake).clamp(min=0), -fake),
        "wasserstein": (-real, fake, -fake),
    }[name]
    told = discriminator_loss(name, real, fake, real_weights, fake_weights).item()
    assert told == pytest.approx(weighted(of_real, real_weights) + weighted(of_fake, fake_weights), rel=1e-5)
    assert generator_loss(name, fake, fake_weights).item() == pytest.approx(
        weighted(of_generator, fake_weights), rel=1e-5
    )
    assert generator_loss(name, fake, torch.zeros(3, 1, 4, 4)).item() == 0
    even = torch.full((3, 1, 4, 4), 0.5)
    torch.testing.assert_close(generator_loss(name, fake, even), generator_loss(name, fake))


def test_an_images_score_is_the_mean_over_scales_of_its_weighted_mean():
    scores = [torch.tensor([[[[1.0, 3.0], [5.0, 7.0]]]]), torch.tensor([[[[10.0]]]])]
    left = torch.tensor([1.0, 1.0, 0.0, 0.0]).expand(1, 1, 4, 4)
    # of the first scale the left column: (1 + 5) / 2; of the second the one place, whatever its weight
    assert image_scores(scores, left).mean(1).tolist() == [(3 + 10) / 2]
    assert image_scores(scores, None).mean(1).tolist() == [(4 + 10) / 2]
    assert image_scores(scores[:1], None) is scores[0]
