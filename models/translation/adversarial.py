"""Losses and penalties of the game between generators and discriminators; scores are raw, high for real."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from models.translation.config import AdversarialName


def generator_loss(name: AdversarialName, fake_scores: Tensor) -> Tensor:
    """What the generator minimises, from the discriminator's scores of its images."""
    scores = fake_scores.float()
    if name == "least_squares":
        return (scores - 1).square().mean()
    if name == "cross_entropy":
        return functional.softplus(-scores).mean()
    return -scores.mean()


def discriminator_loss(name: AdversarialName, real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """What the discriminator minimises.

    least_squares: half of (D(y) - 1)^2 + D(G(x))^2 (thesis section 2.4; halved as in the CycleGAN paper, to slow the
    discriminator). cross_entropy: Eq. 2.1 with logits. hinge: Lim and Ye 2017. wasserstein: Arjovsky et al. 2017.
    """
    real, fake = real_scores.float(), fake_scores.float()
    if name == "least_squares":
        return ((real - 1).square().mean() + fake.square().mean()) / 2
    if name == "cross_entropy":
        return functional.softplus(-real).mean() + functional.softplus(fake).mean()
    if name == "hinge":
        return functional.relu(1 - real).mean() + functional.relu(1 + fake).mean()
    return fake.mean() - real.mean()


def gradient_penalty(
    score: Callable[[Tensor], Tensor], real_bchw: Tensor, fake_bchw: Tensor, mix_b111: Tensor
) -> Tensor:
    """Mean (|gradient of an image's mean score| - 1)^2 between real and fake images (Gulrajani et al. 2017)."""
    between = mix_b111 * real_bchw.float() + (1 - mix_b111) * fake_bchw.float()
    return (_gradient_norms(score, between) - 1).square().mean()


def r1_penalty(score: Callable[[Tensor], Tensor], real_bchw: Tensor) -> Tensor:
    """Mean squared norm of the gradient of an image's mean score, at real images (Mescheder et al. 2018)."""
    return _gradient_norms(score, real_bchw.float()).square().mean()


def _gradient_norms(score: Callable[[Tensor], Tensor], images_bchw: Tensor) -> Tensor:
    images_bchw = images_bchw.detach().requires_grad_()
    per_image = score(images_bchw).float().flatten(1).mean(1)
    (gradient,) = torch.autograd.grad(per_image.sum(), images_bchw, create_graph=True)
    return torch.linalg.vector_norm(gradient.flatten(1), dim=1)
