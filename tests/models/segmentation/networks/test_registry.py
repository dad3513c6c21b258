from dataclasses import replace
from functools import partial
from typing import get_args

import pytest
import torch
from torch import nn

from models.segmentation.config import NetworkName, SegmentationConfig, SegmentationLosses
from models.segmentation.networks.deeplabv3plus import DeepLabV3Plus
from models.segmentation.networks.erfnet import ERFNet
from models.segmentation.networks.fcn8 import FCN8
from models.segmentation.networks.lraspp import LRASPP
from models.segmentation.networks.panoptic_fpn import PanopticFPN
from models.segmentation.networks.registry import KINDS, build_network
from models.segmentation.networks.unet import UNet

NETWORKS = get_args(NetworkName)
# Those that differ in more than their depth, at the least depth that they can have.
DISTINCT = {
    "erfnet": partial(ERFNet, 3, 3),
    "unet": partial(UNet, 3, filters=8),
    "fcn8": partial(FCN8, 3, depth=18),
    "deeplabv3plus": partial(DeepLabV3Plus, 3, depth=50),
    "panoptic_fpn": partial(PanopticFPN, 3, depth=18),
    "lraspp": partial(LRASPP, 3),
}
TRUNK_50, TRUNK_101 = (
    23_508_032,
    42_500_160,
)  # torchvision's 25,557,032 and 44,549,160 without 2,049,000 of the classifier
STAGES = (64, 128, 256, 512)
UNET_DOWN = sum(9 * (fine * 2 * fine + 4 * fine**2) + 8 * fine for fine in STAGES)
UNET_UP = sum(9 * (2 * fine * fine + fine**2) + 4 * fine + 4 * 2 * fine * fine + fine for fine in STAGES)
DEEPLAB = 15_535_104 + 12_384 + 1_296_404  # beyond the trunk: pooling, reduction, refinement with output


def build(name: str, **changes) -> nn.Module:
    return build_network(SegmentationConfig(network=name, num_classes=20, **changes))


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("erfnet", 2_064_256),
        # two convolutions of 3 x 3 and two norms a stage, four doublings of 2 x 2, and the scores
        ("unet", 9 * (3 * 64 + 64**2) + 4 * 64 + UNET_DOWN + UNET_UP + 64 * 20 + 20),
        # scores of three stages, and two doublings of 4 x 4
        ("fcn8_resnet50", TRUNK_50 + (512 + 1024 + 2048) * 20 + 3 * 20 + 2 * 16 * 20**2),
        ("deeplabv3plus_resnet50", TRUNK_50 + DEEPLAB),
        ("deeplabv3plus_resnet101", TRUNK_101 + DEEPLAB),
        ("panoptic_fpn_resnet18", 11_176_512 + 2_607_104 + 1_626_388),
        ("panoptic_fpn_resnet101", TRUNK_101 + 3_344_384 + 1_626_388),
        # torchvision states 3,221,538 for 21 classes; each has 40 + 1 and 128 + 1 weights
        ("lraspp_mobilenet_v3_large", 3_221_538 - 170),
    ],
)
def test_a_network_for_20_classes_has_exactly_these_many_weights(name, count):
    with torch.device("meta"):
        network = build(name)
    assert sum(weight.numel() for weight in network.parameters()) == count


def test_every_network_is_counted_above_and_in_the_registry():
    assert set(KINDS) == set(NETWORKS)


@pytest.mark.parametrize("size", [(33, 65), (47, 70), (64, 96), (17, 17)])
@pytest.mark.parametrize("name", NETWORKS)
def test_logits_have_the_size_of_images_of_any_size(name, size):
    with torch.device("meta"):
        network = build(name).eval()
        assert network(torch.zeros(1, 3, *size)).shape == (1, 20, *size)


@pytest.mark.parametrize("name", NETWORKS)
def test_layers_that_answer_for_classes_are_all_that_differ_with_their_number(name):
    with torch.device("meta"):
        few, many = (
            build_network(SegmentationConfig(network=name, num_classes=count)).state_dict()
            for count in (3, 5)
        )
    differing = {name for name in few if few[name].shape != many[name].shape}
    assert differing
    assert differing == {layer for layer in few if layer.startswith(KINDS[name].bound_layers)}


def test_half_the_width_of_erfnet_halves_its_maps():
    with torch.device("meta"):
        network = build("erfnet", width=0.5)
    assert network.encoder[0].norm.num_features == 8
    assert network.encoder[-1].second_norm.num_features == 64
    assert network.output.in_channels == 8


def test_levels_take_one_output_less_than_classes():
    config = SegmentationConfig(num_classes=4, losses=SegmentationLosses(pixel="binary"))
    with torch.device("meta"):
        assert build_network(config).output.out_channels == 3
        assert build_network(replace(config, num_classes=2)).output.out_channels == 1


def small_network(name: str) -> nn.Module:
    """In float64, with the running statistics of one batch: by the batch itself random networks amplify every rounding."""
    torch.manual_seed(1)
    network = DISTINCT[name]().double()
    network(torch.randn(2, 3, 33, 49).double())
    return network.eval()


def gradients(network: nn.Module, images: torch.Tensor, weights: torch.Tensor) -> list[torch.Tensor]:
    """Of the images and of every weight."""
    images = images.clone().requires_grad_()
    loss = (network(images) * weights).mean()
    return list(torch.autograd.grad(loss, [images, *network.parameters()]))


@pytest.mark.parametrize("name", DISTINCT)
def test_gradients_are_the_slope_of_the_network_and_those_of_float32_in_channels_last(name):
    network = small_network(name)
    images, weights = torch.randn(2, 3, 33, 49).double(), torch.randn(2, 3, 33, 49).double()
    found = gradients(network, images, weights)
    # Along the images' own gradient, so that nothing cancels.
    direction = found[0] / found[0].norm()
    with torch.no_grad():
        above, below = ((network(images + step * direction) * weights).mean() for step in (1e-7, -1e-7))
    assert ((above - below) / 2e-7).item() == pytest.approx(found[0].norm().item(), rel=1e-5)

    single = network.float().to(memory_format=torch.channels_last)
    rounded = gradients(single, images.float(), weights.float())
    for parts in (slice(0, 1), slice(1, None)):
        exact, near = (torch.cat([each.flatten() for each in group[parts]]) for group in (found, rounded))
        assert ((near.double() - exact).norm() / exact.norm()).item() < 5e-3
