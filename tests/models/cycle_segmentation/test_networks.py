from dataclasses import replace

import pytest
import torch
from torch import nn

from models.cycle_segmentation.config import CycleSegmentationConfig
from models.cycle_segmentation.networks import build_networks, synthesizer_filters


def count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def test_the_published_networks_have_their_numbers_of_parameters():
    # worked out layer by layer from the tables of ERFNet and of the 70 x 70 discriminator
    networks = build_networks(CycleSegmentationConfig())
    counts = {name: count(network) for name, network in networks.items()}
    assert counts.pop("backward_statistics") == 0
    assert counts == {"segmenter": 2_064_256, "synthesizer": 2_067_279, "discriminator": 2_764_737}


def test_a_segmentation_becomes_an_image_and_an_image_a_map_of_patches():
    networks = build_networks(CycleSegmentationConfig(width=0.5)).eval()
    with torch.no_grad():
        assert networks["segmenter"](torch.zeros(1, 3, 64, 96)).shape == (1, 20, 64, 96)
        assert networks["synthesizer"](torch.zeros(1, 20, 64, 96)).shape == (1, 3, 64, 96)
        # H / 8 - 2 and W / 8 - 2
        assert networks["discriminator"](torch.zeros(1, 3, 64, 96)).shape == (1, 1, 6, 10)
        assert networks["discriminator"](torch.zeros(1, 3, 256, 512)).shape == (1, 1, 30, 62)


@pytest.mark.parametrize("width", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("num_classes", [2, 19, 65])
def test_every_width_has_networks_for_any_number_of_classes(num_classes, width):
    config = CycleSegmentationConfig(num_classes=num_classes, width=width)
    networks = build_networks(config).eval()
    with torch.no_grad():
        shape = networks["synthesizer"](torch.zeros(1, num_classes + 1, 32, 32)).shape
    assert shape == (1, 3, 32, 32)


def test_the_synthesizers_layers_have_ever_more_maps():
    assert synthesizer_filters(20, 1.0) == (32, 64, 128)
    for filters in (synthesizer_filters(20, 0.5), synthesizer_filters(151, 1.0)):
        assert filters[0] < filters[1] < filters[2]


def test_weights_start_from_a_normal_distribution_with_deviation_002():
    networks = build_networks(CycleSegmentationConfig())
    for network in (networks[name] for name in ("segmenter", "synthesizer", "discriminator")):
        layers = [each for each in network.modules() if isinstance(each, nn.Conv2d | nn.ConvTranspose2d)]
        weights = torch.cat([each.weight.flatten() for each in layers])
        assert weights.mean().item() == pytest.approx(0, abs=1e-4)
        assert weights.std().item() == pytest.approx(0.02, rel=0.01)
        assert all(each.bias is None or not each.bias.any() for each in layers)


def test_torchs_own_initial_weights_can_be_chosen():
    networks = build_networks(CycleSegmentationConfig(initial_weights="torch"))
    # evenly within 1 / sqrt(3 channels x 9), torch's rule for a convolution
    weight = networks["segmenter"].encoder[0].convolution.weight
    assert 0.15 < weight.abs().max().item() <= 27**-0.5


def test_alone_the_segmenter_starts_as_it_does_in_a_cycle():
    states = []
    for cycle in (CycleSegmentationConfig().cycle, None):
        torch.manual_seed(3)
        networks = build_networks(replace(CycleSegmentationConfig(width=0.25), cycle=cycle))
        states.append(networks["segmenter"].state_dict())
    assert set(networks) == {"segmenter"}
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())
