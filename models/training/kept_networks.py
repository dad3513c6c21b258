"""Networks of finished trainings, with the weights that were kept, ready to be applied."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import torch
from torch import nn

from models.arithmetic.devices import choose_device, quicken
from models.configs import Arithmetic, DeviceName, require
from models.training.checkpoints import State, load_weights

Network = TypeVar("Network", bound=nn.Module)


class Applied(Protocol):
    """Where and how a network is applied; the configurations of trainings say it."""

    @property
    def device(self) -> DeviceName: ...

    @property
    def is_channels_last(self) -> bool: ...

    @property
    def arithmetic(self) -> Arithmetic: ...


def best_network(state: State, build: Callable[[], Network]) -> Network:
    """What `build` makes, with the best checkpoint's weights; ValueError for none yet, or those of another network."""
    name = state["kind"].replace("_", " ")
    require(
        state["best"] is not None,
        f"The {name} was saved at step {state['step']}, before its first evaluation; take a later state.",
    )
    # The initial weights, drawn and then replaced, must not move the caller's random state.
    with torch.random.fork_rng(devices=[]):
        network = build()
    load_weights(network, state["best"]["network"])
    return network


def place_best_network(
    state: State, build: Callable[[], Network], config: Applied
) -> tuple[Network, torch.device]:
    """The same on its device, in evaluation mode, in the memory order and the arithmetic that are quick there."""
    network, place = best_network(state, build), choose_device(config.device)
    memory = torch.channels_last if config.is_channels_last else torch.contiguous_format
    network = network.to(device=place, memory_format=memory).eval()  # type: ignore[call-overload]
    quicken(network, place, config.arithmetic)
    return network, place
