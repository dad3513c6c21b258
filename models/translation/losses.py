"""Plain loss functions over tensors; sums and norms are taken in float32 whatever the networks ran in."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from models.arithmetic.devices import autocast
from models.translation.loss_weights import FeatureNorm

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
_LEAST_VARIANCE = 1e-5  # as torch's instance norm has it


def pixel_distance(first_bchw: Tensor, second_bchw: Tensor) -> Tensor:
    """Mean absolute difference: the L1 norms of Eq. 2.8 and 2.17 divided by the number of values."""
    return (first_bchw.float() - second_bchw.float()).abs().mean()


def feature_distance(
    first: Sequence[Tensor], second: Sequence[Tensor], *, norm: FeatureNorm = "euclidean"
) -> Tensor:
    """Norm of the difference, summed over layers, averaged over the batch (Eq. 2.18 to 2.22)."""
    per_image = []
    for one, other in zip(first, second, strict=True):
        difference = (one.float() - other.float()).flatten(1)
        is_squared = norm == "squared"
        per_image.append(
            difference.square().sum(1) if is_squared else torch.linalg.vector_norm(difference, dim=1)
        )
    return torch.stack(per_image).sum(0).mean()


def perceptual_distance(first: Sequence[Tensor], second: Sequence[Tensor]) -> Tensor:
    """Mean squared difference of features whose channels are normalised image by image, summed over layers.

    What light does to an image is mostly in the means and deviations that fall away (Huang et al. 2018, domain-invariant
    perceptual loss).
    """
    per_layer = [
        (instance_normalised(one) - instance_normalised(other)).square().mean()
        for one, other in zip(first, second, strict=True)
    ]
    return torch.stack(per_layer).sum()


def instance_normalised(features_bchw: Tensor) -> Tensor:
    """Each channel of each image with mean 0 and variance 1."""
    centred = features_bchw.float()
    centred = centred - centred.mean((2, 3), keepdim=True)
    return centred * torch.rsqrt(centred.square().mean((2, 3), keepdim=True) + _LEAST_VARIANCE)


def gaussian_kl(means: Tensor) -> Tensor:
    """Twice the divergence of N(means, 1) from N(0, 1) a value: the mean square (UNIT, Liu et al. 2017)."""
    return means.float().square().mean()


def change_outside(before_bchw: Tensor, after_bchw: Tensor, outline_b1hw: Tensor) -> Tensor:
    """Mean absolute change of the pixels that lie in no outline (1 inside, 0 outside); 0 where there is none."""
    outside = 1 - outline_b1hw
    change = (after_bchw.float() - before_bchw.float()).abs() * outside
    return change.sum() / (outside.sum() * before_bchw.shape[1]).clamp(min=1)


def edge_dissimilarity(before_bchw: Tensor, after_bchw: Tensor, region_b1hw: Tensor) -> Tensor:
    """1 - correlation of the brightness gradients of both images inside a region, averaged over the batch.

    0 for equal edges whatever their strength and colour, 1 for unrelated ones, 2 for inverted ones; 0 without region.
    """
    before, after = _gradients(before_bchw) * region_b1hw, _gradients(after_bchw) * region_b1hw
    product = (before * after).flatten(1).sum(1)
    energy = before.square().flatten(1).sum(1) * after.square().flatten(1).sum(1)
    has_region = region_b1hw.flatten(1).amax(1) > 0
    return torch.where(has_region, 1 - product / (energy + 1e-8).sqrt(), torch.zeros_like(product)).mean()


def patch_contrast(queries_bpc: Tensor, keys_bpc: Tensor, *, temperature: float) -> Tensor:
    """PatchNCE (Park et al. 2020, Eq. 3): cross-entropy of finding each query's own key among its image's keys.

    Both are unit vectors, p patches an image; no gradient flows into the keys.
    """
    with autocast(queries_bpc.device, "fp32"):  # which would make a product of matrices bf16 again
        similarity = torch.bmm(queries_bpc.float(), keys_bpc.detach().float().transpose(1, 2)) / temperature
    target = torch.arange(similarity.shape[1], device=similarity.device).expand(similarity.shape[:2])
    return functional.cross_entropy(similarity.flatten(0, 1), target.flatten())


def _gradients(image_bchw: Tensor) -> Tensor:
    """Central differences of the brightness along x and y, [b, 2, h, w]; 0 at the border."""
    red, green, blue = image_bchw.float().split(1, 1)[:3]  # what follows, a mask, has no brightness
    luma = (
        _LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue
    )  # no tensor of weights: a graph cannot record its copy
    along_x = functional.pad(luma[..., 2:] - luma[..., :-2], (1, 1, 0, 0)) / 2
    along_y = functional.pad(luma[..., 2:, :] - luma[..., :-2, :], (0, 0, 1, 1)) / 2
    return torch.cat((along_x, along_y), 1)
