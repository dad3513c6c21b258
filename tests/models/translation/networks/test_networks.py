import pytest
import torch
from torch import Tensor, nn

from models.translation.families.one_way import PatchHead
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from models.translation.networks.discriminators import PatchDiscriminator, build_discriminator
from models.translation.networks.generators import AttentionNetwork, ResnetGenerator
from models.translation.networks.norms import BatchNorm, InstanceNorm


def layer_table(network: nn.Module, *, side: int) -> list[tuple[str, int, int, int, int]]:
    """(kind, filter size, filters, stride, side of the output) of every convolution, in the order of the pass."""
    table: list[tuple[str, int, int, int, int]] = []

    def note(module: nn.Module, inputs: object, output: Tensor) -> None:
        assert isinstance(module, nn.Conv2d | nn.ConvTranspose2d)
        kind = "up" if isinstance(module, nn.ConvTranspose2d) else "conv"
        table.append((kind, module.kernel_size[0], output.shape[1], module.stride[0], output.shape[2]))

    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            module.register_forward_hook(note)
    with torch.no_grad():
        network(torch.zeros(1, 3, side, side))
    return table


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


NINE_BLOCKS = [("conv", 3, 256, 1, 32)] * 18


def test_the_generator_has_the_layers_of_table_2_2():
    assert layer_table(ResnetGenerator(GeneratorConfig()), side=128) == [
        ("conv", 7, 64, 1, 128),
        ("conv", 3, 128, 2, 64),
        ("conv", 3, 256, 2, 32),
        *NINE_BLOCKS,
        ("up", 3, 128, 2, 64),  # fractionally strided: 1/2 in the table
        ("up", 3, 64, 2, 128),
        ("conv", 7, 3, 1, 128),
    ]


def test_resizing_replaces_the_fractional_strides_alone():
    assert layer_table(ResnetGenerator(GeneratorConfig(upsampling="resize")), side=128) == [
        ("conv", 7, 64, 1, 128),
        ("conv", 3, 128, 2, 64),
        ("conv", 3, 256, 2, 32),
        *NINE_BLOCKS,
        ("conv", 3, 128, 1, 64),
        ("conv", 3, 64, 1, 128),
        ("conv", 7, 3, 1, 128),
    ]


def test_without_downsampling_all_layers_work_at_full_resolution():
    config = GeneratorConfig(filters=8, blocks=2, downsamplings=0)
    table = layer_table(ResnetGenerator(config), side=32)
    assert table == [("conv", 7, 8, 1, 32), *[("conv", 3, 8, 1, 32)] * 4, ("conv", 7, 3, 1, 32)]


def test_one_downsampling_is_undone_by_one_upsampling():
    table = layer_table(ResnetGenerator(GeneratorConfig(filters=8, blocks=1, downsamplings=1)), side=32)
    assert [row[1:] for row in table] == [
        (7, 8, 1, 32),
        (3, 16, 2, 16),
        (3, 16, 1, 16),
        (3, 16, 1, 16),
        (3, 8, 2, 32),
        (7, 3, 1, 32),
    ]


def test_every_convolution_of_the_generator_but_the_last_has_an_instance_norm():
    norms = [
        module for module in ResnetGenerator(GeneratorConfig()).modules() if type(module) is InstanceNorm
    ]
    assert len(norms) == 3 + 18 + 2
    assert not any(norm.affine or norm.track_running_stats for norm in norms)


def test_the_discriminator_has_the_layers_of_table_2_3():
    assert layer_table(PatchDiscriminator(DiscriminatorConfig()), side=128) == [
        ("conv", 4, 64, 2, 64),
        ("conv", 4, 128, 2, 32),
        ("conv", 4, 256, 2, 16),
        ("conv", 4, 512, 2, 8),
        ("conv", 4, 1, 1, 7),
    ]
    layers = PatchDiscriminator(DiscriminatorConfig()).layers
    assert [type(layer.norm) is InstanceNorm for layer in layers] == [False, True, True, True]
    assert {layer.activation.negative_slope for layer in layers} == {0.2}


def test_a_discriminator_without_norm_has_the_same_convolutions():
    plain = PatchDiscriminator(DiscriminatorConfig(filters=4, norm="none"))
    assert not any(isinstance(module, nn.InstanceNorm2d) for module in plain.modules())
    assert layer_table(plain, side=64) == layer_table(
        PatchDiscriminator(DiscriminatorConfig(filters=4)), side=64
    )


