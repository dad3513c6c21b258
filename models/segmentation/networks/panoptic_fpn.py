"""The semantic branch of Panoptic FPN (Kirillov et al. 2019, figure 3) over a feature pyramid of a ResNet."""

import torch
from torch import Tensor, nn
from torchvision.ops import FeaturePyramidNetwork

from models.segmentation.networks.resizing import resize_maps
from models.segmentation.networks.resnet import Depth, ResNetTrunk

PYRAMID_CHANNELS, CHANNELS, NUM_GROUPS = 256, 128, 32
BLOCKS = (1, 1, 2, 3)  # of each level, from a 4th to a 32nd of the size; each doubles it until it is a 4th


class SemanticBranch(nn.Module):
    """Logits [b, out_channels, h, w] at the finest level's size, of the four levels of a pyramid, finest first."""

    def __init__(self, out_channels: int) -> None:
        super().__init__()
        self.levels = nn.ModuleList(
            nn.ModuleList(_block(CHANNELS if number else PYRAMID_CHANNELS) for number in range(count))
            for count in BLOCKS
        )
        self.output = nn.Conv2d(CHANNELS, out_channels, 1)

    def forward(self, pyramid: list[Tensor]) -> Tensor:
        raised = [self._raise(pyramid, level) for level in range(len(pyramid))]
        return self.output(torch.stack(raised).sum(0))

    def _raise(self, pyramid: list[Tensor], level: int) -> Tensor:
        maps = pyramid[level]
        for number, block in enumerate(self.levels[level]):  # type: ignore[arg-type]
            maps = block(maps)
            # Not by a scale of 2: the next finer level of an odd size is smaller by 1.
            maps = resize_maps(maps, pyramid[level - 1 - number]) if level else maps
        return maps


class PanopticFPN(nn.Module):
    """Logits [b, out_channels, h, w] of images [b, 3, h, w]."""

    def __init__(self, out_channels: int, *, depth: Depth) -> None:
        super().__init__()
        self.backbone = ResNetTrunk(depth)
        self.pyramid = FeaturePyramidNetwork(list(self.backbone.channels), PYRAMID_CHANNELS)
        self.head = SemanticBranch(out_channels)

    def forward(self, images_bchw: Tensor) -> Tensor:
        stages = self.backbone(images_bchw)
        pyramid = self.pyramid({str(level): maps for level, maps in enumerate(stages)})
        return resize_maps(self.head(list(pyramid.values())), images_bchw)


def _block(in_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, CHANNELS, 3, padding=1, bias=False),
        nn.GroupNorm(NUM_GROUPS, CHANNELS),
        nn.ReLU(inplace=True),
    )
