"""The segmentation networks there are: how each is built, and whose weights its backbone takes."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn
from torchvision.models import (
    MobileNet_V3_Large_Weights,
    ResNet18_Weights,
    ResNet50_Weights,
    ResNet101_Weights,
    WeightsEnum,
)

from models.segmentation.config import NetworkName, SegmentationConfig
from models.segmentation.networks.deeplabv3plus import DeepLabV3Plus
from models.segmentation.networks.erfnet import ERFNet
from models.segmentation.networks.fcn8 import FCN8
from models.segmentation.networks.lraspp import LRASPP
from models.segmentation.networks.panoptic_fpn import PanopticFPN
from models.segmentation.networks.unet import UNet

BACKBONE = "backbone."  # what names of the backbone's weights begin with


@dataclass(frozen=True)
class Origin:
    """The classifier whose weights a backbone takes: its name, torchvision's weights, its first layer."""

    classifier: str
    imagenet: WeightsEnum
    first_layer: str


@dataclass(frozen=True)
class Kind:
    """A network as data. `build` gives random weights; `bound_layers`: prefixes of the layers that answer for classes."""

    build: Callable[[SegmentationConfig], nn.Module]
    bound_layers: tuple[str, ...]
    origin: Origin | None


def build_network(config: SegmentationConfig) -> nn.Module:
    """The network of `config` with random weights: normalised images [b, 3, h, w] to logits [b, num_outputs, h, w]."""
    return KINDS[config.network].build(config)


def _build_erfnet(config: SegmentationConfig) -> ERFNet:
    half, quarter, eighth = (round(config.width * filters) for filters in (16, 64, 128))
    return ERFNet(3, config.num_outputs, filters=(half, quarter, eighth))


_RESNET18 = Origin("resnet18", ResNet18_Weights.IMAGENET1K_V1, "conv1.weight")
_RESNET50 = Origin("resnet50", ResNet50_Weights.IMAGENET1K_V2, "conv1.weight")
_RESNET101 = Origin("resnet101", ResNet101_Weights.IMAGENET1K_V2, "conv1.weight")
_MOBILENET = Origin("mobilenet_v3_large", MobileNet_V3_Large_Weights.IMAGENET1K_V2, "0.0.weight")
KINDS: dict[NetworkName, Kind] = {
    "erfnet": Kind(_build_erfnet, ("output.",), None),
    "unet": Kind(
        lambda config: UNet(config.num_outputs, filters=round(config.width * 64)), ("output.",), None
    ),
    "fcn8_resnet50": Kind(
        lambda config: FCN8(config.num_outputs),
        ("score_8.", "score_16.", "score_32.", "double_32.", "double_16."),
        _RESNET50,
    ),
    "deeplabv3plus_resnet50": Kind(
        lambda config: DeepLabV3Plus(config.num_outputs, depth=50), ("output.",), _RESNET50
    ),
    "deeplabv3plus_resnet101": Kind(
        lambda config: DeepLabV3Plus(config.num_outputs, depth=101), ("output.",), _RESNET101
    ),
    "panoptic_fpn_resnet18": Kind(
        lambda config: PanopticFPN(config.num_outputs, depth=18), ("head.output.",), _RESNET18
    ),
    "panoptic_fpn_resnet101": Kind(
        lambda config: PanopticFPN(config.num_outputs, depth=101), ("head.output.",), _RESNET101
    ),
    "lraspp_mobilenet_v3_large": Kind(
        lambda config: LRASPP(config.num_outputs),
        ("classifier.low_classifier.", "classifier.high_classifier."),
        _MOBILENET,
    ),
}
