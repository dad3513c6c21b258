"""torchvision's ResNets as trunks: the maps of their four stages.

A name of a layer is torchvision's, so that its weights fit.
"""

from typing import Literal

from torch import Tensor, nn
from torchvision.models import resnet18, resnet50, resnet101

Depth = Literal[18, 50, 101]
_BUILDERS = {18: resnet18, 50: resnet50, 101: resnet101}


class ResNetTrunk(nn.Module):
    """Of images [b, 3, h, w] the maps at a 4th, 8th, 16th and 32nd of their size, rounded up."""

    def __init__(self, depth: Depth, *, is_last_dilated: bool = False) -> None:
        """`is_last_dilated` keeps the last stage at a 16th by dilation, which only bottlenecks know (depth 50, 101)."""
        super().__init__()
        dilation = {"replace_stride_with_dilation": [False, False, True]} if is_last_dilated else {}
        whole = _BUILDERS[depth](weights=None, **dilation)
        self.conv1, self.bn1 = whole.conv1, whole.bn1
        self.relu, self.maxpool = whole.relu, whole.maxpool
        self.layer1, self.layer2, self.layer3, self.layer4 = (
            whole.layer1,
            whole.layer2,
            whole.layer3,
            whole.layer4,
        )
        expansion = 1 if depth == 18 else 4
        self.channels = tuple(expansion * width for width in (64, 128, 256, 512))

    def forward(self, images_bchw: Tensor) -> list[Tensor]:
        maps = self.maxpool(self.relu(self.bn1(self.conv1(images_bchw))))
        stages: list[Tensor] = []
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            maps = stage(maps)
            stages.append(maps)
        return stages