def test_attention_works_at_a_quarter_of_the_size_and_comes_back():
    assert layer_table(AttentionNetwork(32), side=64) == [
        ("conv", 7, 32, 2, 32),
        ("conv", 3, 64, 2, 16),
        ("conv", 3, 64, 1, 16),
        ("conv", 3, 64, 1, 16),
        ("conv", 3, 64, 1, 32),
        ("conv", 3, 32, 1, 64),
        ("conv", 7, 1, 1, 64),
    ]


def test_attention_has_the_number_of_parameters_worked_out_by_hand():
    by_hand = 49 * 3 * 32 + 9 * 32 * 64 + 2 * 9 * 64 * 64 + 9 * 64 * 64 + 9 * 64 * 32 + (49 * 32 + 1)
    assert count(AttentionNetwork(32)) == by_hand == 153_729


def test_attention_is_one_map_between_0_and_1():
    attention = AttentionNetwork(4)(torch.randn(2, 3, 36, 48))
    assert attention.shape == (2, 1, 36, 48)
    assert 0 < attention.min() < attention.max() < 1


def test_a_patch_head_has_the_number_of_parameters_worked_out_by_hand():
    assert count(PatchHead(128, 256)) == 128 * 256 + 256 + 256 * 256 + 256


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


def test_spectral_norm_brings_every_convolutions_largest_singular_value_to_1():
    torch.manual_seed(0)
    network = PatchDiscriminator(DiscriminatorConfig(filters=8, has_spectral_norm=True))
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    with torch.no_grad():
        for convolution in convolutions:
            convolution.parametrizations.weight.original.mul_(5)
        for _ in range(50):  # each is one step of power iteration
            network(torch.randn(1, 3, 32, 32))
        largest = [torch.linalg.matrix_norm(each.weight.flatten(1), 2).item() for each in convolutions]
    assert largest == pytest.approx([1] * 5, abs=0.02)


def test_spectral_norm_adds_no_parameter():
    plain, normed = (PatchDiscriminator(DiscriminatorConfig(has_spectral_norm=has)) for has in (False, True))
    assert count(plain) == count(normed)


def test_discriminators_of_several_scales_see_the_image_reduced_each_with_weights_of_its_own():
    torch.manual_seed(0)
    scaled = build_discriminator(DiscriminatorConfig(filters=2, scales=(1, 2, 4)), 4)
    image = torch.rand(2, 4, 128, 160)
    maps = scaled(image)
    # Table 2.3 at 128 x 160: 8 x 10 places of four halvings, minus one at each side
    assert [tuple(each.shape) for each in maps] == [(2, 1, 7, 9), (2, 1, 3, 4), (2, 1, 1, 1)]
    assert count(scaled) == 3 * count(PatchDiscriminator(DiscriminatorConfig(filters=2), 4))
    reduced = image.view(2, 4, 32, 4, 40, 4).mean((3, 5))
    torch.testing.assert_close(maps[2], scaled.discriminators[2](reduced))
    assert not torch.equal(scaled.discriminators[0](reduced), maps[2])
    torch.testing.assert_close(scaled.features(image)[0], scaled.discriminators[0].features(image)[0])
    assert isinstance(build_discriminator(DiscriminatorConfig(filters=2), 3), PatchDiscriminator)
    with pytest.raises(ValueError, match="scales has 4, which leaves 24 px of the image's side"):
        scaled(torch.rand(1, 4, 96, 128))


def test_networks_take_and_give_images_of_any_channels():
    generator = ResnetGenerator(GeneratorConfig(filters=2, blocks=1), 20, 4)
    assert generator(torch.zeros(1, 20, 32, 36)).shape == (1, 4, 32, 36)
    assert [
        layer.shape[1] for layer in generator.features(torch.zeros(1, 20, 32, 36))
    ] == generator.feature_widths
    assert AttentionNetwork(2, 4)(torch.zeros(1, 4, 32, 36)).shape == (1, 1, 32, 36)


def test_dropout_stands_in_every_block_and_batch_norm_in_the_place_of_every_instance_norm():
    plain = ResnetGenerator(GeneratorConfig(filters=2, blocks=3))
    other = ResnetGenerator(GeneratorConfig(filters=2, blocks=3, norm="batch", dropout=0.3))

    def kinds(network: nn.Module, *wanted: type[nn.Module]) -> list[str]:
        return [type(part).__name__ for part in network.modules() if isinstance(part, wanted)]

    assert kinds(other, nn.Dropout) == ["Dropout"] * 3 and kinds(plain, nn.Dropout) == []
    assert kinds(other, BatchNorm, InstanceNorm) == ["BatchNorm"] * len(kinds(plain, InstanceNorm))
