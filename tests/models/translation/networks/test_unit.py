"""The networks of UNIT against its paper's tables, their weights counted by hand."""

import pytest
import torch
from torch import nn

from models.translation.families.unit import UNIT, build_networks
from models.translation.families.unit_config import UnitConfig
from models.translation.networks.configs import UnitDiscriminatorConfig, UnitGeneratorConfig
from models.translation.networks.discriminators import (
    StridedDiscriminator,
    build_strided_discriminators,
)
from models.translation.networks.unit import UnitDecoder, UnitEncoder, code_block
from tests.models.processor import needs_native_bf16

FULL = UnitGeneratorConfig()
BLOCK = 2 * (9 * 256 * 256 + 256)


def count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in {id(weight): weight for weight in network.parameters()}.values())


def kinds(network: nn.Module) -> list[str]:
    return [type(layer).__name__ for layer in network.children()]


def test_the_generators_have_the_published_number_of_weights_of_which_two_blocks_are_shared():
    encoder = (49 * 3 * 64 + 64) + (9 * 64 * 128 + 128) + (9 * 128 * 256 + 256) + 3 * BLOCK
    decoder = 3 * BLOCK + (9 * 256 * 128 + 128) + (9 * 128 * 64 + 64) + (64 * 3 + 3)
    assert count(UnitEncoder(FULL)) == encoder
    assert count(UnitDecoder(FULL)) == decoder
    networks = build_networks(UnitConfig())
    shared = [network for name, network in networks.items() if name.startswith("shared_")]
    assert sum(count(network) for network in shared) == 2 * BLOCK == 2_360_320
    assert count(UNIT.generators(networks)) == 2 * (encoder + decoder) + 2 * BLOCK == 18_017_286


def test_the_discriminators_have_the_number_of_weights_worked_out_by_hand():
    layers = [(3, 64), (64, 128), (128, 256), (256, 512)]
    by_hand = sum(9 * before * after + after for before, after in layers) + 512 + 1
    assert count(StridedDiscriminator(64)) == by_hand
    assert count(build_networks(UnitConfig())["discriminator_b"]) == 3 * by_hand == 4_654_467


def test_an_encoder_has_the_papers_layers_and_norms_in_its_residual_blocks_alone():
    layers = UnitEncoder(FULL).layers
    assert kinds(layers) == ["ReflectionPad2d", *["Conv2d", "LeakyReLU"] * 3, *["ResidualBlock"] * 3]
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    assert [(each.out_channels, each.kernel_size[0], each.stride[0]) for each in convolutions] == [
        (64, 7, 1),
        (128, 3, 2),
        (256, 3, 2),
    ]
    assert kinds(layers[-1].layers) == [
        *("ReflectionPad2d", "Conv2d", "InstanceNorm", "ReLU", "Dropout"),
        *("ReflectionPad2d", "Conv2d", "InstanceNorm"),
    ]
    assert layers[-1].layers[4].p == 0.5


def test_a_decoder_mirrors_it_with_transposed_convolutions():
    layers = UnitDecoder(FULL).layers
    assert kinds(layers) == [*["ResidualBlock"] * 3, *["ConvTranspose2d", "LeakyReLU"] * 2, "ConvTranspose2d"]
    convolutions = [layer for layer in layers if isinstance(layer, nn.ConvTranspose2d)]
    assert [(each.out_channels, each.kernel_size[0], each.stride[0]) for each in convolutions] == [
        (128, 3, 2),
        (64, 3, 2),
        (3, 1, 1),
    ]


@pytest.mark.parametrize(("channels", "blocks"), [(3, 1), (4, 0)])
def test_images_become_codes_of_a_quarter_of_their_sides_and_images_again(channels, blocks):
    config = UnitGeneratorConfig(filters=2, blocks=blocks)
    code = code_block(config)(UnitEncoder(config, channels)(torch.randn(2, channels, 36, 48)))
    assert code.shape == (2, config.code_channels, 9, 12) and config.code_channels == 8
    image = UnitDecoder(config, channels)(10 * code)
    assert image.shape == (2, channels, 36, 48)
    assert image.abs().max() <= 1


def test_discriminators_see_the_image_halved_and_halved_again_by_means():
    torch.manual_seed(0)
    scaled = build_strided_discriminators(UnitDiscriminatorConfig(filters=2), 3)
    image = torch.rand(2, 3, 64, 96)
    maps = scaled(image)
    assert [tuple(each.shape) for each in maps] == [(2, 1, 4, 6), (2, 1, 2, 3), (2, 1, 1, 2)]
    halved = image.view(2, 3, 32, 2, 48, 2).mean((3, 5))
    quartered = halved.view(2, 3, 16, 2, 24, 2).mean((3, 5))
    torch.testing.assert_close(maps[1], scaled.discriminators[1](halved))
    torch.testing.assert_close(maps[2], scaled.discriminators[2](quartered))
    with pytest.raises(
        ValueError, match=r"scales has 4, which leaves 8 px of the image's side, but a .* needs 9"
    ):
        scaled(torch.rand(1, 3, 64, 32))


@needs_native_bf16
@pytest.mark.parametrize("side", [9, 16])
def test_at_the_smallest_size_that_is_taken_gradients_in_bf16_are_those_of_float64_up_to_rounding(side):
    # At 8 px the last strided convolution sees a single pixel, and its gradient is off by 1e30.
    torch.manual_seed(0)
    image, gradients = torch.rand(1, 3, side, side), []
    network = build_strided_discriminators(UnitDiscriminatorConfig(filters=16, scales=(1,)), 3)
    for dtype in (torch.float32, torch.float64):
        network.to(dtype).zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == torch.float32):
            (scores,) = network(image.to(dtype))
        scores.double().sum().backward()
        gradients.append([weight.grad.double().clone() for weight in network.parameters()])
    for found, exact in zip(*gradients, strict=True):
        assert (found - exact).norm() < 0.4 * exact.norm()


def test_a_discriminator_is_four_strided_convolutions_without_norm_and_one_of_a_pixel():
    torch.manual_seed(0)
    network = StridedDiscriminator(4)
    values = image = torch.rand(1, 3, 32, 32)
    convolutions = [layer for layer in network.layers if isinstance(layer, nn.Conv2d)]
    for convolution in convolutions[:4]:
        values = nn.functional.conv2d(values, convolution.weight, convolution.bias, stride=2, padding=1)
        values = torch.where(values > 0, values, 0.2 * values)
    expected = torch.einsum("oc,bchw->bohw", convolutions[4].weight[:, :, 0, 0], values)
    torch.testing.assert_close(network(image), expected + convolutions[4].bias.view(1, 1, 1, 1))
