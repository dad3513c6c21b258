"""DeepLabv3+ (Chen et al. 2018) over a ResNet of output stride 16: dilated pooling, then a decoder with fine maps."""

from typing import Literal

import torch
from torch import Tensor, nn
from torchvision.models.segmentation.deeplabv3 import ASPP

from models.segmentation.networks.resizing import resize_maps
from models.segmentation.networks.resnet import ResNetTrunk

DILATIONS = (6, 12, 18)  # of output stride 16
CHANNELS, FINE_CHANNELS = (
    256,
    48,
)  # section 4.1: the decoder's, and those that the maps at a 4th are reduced to


class DeepLabV3Plus(nn.Module):
    """Logits [b, out_channels, h, w] of images [b, 3, h, w].

    In training b must be >= 2: of one image's mean there is nothing to normalise by.
    """

    def __init__(self, out_channels: int, *, depth: Literal[50, 101]) -> None:
        super().__init__()
        self.backbone = ResNetTrunk(depth, is_last_dilated=True)
        fine, *_, coarse = self.backbone.channels
        self.pooling = ASPP(coarse, DILATIONS, CHANNELS)
        self.reduction = _normalised(fine, FINE_CHANNELS, kernel_size=1)
        self.refinement = nn.Sequential(
            _normalised(CHANNELS + FINE_CHANNELS, CHANNELS, kernel_size=3),
            _normalised(CHANNELS, CHANNELS, kernel_size=3),
        )
        self.output = nn.Conv2d(CHANNELS, out_channels, 1)

    def forward(self, images_bchw: Tensor) -> Tensor:
        fine, *_, coarse = self.backbone(images_bchw)
        fine = self.reduction(fine)
        joined = torch.cat((resize_maps(self.pooling(coarse), fine), fine), dim=1)
        return resize_maps(self.output(self.refinement(joined)), images_bchw)


def _normalised(in_channels: int, out_channels: int, *, kernel_size: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )
