"""FCN-8s (Long et al. 2015, section 4.2) over a ResNet: three scales are scored and fused from coarse to fine."""

import torch
from torch import Tensor, nn

from models.segmentation.networks.resizing import cut_maps, resize_maps
from models.segmentation.networks.resnet import Depth, ResNetTrunk


class FCN8(nn.Module):
    """Logits [b, out_channels, h, w] of images [b, 3, h, w].

    As published, what is scored at a 32nd and at a 16th of the size is doubled by transposed convolutions that are
    learned and start as bilinear, the sum at an 8th is bilinear for good, and the scores of the two finer scales start at 0.
    """

    def __init__(self, out_channels: int, *, depth: Depth = 50) -> None:
        super().__init__()
        self.backbone = ResNetTrunk(depth)
        _, eighth, sixteenth, last = self.backbone.channels
        self.score_8 = _start_at_0(nn.Conv2d(eighth, out_channels, 1))
        self.score_16 = _start_at_0(nn.Conv2d(sixteenth, out_channels, 1))
        self.score_32 = nn.Conv2d(last, out_channels, 1)
        self.double_32 = _doubling(out_channels)
        self.double_16 = _doubling(out_channels)

    def forward(self, images_bchw: Tensor) -> Tensor:
        _, eighth, sixteenth, last = self.backbone(images_bchw)
        scores = self.score_16(sixteenth) + cut_maps(self.double_32(self.score_32(last)), sixteenth)
        scores = self.score_8(eighth) + cut_maps(self.double_16(scores), eighth)
        return resize_maps(scores, images_bchw)


def bilinear_kernel(channels: int) -> Tensor:
    """[channels, channels, 4, 4], of a transposed convolution of stride 2 that doubles each map for itself."""
    row = torch.tensor([0.25, 0.75, 0.75, 0.25])
    return torch.eye(channels)[:, :, None, None] * torch.outer(row, row)


def _doubling(channels: int) -> nn.ConvTranspose2d:
    layer = nn.ConvTranspose2d(channels, channels, 4, stride=2, padding=1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(bilinear_kernel(channels))
    return layer


def _start_at_0(layer: nn.Conv2d) -> nn.Conv2d:
    nn.init.zeros_(layer.weight)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer
