import pytest
import torch
from torch import nn

from models.translation.discriminators import PatchDiscriminator
from models.translation.generators import ResnetGenerator
from models.translation.network_configs import DiscriminatorConfig, GeneratorConfig


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_the_generator_has_the_published_number_of_parameters():
    assert count(ResnetGenerator(GeneratorConfig(has_bias_before_norm=True))) == 11_378_179


def test_biases_before_a_norm_are_all_that_the_fast_generator_leaves_out():
    # 64 + 128 + 256 in the encoder, 18 x 256 in nine blocks, 128 + 64 in the decoder
    assert count(ResnetGenerator(GeneratorConfig())) == 11_378_179 - (448 + 18 * 256 + 192)


def test_the_discriminator_has_the_number_of_parameters_worked_out_by_hand():
    layers = [(3, 64), (64, 128), (128, 256), (256, 512), (512, 1)]
    by_hand = sum(16 * before * after + after for before, after in layers)
    assert count(PatchDiscriminator(DiscriminatorConfig())) == by_hand == 2_764_737


def test_the_generator_keeps_the_size_and_stays_in_the_range_of_images():
    output = ResnetGenerator(GeneratorConfig(filters=4, blocks=1))(torch.randn(2, 3, 36, 48))
    assert output.shape == (2, 3, 36, 48)
    assert output.abs().max() <= 1


@pytest.mark.parametrize(("last_stride", "patches"), [(2, 7), (1, 14)])
def test_the_stride_of_the_last_layer_sets_how_many_patches_are_judged(last_stride, patches):
    discriminator = PatchDiscriminator(DiscriminatorConfig(filters=4, last_stride=last_stride))
    assert discriminator(torch.zeros(1, 3, 128, 128)).shape == (1, 1, patches, patches)


def test_layer_activations_halve_the_size_as_in_the_table():
    features = PatchDiscriminator(DiscriminatorConfig(filters=4)).features(torch.zeros(1, 3, 64, 64))
    assert [tuple(feature.shape[1:]) for feature in features] == [
        (4, 32, 32),
        (8, 16, 16),
        (16, 8, 8),
        (32, 4, 4),
    ]


def test_a_skip_adds_the_input_before_the_last_tanh():
    torch.manual_seed(0)
    plain = ResnetGenerator(GeneratorConfig(filters=4, blocks=1))
    skipping = ResnetGenerator(GeneratorConfig(filters=4, blocks=1, has_skip=True))
    skipping.load_state_dict(plain.state_dict())
    image = torch.rand(1, 3, 32, 32) - 0.5
    torch.testing.assert_close(torch.atanh(skipping(image)), torch.atanh(plain(image)) + image)
