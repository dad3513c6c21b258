import torch
from torch.nn import functional

from models.segmentation.networks.fcn8 import FCN8, bilinear_kernel


def test_the_doubling_starts_as_bilinear_interpolation_of_every_map_for_itself():
    maps = torch.randn(1, 3, 5, 6)
    doubled = functional.conv_transpose2d(maps, bilinear_kernel(3), stride=2, padding=1)
    expected = functional.interpolate(maps, scale_factor=2, mode="bilinear")
    inside = (..., slice(1, -1), slice(1, -1))
    torch.testing.assert_close(doubled[inside], expected[inside])


def test_it_starts_as_the_coarsest_scores_alone_as_published():
    torch.manual_seed(0)
    network = FCN8(2, depth=18).eval()
    images = torch.randn(1, 3, 64, 64)
    stages = network.backbone(images)
    scores = network.score_32(stages[-1])
    twice = network.double_16(network.double_32(scores))
    expected = functional.interpolate(twice, scale_factor=8, mode="bilinear")
    torch.testing.assert_close(network(images), expected)


def test_finer_scores_are_added_where_they_lie():
    network = FCN8(2, depth=18).eval()
    with torch.no_grad():
        for layer in (network.score_32, network.score_16, network.score_8):
            layer.weight.zero_()
        network.score_32.bias.copy_(torch.tensor([1.0, 0.0]))
        network.score_16.bias.copy_(torch.tensor([0.0, 10.0]))
        network.score_8.bias.copy_(torch.tensor([100.0, 0.0]))
    logits = network(torch.randn(1, 3, 128, 128))
    torch.testing.assert_close(logits[0, :, 64, 64], torch.tensor([101.0, 10.0]))
