"""LR-ASPP over MobileNetV3 (Howard et al. 2019, section 6.4), torchvision's, as a network of maps to maps."""

from typing import Any

from torch import Tensor, nn
from torchvision.models.segmentation import lraspp_mobilenet_v3_large

from models.segmentation.networks.resizing import resize_maps


class LRASPP(nn.Module):
    """Logits [b, out_channels, h, w] of images [b, 3, h, w]."""

    def __init__(self, out_channels: int) -> None:
        super().__init__()
        whole: Any = lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=out_channels)
        self.backbone, self.classifier = whole.backbone, whole.classifier

    def forward(self, images_bchw: Tensor) -> Tensor:
        return resize_maps(self.classifier(self.backbone(images_bchw)), images_bchw)
