import numpy as np
import pytest
import torch
from torch import nn

from models.training.moving_average import MovingAverage, update_share


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Linear(4, 4, bias=False))


def test_the_average_of_weights_and_statistics_is_that_of_a_plain_loop():
    source = network()
    average = MovingAverage(source)
    expected = {name: value.double().numpy() for name, value in source.state_dict().items()}
    for step in range(30):
        with torch.no_grad():
            for value in source.parameters():
                value.add_(torch.randn_like(value))
            source[:2](torch.randn(2, 1, 8, 8))
        share = update_share(step, decay=0.9)
        average.update(torch.tensor(share))
        for name, value in source.state_dict().items():
            expected[name] = (1 - share) * expected[name] + share * value.double().numpy()
    assert average.weights.keys() == source.state_dict().keys()
    for name, value in average.weights.items():
        if value.is_floating_point():
            np.testing.assert_allclose(value.numpy(), expected[name], rtol=1e-5, atol=1e-6)
    assert average.weights["1.num_batches_tracked"] == 30
    assert not np.allclose(average.weights["1.running_mean"], source[1].running_mean, atol=1e-4)


def test_the_averaged_network_is_one_of_its_own():
    source = network()
    average = MovingAverage(source)
    kept = average.weights["2.weight"].clone()
    with torch.no_grad():
        source[2].weight.fill_(7)
    averaged = average.network_of(source)
    assert torch.equal(averaged[2].weight, kept) and (source[2].weight == 7).all()
    averaged(torch.randn(1, 1, 6, 6))  # in training mode its statistics move, and only its own
    assert average.weights["1.num_batches_tracked"] == source[1].num_batches_tracked == 0


def test_what_was_saved_is_taken_over():
    source = nn.Linear(1, 1, bias=False)
    average = MovingAverage(source)
    with torch.no_grad():
        source.weight.fill_(7)
    average.load({"weight": torch.tensor([[2.0]])})
    average.update(torch.tensor(0.5))
    assert average.weights["weight"].item() == (2 + 7) / 2


def test_weights_that_two_layers_share_are_averaged_under_both_names():
    first = nn.Linear(2, 2, bias=False)
    shared = nn.ModuleDict({"one": first, "other": first})
    average = MovingAverage(shared)
    with torch.no_grad():
        first.weight.add_(1)
    average.update(torch.tensor(0.25))
    averaged = average.network_of(shared)
    assert averaged["one"].weight is averaged["other"].weight
    torch.testing.assert_close(averaged["one"].weight, first.weight - 0.75)


def test_weights_of_other_types_are_averaged_in_their_own():
    source = nn.Linear(2, 2).double()
    average = MovingAverage(source)
    average.update(torch.tensor(0.5))
    assert average.weights["weight"].dtype == torch.float64


def test_the_first_steps_weigh_more():
    shares = [update_share(step, decay=0.9) for step in (0, 9, 79, 80, 10_000)]
    # 1 - 1/10, 1 - 10/19, 1 - 80/89 is the last that is larger than 1 - 0.9; 81/90 is just 0.9
    assert shares == pytest.approx([0.9, 9 / 19, 9 / 89, 0.1, 0.1])
