"""Networks of finished trainings, as every kind of them is loaded."""

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from models.training.kept_networks import best_network, place_best_network


@dataclass(frozen=True)
class OnCpu:
    device: str = "cpu"
    is_channels_last: bool = True
    arithmetic: str = "fp32"


def build():
    return nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))


def make_state():
    torch.manual_seed(1)
    return {"kind": "mask_vae", "step": 4, "best": {"network": build().state_dict()}}


def test_weights_are_the_best_ones_and_the_caller_s_randomness_goes_on_as_it_was():
    state = make_state()
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    network = best_network(state, build)
    assert torch.equal(torch.rand(3), expected)
    for name, value in network.state_dict().items():
        assert torch.equal(value, state["best"]["network"][name]), name


def test_a_network_is_placed_to_be_applied():
    network, place = place_best_network(make_state(), build, OnCpu())
    assert place == torch.device("cpu") and not network.training
    assert network[0].weight.is_contiguous(memory_format=torch.channels_last)


def test_a_training_that_was_never_evaluated_is_refused():
    with pytest.raises(ValueError, match=r"The mask vae was saved at step 4, before its first evaluation"):
        best_network(make_state() | {"best": None}, build)


def test_weights_of_another_network_are_refused():
    with pytest.raises(ValueError, match="weights"):
        best_network(make_state(), lambda: nn.Conv2d(2, 3, 3))
