import pytest
import torch

from models.segmentation.networks.panoptic_fpn import PanopticFPN


def build(depth: int) -> PanopticFPN:
    with torch.device("meta"):
        return PanopticFPN(20, depth=depth).eval()


@pytest.mark.parametrize(
    ("depth", "sizes"),
    [
        (101, {"backbone": 42_500_160, "pyramid": 3_344_384, "head": 1_626_388}),
        # 960 channels of four stages to 256, and four 3 x 3 convolutions of 256 channels
        (
            18,
            {
                "backbone": 11_176_512,
                "pyramid": 960 * 256 + 4 * 256 + 4 * (9 * 256**2 + 256),
                "head": 1_626_388,
            },
        ),
    ],
)
def test_its_parts_have_as_many_weights_as_the_seeds_network(depth, sizes):
    found = {
        name: sum(weight.numel() for weight in part.parameters())
        for name, part in build(depth).named_children()
    }
    assert found == sizes


def test_each_level_is_raised_to_a_4th_by_its_own_number_of_blocks():
    network = build(18)
    assert [len(level) for level in network.head.levels] == [1, 1, 2, 3]
    stages = network.backbone(torch.zeros(1, 3, 96, 160, device="meta"))
    assert [maps.shape[-2:] for maps in stages] == [(24, 40), (12, 20), (6, 10), (3, 5)]
    levels = list(network.pyramid({str(level): maps for level, maps in enumerate(stages)}).values())
    assert {maps.shape[1] for maps in levels} == {256}
    heights = [[] for _ in levels]
    for seen, blocks in zip(heights, network.head.levels, strict=True):
        for block in blocks:
            block.register_forward_hook(lambda block, inputs, out, seen=seen: seen.append(out.shape[-2]))
    assert network.head(levels).shape == (1, 20, 24, 40)
    assert heights == [[24], [12], [6, 12], [3, 6, 12]]


def test_every_level_reaches_the_logits():
    torch.manual_seed(0)
    head = PanopticFPN(2, depth=18).head.eval()
    levels = [torch.randn(1, 256, 16 // 2**level, 16 // 2**level) for level in range(4)]
    whole = head(levels)
    for level in range(4):
        without = [maps * (number != level) for number, maps in enumerate(levels)]
        assert not torch.allclose(head(without), whole, atol=1e-4)
