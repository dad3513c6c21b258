"""An exponential moving average of a network's weights, which varies less than the last step's.

Batch norm's running statistics belong to the weights and are averaged with them; whole numbers are taken over.
"""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from models.training.checkpoints import load_weights


class MovingAverage:
    """Averages by name, as many as the network's state_dict has; they start as the network's own.

    They share no memory with it. The network is on its device already. An update reads no value back to the host, so
    that a CUDA graph may replay it.
    """

    def __init__(self, network: nn.Module) -> None:
        self._sources = network.state_dict(keep_vars=True)
        self.weights = {name: value.detach().clone() for name, value in self._sources.items()}

    def update(self, share: Tensor) -> None:
        """Move every average by `share` (a 0-dimensional tensor) of the way to the network's weights."""
        with torch.no_grad():
            for name, average in self.weights.items():
                if average.is_floating_point():
                    average.lerp_(self._sources[name], share.to(average.dtype))
                else:
                    average.copy_(self._sources[name])

    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Take over averages that were saved."""
        for name, average in self.weights.items():
            average.copy_(weights[name])

    def network_of(self, network: nn.Module) -> nn.Module:
        """A copy of the averaged network that has the averages for weights."""
        averaged = copy.deepcopy(network)
        load_weights(averaged, self.weights)
        return averaged


def update_share(step: int, *, decay: float) -> float:
    """The share of a step's weights in the average: 1 - decay, more in the first steps, which are soon forgotten."""
    return 1 - min(decay, (1 + step) / (10 + step))
