"""Plain loss functions over tensors; sums and norms are taken in float32 whatever the networks ran in."""

from collections.abc import Sequence

import torch
from torch import Tensor


def pixel_distance(first_bchw: Tensor, second_bchw: Tensor) -> Tensor:
    """Mean absolute difference: the L1 norms of Eq. 2.8 and 2.17 divided by the number of values."""
    return (first_bchw.float() - second_bchw.float()).abs().mean()


def least_squares(scores: Tensor, *, is_real: bool) -> Tensor:
    """Mean squared distance of scores from 1 (real) or 0 (generated); thesis section 2.4."""
    return (scores.float() - float(is_real)).square().mean()


def feature_distance(first: Sequence[Tensor], second: Sequence[Tensor]) -> Tensor:
    """Euclidean norm of the difference, summed over layers, averaged over the batch (Eq. 2.21, 2.22)."""
    norms = [
        torch.linalg.vector_norm((one.float() - other.float()).flatten(1), dim=1)
        for one, other in zip(first, second, strict=True)
    ]
    return torch.stack(norms).sum(0).mean()
