"""An exponential moving average of the generators' weights, which refines more evenly than the last step's."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class MovingAverage:
    """Averaged weights by name; they start as the networks' own, which they must not share memory with.

    Statistics of batch norm are averaged as weights are: those of the last step belong to its weights, not to their
    average. Counters are copied.
    """

    def __init__(self, networks: nn.ModuleDict) -> None:
        self._sources = networks.state_dict(keep_vars=True)
        self.weights = {name: value.detach().clone() for name, value in self._sources.items()}

    def update(self, weight: Tensor) -> None:
        """Move every average by the share `weight` (a 0-dimensional tensor) towards the networks' weights."""
        with torch.no_grad():
            for name, average in self.weights.items():
                if average.is_floating_point():
                    average.lerp_(self._sources[name], weight)
                else:
                    average.copy_(self._sources[name])

    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Take over averages that were saved."""
        for name, average in self.weights.items():
            average.copy_(weights[name])


def update_weight(step: int, *, decay: float) -> float:
    """The share of a step's weights in the average: 1 - decay, more in the first steps, which are soon forgotten."""
    return 1 - min(decay, (1 + step) / (10 + step))
