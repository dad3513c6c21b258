"""Losses and penalties of the game between generators and discriminators; scores are raw, high for real.

Scores are maps [b, 1, h', w'] of one scale. Pixel weights [b, 1, h, w] are brought to the size of such a map by means.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from models.translation.adversarial_config import AdversarialName

_LEAST_WEIGHT = 1e-6  # of a whole map: where no pixel counts, the loss is 0


def generator_loss(name: AdversarialName, fake_scores: Tensor, weights_b1hw: Tensor | None = None) -> Tensor:
    """What the generator minimises, from the discriminator's scores of its images."""
    scores = fake_scores.float()
    if name == "least_squares":
        return _mean((scores - 1).square(), weights_b1hw)
    if name == "cross_entropy":
        return _mean(functional.softplus(-scores), weights_b1hw)
    return -_mean(scores, weights_b1hw)


def discriminator_loss(
    name: AdversarialName,
    real_scores: Tensor,
    fake_scores: Tensor,
    real_weights_b1hw: Tensor | None = None,
    fake_weights_b1hw: Tensor | None = None,
) -> Tensor:
    """What the discriminator minimises.

    least_squares: half of (D(y) - 1)^2 + D(G(x))^2 (thesis section 2.4; halved as in the CycleGAN paper, to slow the
    discriminator). cross_entropy: Eq. 2.1 with logits. hinge: Lim and Ye 2017. wasserstein: Arjovsky et al. 2017.
    """
    real, fake = real_scores.float(), fake_scores.float()
    if name == "least_squares":
        return (_mean((real - 1).square(), real_weights_b1hw) + _mean(fake.square(), fake_weights_b1hw)) / 2
    if name == "cross_entropy":
        real_losses, fake_losses = functional.softplus(-real), functional.softplus(fake)
    elif name == "hinge":
        real_losses, fake_losses = functional.relu(1 - real), functional.relu(1 + fake)
    else:
        return _mean(fake, fake_weights_b1hw) - _mean(real, real_weights_b1hw)
    return _mean(real_losses, real_weights_b1hw) + _mean(fake_losses, fake_weights_b1hw)


def image_scores(scores: Sequence[Tensor], weights_b1hw: Tensor | None) -> Tensor:
    """[b, ...] whose mean over all but the batch is an image's score: that of all scales and of pixels by weight."""
    if len(scores) == 1 and weights_b1hw is None:
        return scores[0]
    return torch.stack([_means(score.float(), weights_b1hw) for score in scores], 1)


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


def _mean(values_b1hw: Tensor, weights_b1hw: Tensor | None) -> Tensor:
    """Over a batch's maps; by weight where there are weights, so that an image with many such pixels counts more."""
    if weights_b1hw is None:
        return values_b1hw.mean()
    weights = _fitted(weights_b1hw, values_b1hw)
    return (values_b1hw * weights).sum() / weights.sum().clamp(min=_LEAST_WEIGHT)


def _means(values_b1hw: Tensor, weights_b1hw: Tensor | None) -> Tensor:
    """[b]: of each map alone."""
    if weights_b1hw is None:
        return values_b1hw.flatten(1).mean(1)
    weights = _fitted(weights_b1hw, values_b1hw)
    return (values_b1hw * weights).flatten(1).sum(1) / weights.flatten(1).sum(1).clamp(min=_LEAST_WEIGHT)


def _fitted(weights_b1hw: Tensor, values_b1hw: Tensor) -> Tensor:
    """Weights of the map's places: means over the pixels that each stands for."""
    height, width = values_b1hw.shape[-2:]
    return functional.adaptive_avg_pool2d(weights_b1hw.float(), (height, width))
