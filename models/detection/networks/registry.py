"""The detectors there are: how each is built, started, given anchors and placed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models import (
    MobileNet_V3_Large_Weights,
    ResNet50_Weights,
    SqueezeNet1_1_Weights,
    WeightsEnum,
)
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from models.arithmetic.devices import quicken
from models.arithmetic.precision import settle
from models.detection.config import DetectorConfig, NetworkName
from models.detection.networks import torchvision_networks
from models.detection.networks.anchors import cluster_sizes
from models.detection.networks.detector import Detector
from models.detection.networks.grid_detector import GridDetector
from models.detection.networks.level_anchors import LevelAnchors, cluster_level_sizes
from models.detection.networks.squeezedet import SqueezeDet
from models.detection.networks.torchvision_detector import TorchvisionDetector
from models.training.checkpoints import load_weights
from models.training.imagenet_images import MEAN_RGB, STD_RGB

Backbone = Mapping[str, Tensor]


@dataclass(frozen=True)
class Origin:
    """The classifier whose weights a backbone takes: its name, torchvision's weights, its first layer."""

    classifier: str
    imagenet: WeightsEnum
    first_layer: str


@dataclass(frozen=True)
class Kind:
    """A network as data. `build` gives random weights, but for those of a backbone if it gets them.

    `learn_anchors`: from sizes of training boxes [n, 2]. `bound_layers`: prefixes of the layers that answer for the
    classes and anchors of one training.
    """

    build: Callable[[DetectorConfig, Backbone | None], nn.Module]
    learn_anchors: Callable[[np.ndarray, DetectorConfig, np.random.Generator], np.ndarray]
    detector: Callable[..., Detector]
    bound_layers: tuple[str, ...]
    origin: Origin | None


def build_squeezedet(
    config: DetectorConfig, backbone: Backbone | None, *, is_plus: bool = False
) -> SqueezeDet:
    """SqueezeDet or SqueezeDet+; batch norm, which a started backbone does not have, comes last."""
    network = SqueezeDet(
        num_classes=config.num_classes,
        anchors_per_cell=config.anchors_per_cell,
        dropout=config.dropout,
        is_plus=is_plus,
    )
    if backbone is not None:
        load_weights(network.backbone, backbone)
    return network.add_batch_norm() if config.has_batch_norm else network


def place_detector(
    config: DetectorConfig,
    network: nn.Module,
    *,
    anchors_wh: np.ndarray,
    image_hw: tuple[int, int],
    device: torch.device,
) -> Detector:
    """Bring a network to its device and memory format and lay its anchors over images of this size; settles `config`."""
    config = config.settled()
    memory = torch.channels_last if config.is_channels_last else torch.contiguous_format
    network = network.to(device=device, memory_format=memory)  # type: ignore[call-overload]
    quicken(network, device, settle(config.precision, config.device))
    return KINDS[config.network].detector(config, network, anchors_wh, image_hw, device)


def _place_torchvision(
    config: DetectorConfig,
    network: nn.Module,
    anchors_wh: np.ndarray,
    image_hw: tuple[int, int],
    device: torch.device,
    *,
    first_label: int,
) -> TorchvisionDetector:
    """With these sizes of images torchvision's transform normalises them and resizes none."""
    network.transform = GeneralizedRCNNTransform(
        min(image_hw), max(image_hw), list(MEAN_RGB), list(STD_RGB), size_divisible=1
    )
    for module in network.modules():
        if isinstance(module, LevelAnchors):
            module.sizes_wh = anchors_wh
    return TorchvisionDetector(config, network, anchors_wh, image_hw, device, first_label)


def _one_grid(boxes_wh: np.ndarray, config: DetectorConfig, rng: np.random.Generator) -> np.ndarray:
    return cluster_sizes(boxes_wh, count=config.anchors_per_cell, rng=rng)


def _levels(strides_px: tuple[int, ...]) -> Callable[..., np.ndarray]:
    def learn(boxes_wh: np.ndarray, config: DetectorConfig, rng: np.random.Generator) -> np.ndarray:
        return cluster_level_sizes(boxes_wh, strides_px=strides_px, count=config.anchors_per_cell, rng=rng)

    return learn


def _none(boxes_wh: np.ndarray, config: DetectorConfig, rng: np.random.Generator) -> np.ndarray:
    return np.zeros((0, 2))


_MOBILENET = Origin("mobilenet_v3_large", MobileNet_V3_Large_Weights.IMAGENET1K_V2, "0.0.weight")
_RESNET = Origin("resnet50", ResNet50_Weights.IMAGENET1K_V2, "conv1.weight")
KINDS: dict[NetworkName, Kind] = {
    "squeezedet": Kind(
        build=build_squeezedet,
        learn_anchors=_one_grid,
        detector=GridDetector,
        bound_layers=("detect.",),
        origin=Origin("squeezenet1_1", SqueezeNet1_1_Weights.IMAGENET1K_V1, "0.weight"),
    ),
    "squeezedet_plus": Kind(
        build=partial(build_squeezedet, is_plus=True),
        learn_anchors=_one_grid,
        detector=GridDetector,
        bound_layers=("detect.",),
        origin=None,
    ),
    "ssdlite320_mobilenet_v3_large": Kind(
        build=torchvision_networks.build_ssdlite,
        learn_anchors=_levels(torchvision_networks.SSDLITE_STRIDES_PX),
        detector=partial(_place_torchvision, first_label=1),
        bound_layers=("head.",),
        origin=_MOBILENET,
    ),
    "fasterrcnn_mobilenet_v3_large_320_fpn": Kind(
        build=torchvision_networks.build_fasterrcnn,
        learn_anchors=_levels(torchvision_networks.FASTERRCNN_STRIDES_PX),
        detector=partial(_place_torchvision, first_label=1),
        bound_layers=("rpn.head.cls_logits.", "rpn.head.bbox_pred.", "roi_heads.box_predictor."),
        origin=_MOBILENET,
    ),
    "retinanet": Kind(
        build=torchvision_networks.build_retinanet,
        learn_anchors=_levels(torchvision_networks.RETINANET_STRIDES_PX),
        detector=partial(_place_torchvision, first_label=0),
        bound_layers=("head.classification_head.cls_logits.", "head.regression_head.bbox_reg."),
        origin=_RESNET,
    ),
    "fcos": Kind(
        build=torchvision_networks.build_fcos,
        learn_anchors=_none,
        detector=partial(_place_torchvision, first_label=0),
        bound_layers=("head.classification_head.cls_logits.",),
        origin=_RESNET,
    ),
}
