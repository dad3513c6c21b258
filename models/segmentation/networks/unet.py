"""U-Net (Ronneberger et al. 2015, figure 1), whose maps keep the images' size and whose convolutions have norms."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.segmentation.networks.resizing import cut_maps

HALVINGS = 4


class UNet(nn.Module):
    """Logits [b, out_channels, h, w] of images [b, 3, h, w]; on the way down sizes are rounded up.

    `filters`: channels at the images' size; each halving doubles them. The paper's convolutions have no padding and no
    norms, so that its maps shrink by 184 pixels and its training needs care; these have both, as is usual today.
    """

    def __init__(self, out_channels: int, *, filters: int = 64) -> None:
        super().__init__()
        channels = [filters * 2**level for level in range(HALVINGS + 1)]
        self.first = _two_convolutions(3, filters)
        self.down = nn.ModuleList(_two_convolutions(fine, coarse) for fine, coarse in pairwise(channels))
        pairs = list(pairwise(reversed(channels)))
        self.doublings = nn.ModuleList(
            nn.ConvTranspose2d(coarse, fine, 2, stride=2) for coarse, fine in pairs
        )
        self.up = nn.ModuleList(_two_convolutions(coarse, fine) for coarse, fine in pairs)
        self.output = nn.Conv2d(filters, out_channels, 1)

    def forward(self, images_bchw: Tensor) -> Tensor:
        stages = [self.first(images_bchw)]
        for stage in self.down:
            stages.append(stage(functional.max_pool2d(stages[-1], 2, ceil_mode=True)))
        maps = stages.pop()
        for double, stage in zip(self.doublings, self.up, strict=True):
            beside = stages.pop()
            maps = stage(torch.cat((beside, cut_maps(double(maps), beside)), dim=1))
        return self.output(maps)


def _two_convolutions(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
        nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )
