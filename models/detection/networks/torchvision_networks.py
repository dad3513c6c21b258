"""Torchvision's detectors, built for few classes, small images of one size and learned anchors.

With weights "none" all layers train and normalise by the batch; else, as in torchvision's builders, the backbones
of retinanet, fcos and fasterrcnn keep the statistics they came with.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import mobilenet_v3_large
from torchvision.models.detection import FCOS, FasterRCNN, RetinaNet
from torchvision.models.detection.backbone_utils import mobilenet_backbone, resnet_fpn_backbone
from torchvision.models.detection.retinanet import RetinaNetHead
from torchvision.models.detection.ssd import SSD
from torchvision.models.detection.ssdlite import SSDLiteFeatureExtractorMobileNet, SSDLiteHead
from torchvision.ops import FrozenBatchNorm2d
from torchvision.ops.feature_pyramid_network import LastLevelP6P7

from models.detection.config import DetectorConfig
from models.detection.networks.level_anchors import LevelAnchors
from models.training.checkpoints import load_weights

Backbone = Mapping[str, Tensor]
SMALLEST_SCORE = 0.01  # what scores less comes back from none of them
SSDLITE_STRIDES_PX = (16, 32, 64, 128, 256, 512)
FASTERRCNN_STRIDES_PX = (32, 32, 64)
RETINANET_STRIDES_PX = (8, 16, 32, 64, 128)
_ANY_SIZE_PX = 320  # replaced by the images' own when the detector is placed
_STAGE_STARTS = (0, 2, 4, 7, 13, 16)  # of mobilenet_v3_large: blocks before which it can be frozen


def build_ssdlite(config: DetectorConfig, backbone: Backbone | None) -> SSD:
    """SSDLite with the whole MobileNetV3, whose tail torchvision halves where it starts from random weights."""
    norm = partial(nn.BatchNorm2d, eps=0.001, momentum=0.03)
    features = mobilenet_v3_large(norm_layer=norm).features
    if backbone is not None:
        load_weights(features, backbone)
    trainable = _trainable_layers(config, default=6, most=6)
    for block in features[: [*_STAGE_STARTS, len(features)][-1 - trainable]]:
        block.requires_grad_(False)
    extractor = SSDLiteFeatureExtractorMobileNet(features, _STAGE_STARTS[-2], norm)
    anchors = LevelAnchors(levels=len(SSDLITE_STRIDES_PX), count=config.anchors_per_cell)
    num_classes = config.num_classes + 1
    head = SSDLiteHead([672, 960, 512, 256, 256, 128], anchors.num_anchors_per_location(), num_classes, norm)
    size = (_ANY_SIZE_PX, _ANY_SIZE_PX)
    boxes: Any = anchors  # SSD asks for a DefaultBoxGenerator, of which it calls what all generators have
    network = SSD(extractor, boxes, size, num_classes, head=head, **_read_out(config))
    return _answer_in_float32(network, [network.head])


def build_fasterrcnn(config: DetectorConfig, backbone: Backbone | None) -> FasterRCNN:
    """Faster R-CNN over MobileNetV3 with the settings of torchvision's version for 320 px."""
    pyramid = mobilenet_backbone(
        backbone_name="mobilenet_v3_large",
        weights=None,
        fpn=True,
        norm_layer=_norm(config),
        trainable_layers=_trainable_layers(config, default=3, most=6),
    )
    _fill(pyramid, backbone)
    network = FasterRCNN(
        pyramid,
        config.num_classes + 1,
        rpn_anchor_generator=LevelAnchors(levels=len(FASTERRCNN_STRIDES_PX), count=config.anchors_per_cell),
        rpn_pre_nms_top_n_test=150,
        rpn_post_nms_top_n_test=150,
        rpn_score_thresh=0.05,
        **{f"box_{name}": value for name, value in _read_out(config).items()},
    )
    return _answer_in_float32(network, [network.rpn.head, network.roi_heads.box_predictor])


def build_retinanet(config: DetectorConfig, backbone: Backbone | None) -> RetinaNet:
    """RetinaNet over ResNet-50, torchvision's second version: heads with group norm, generalised IoU."""
    anchors = LevelAnchors(levels=len(RETINANET_STRIDES_PX), count=config.anchors_per_cell)
    pyramid = _resnet_pyramid(config, backbone, coarsest=LastLevelP6P7(2048, 256))
    head = RetinaNetHead(
        256, config.anchors_per_cell, config.num_classes, norm_layer=partial(nn.GroupNorm, 32)
    )
    head.regression_head._loss_type = "giou"
    network = RetinaNet(pyramid, config.num_classes, anchor_generator=anchors, head=head, **_read_out(config))
    return _answer_in_float32(network, [network.head])


def build_fcos(config: DetectorConfig, backbone: Backbone | None) -> FCOS:
    """FCOS over ResNet-50: its boxes grow from points, so that it has no anchors to learn."""
    pyramid = _resnet_pyramid(config, backbone, coarsest=LastLevelP6P7(256, 256))
    network = FCOS(pyramid, config.num_classes, **_read_out(config))
    return _answer_in_float32(network, [network.head])


def _resnet_pyramid(
    config: DetectorConfig, backbone: Backbone | None, *, coarsest: LastLevelP6P7
) -> nn.Module:
    pyramid = resnet_fpn_backbone(
        backbone_name="resnet50",
        weights=None,
        norm_layer=_norm(config),
        trainable_layers=_trainable_layers(config, default=3, most=5),
        returned_layers=[2, 3, 4],
        extra_blocks=coarsest,
    )
    _fill(pyramid, backbone)
    return pyramid


def _fill(pyramid: nn.Module, backbone: Backbone | None) -> None:
    if backbone is not None:
        body = pyramid.body
        assert isinstance(body, nn.Module)
        load_weights(body, backbone)


def _norm(config: DetectorConfig) -> Callable[..., nn.Module]:
    return nn.BatchNorm2d if config.weights == "none" else FrozenBatchNorm2d


def _trainable_layers(config: DetectorConfig, *, default: int, most: int) -> int:
    if config.weights == "none":
        return most
    return default if config.trainable_layers is None else config.trainable_layers


def _read_out(config: DetectorConfig) -> dict[str, Any]:
    return {
        "score_thresh": SMALLEST_SCORE,
        "nms_thresh": config.nms_iou,
        "detections_per_img": config.top_detections,
    }


def _answer_in_float32(network: Any, heads: list[Any]) -> Any:
    """The network, whose heads hand float32 on to losses and boxes where they worked in bfloat16."""
    for head in heads:
        head.register_forward_hook(lambda module, inputs, output: _to_float32(output))
    return network


def _to_float32(output: Any) -> Any:
    if isinstance(output, torch.Tensor):
        return output.float()
    if isinstance(output, dict):
        return {name: _to_float32(value) for name, value in output.items()}
    return type(output)(_to_float32(value) for value in output)
