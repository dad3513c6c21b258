"""AdamW over a network whose parts may learn at rates of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from models.training.supervised_config import SupervisedConfig


@dataclass(frozen=True)
class ParameterGroup:
    """All weights whose names begin with `prefix`, and by how much their rate differs from the others'.

    A factor of 0 keeps a part as it is.
    """

    prefix: str
    rate_factor: float


def build_optimizer(
    network: nn.Module, config: SupervisedConfig, groups: Sequence[ParameterGroup] = ()
) -> torch.optim.Optimizer:
    """One group of weights for each of `groups`, after that of all others."""
    weights = [{"params": members} for members in split_weights(network, groups)]
    return torch.optim.AdamW(
        weights,
        lr=config.learning_rate,
        betas=(config.adam_beta1, config.adam_beta2),
        weight_decay=config.weight_decay,
        fused=True,
    )


def set_learning_rate(
    optimizer: torch.optim.Optimizer, learning_rate: float, groups: Sequence[ParameterGroup] = ()
) -> None:
    """The rate of the next step, of each group its own part."""
    factors = (1.0, *(group.rate_factor for group in groups))
    for weights, factor in zip(optimizer.param_groups, factors, strict=True):
        weights["lr"] = learning_rate * factor


def split_weights(network: nn.Module, groups: Sequence[ParameterGroup]) -> list[list[nn.Parameter]]:
    """The weights that no group names, then those of each group; the first group that names a weight has it."""
    split: list[list[nn.Parameter]] = [[] for _ in range(1 + len(groups))]
    for name, weight in network.named_parameters():
        named = [number for number, group in enumerate(groups, 1) if name.startswith(group.prefix)]
        split[named[0] if named else 0].append(weight)
    for group, members in zip(groups, split[1:], strict=True):
        assert members, f"no weight of {type(network).__name__} is left that begins with {group.prefix}"
    return split
