"""An exponential moving average of the generators' weights, which refines more evenly than the last step's."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class MovingAverage:
    """Averaged weights by name; they start as the networks' own, which they must not share memory with."""

    def __init__(self, networks: nn.ModuleDict) -> None:
        self._sources = dict(networks.named_parameters())
        self.weights = {name: weight.detach().clone() for name, weight in self._sources.items()}

    def update(self, weight: Tensor) -> None:
        """Move every average by the share `weight` (a 0-dimensional tensor) towards the networks' weights."""
        with torch.no_grad():
            for name, average in self.weights.items():
                average.lerp_(self._sources[name], weight)

    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Take over averages that were saved."""
        for name, average in self.weights.items():
            average.copy_(weights[name])


def update_weight(step: int, *, decay: float) -> float:
    """The share of a step's weights in the average: 1 - decay, more in the first steps, which are soon forgotten."""
    return 1 - min(decay, (1 + step) / (10 + step))
