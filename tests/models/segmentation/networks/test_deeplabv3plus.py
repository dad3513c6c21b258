import torch

from models.segmentation.networks.deeplabv3plus import DeepLabV3Plus


def build(depth: int) -> DeepLabV3Plus:
    with torch.device("meta"):
        return DeepLabV3Plus(20, depth=depth).eval()


def test_its_trunk_has_output_stride_16_and_its_decoder_works_at_a_4th():
    network = build(50)
    stages = network.backbone(torch.zeros(1, 3, 128, 256, device="meta"))
    assert [tuple(maps.shape[1:]) for maps in stages] == [
        (256, 32, 64),
        (512, 16, 32),
        (1024, 8, 16),
        (2048, 8, 16),
    ]
    assert network.pooling(stages[-1]).shape[1:] == (256, 8, 16)
    assert network.reduction(stages[0]).shape[1:] == (48, 32, 64)
    assert network.refinement(torch.zeros(1, 304, 32, 64, device="meta")).shape[1:] == (256, 32, 64)


def test_its_pooling_has_the_dilations_of_output_stride_16():
    dilated = [
        module for module in build(50).pooling.modules() if getattr(module, "dilation", (1, 1)) != (1, 1)
    ]
    assert [module.dilation[0] for module in dilated] == [6, 12, 18]


def test_the_parts_beyond_the_trunk_have_as_many_weights_as_by_hand():
    network = build(101)
    sizes = {
        name: sum(weight.numel() for weight in part.parameters()) for name, part in network.named_children()
    }
    one, nine, norm = 2048 * 256, 9 * 2048 * 256, 2 * 256
    assert sizes == {
        "backbone": 42_500_160,
        "pooling": 2 * (one + norm) + 3 * (nine + norm) + 5 * 256 * 256 + norm,
        "reduction": 256 * 48 + 2 * 48,
        "refinement": 9 * 304 * 256 + norm + 9 * 256 * 256 + norm,
        "output": 256 * 20 + 20,
    }
