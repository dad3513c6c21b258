import pytest
import torch
from torch import nn

from models.segmentation.networks.erfnet import Downsampler, ERFNet, NonBottleneck1d, Upsampler

# Table I: kind, channels, height and width of what comes out of 512 x 1024, dilation, dropout.
ENCODER = [
    ("Downsampler", 16, 256, 512, None, None),
    ("Downsampler", 64, 128, 256, None, None),
    *[("NonBottleneck1d", 64, 128, 256, 1, 0.03)] * 5,
    ("Downsampler", 128, 64, 128, None, None),
    *[("NonBottleneck1d", 128, 64, 128, dilation, 0.3) for dilation in (2, 4, 8, 16, 2, 4, 8, 16)],
]
DECODER = [
    ("Upsampler", 64, 128, 256, None, None),
    *[("NonBottleneck1d", 64, 128, 256, 1, 0.0)] * 2,
    ("Upsampler", 16, 256, 512, None, None),
    *[("NonBottleneck1d", 16, 256, 512, 1, 0.0)] * 2,
]


def count_weights(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


def describe_layers(network: ERFNet) -> list[tuple]:
    maps = torch.zeros(1, 3, 512, 1024, device="meta")
    rows = []
    for layer in (*network.encoder, *network.decoder):
        maps = layer(maps)
        is_block = isinstance(layer, NonBottleneck1d)
        dilation = layer.second[0].dilation[0] if is_block else None
        dropout = layer.dropout.p if is_block else None
        rows.append((type(layer).__name__, *maps.shape[1:], dilation, dropout))
    assert network.output(maps).shape == (1, 20, 512, 1024)
    return rows


def test_its_layers_are_those_of_the_papers_table():
    with torch.device("meta"):
        network = ERFNet(3, 20)
    assert describe_layers(network) == ENCODER + DECODER
    assert len(ENCODER) == 16 and len(ENCODER + DECODER) + 1 == 23


def test_it_has_as_many_weights_as_the_two_generators_of_the_segmentation_cycle():
    with torch.device("meta"):
        assert count_weights(ERFNet(3, 20)) == 2_064_256
        assert count_weights(ERFNet(20, 3, filters=(32, 64, 128))) == 2_067_279


def test_parts_have_as_many_weights_as_by_hand():
    # a factorised pair: 2 (3 c^2 + c); a block has two, and two norms of 2 c
    assert count_weights(NonBottleneck1d(64)) == 4 * (3 * 64**2 + 64) + 4 * 64
    assert count_weights(Downsampler(3, 16)) == 9 * 3 * 13 + 13 + 2 * 16
    assert count_weights(Upsampler(64, 16)) == 9 * 64 * 16 + 16 + 2 * 16


def test_a_downsampler_keeps_the_maxima_of_its_input_beside_its_own_maps():
    layer = Downsampler(2, 5).eval()
    maps = torch.randn(1, 2, 5, 7)
    out = layer(maps)
    assert out.shape == (1, 5, 3, 4)
    maxima = torch.stack([maps[0, :, 2:4, 4:6].amax((1, 2)), maps[0, :, 4:, 6:].amax((1, 2))])
    expected = (maxima / (1 + 1e-3) ** 0.5).relu()
    torch.testing.assert_close(torch.stack([out[0, 3:, 1, 2], out[0, 3:, 2, 3]]), expected)


@pytest.mark.parametrize("dilation", [1, 4])
def test_a_block_reaches_as_far_as_its_dilation_and_one_pixel_more(dilation):
    torch.manual_seed(0)
    block = NonBottleneck1d(4, dilation=dilation).eval()
    maps = torch.randn(1, 4, 21, 25)
    moved = maps.clone()
    moved[..., 10, 12] += 3.0
    changed = (block(moved) != block(maps)).any(1)[0].nonzero()
    reach = dilation + 1
    assert changed.amin(0).tolist() == [10 - reach, 12 - reach]
    assert changed.amax(0).tolist() == [10 + reach, 12 + reach]


def test_a_block_adds_its_input_before_the_last_relu():
    block = NonBottleneck1d(3).eval()
    nn.init.zeros_(block.second_norm.weight)
    maps = torch.randn(2, 3, 6, 6)
    torch.testing.assert_close(block(maps), maps.relu())


def test_fewer_first_maps_than_inputs_are_refused():
    with pytest.raises(ValueError, match="more than its 20 input channels, but were 16; give 40"):
        ERFNet(20, 3)
