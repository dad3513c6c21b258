import numpy as np
import pytest
import torch
from torch import nn

from models.translation.moving_average import MovingAverage, update_weight


def test_the_average_is_that_of_a_plain_loop():
    torch.manual_seed(0)
    networks = nn.ModuleDict({"one": nn.Linear(2, 3), "other": nn.Linear(1, 1)})
    average = MovingAverage(networks)
    expected = {name: value.detach().numpy().copy() for name, value in networks.named_parameters()}
    for step in range(30):
        with torch.no_grad():
            for value in networks.parameters():
                value.add_(torch.randn_like(value))
        share = update_weight(step, decay=0.9)
        average.update(torch.tensor(share))
        for name, value in networks.named_parameters():
            expected[name] = (1 - share) * expected[name] + share * value.detach().numpy()
    assert average.weights.keys() == expected.keys()
    for name, value in average.weights.items():
        np.testing.assert_allclose(value.numpy(), expected[name], rtol=1e-5, atol=1e-6)


def test_the_average_starts_as_a_copy_and_takes_over_what_was_saved():
    networks = nn.ModuleDict({"one": nn.Linear(1, 1, bias=False)})
    average = MovingAverage(networks)
    start = networks["one"].weight.item()
    with torch.no_grad():
        networks["one"].weight.fill_(7)
    assert average.weights["one.weight"].item() == start
    average.load({"one.weight": torch.tensor([[2.0]])})
    average.update(torch.tensor(0.5))
    assert average.weights["one.weight"].item() == (2 + 7) / 2


def test_the_first_steps_weigh_more():
    shares = [update_weight(step, decay=0.9) for step in (0, 9, 79, 80, 10_000)]
    # 1 - 1/10, 1 - 10/19, 1 - 80/89 is the last that is larger than 1 - 0.9; 81/90 is just 0.9
    assert shares == pytest.approx([0.9, 9 / 19, 9 / 89, 0.1, 0.1])


def test_statistics_of_batch_norm_are_averaged_and_counters_copied():
    networks = nn.ModuleDict({"norm": nn.BatchNorm2d(2)})
    average = MovingAverage(networks)
    with torch.no_grad():
        networks["norm"].running_mean.copy_(torch.tensor([4.0, 8.0]))
        networks["norm"].running_var.copy_(torch.tensor([3.0, 5.0]))
        networks["norm"].num_batches_tracked += 7
    average.update(torch.tensor(0.25))
    # means began at 0, variances at 1
    assert average.weights["norm.running_mean"].tolist() == [1, 2]
    assert average.weights["norm.running_var"].tolist() == [1.5, 2]
    assert average.weights["norm.num_batches_tracked"].item() == 7


def test_layers_that_two_networks_share_are_averaged_under_both_names():
    shared = nn.Linear(1, 1, bias=False)
    networks = nn.ModuleDict({"one": shared, "other": shared})
    average = MovingAverage(networks)
    start = shared.weight.item()
    with torch.no_grad():
        shared.weight.fill_(start + 8)
    average.update(torch.tensor(0.25))
    assert average.weights["one.weight"].item() == average.weights["other.weight"].item() == start + 2
    networks.load_state_dict(average.weights)
