"""Starting weights: none, torchvision's ImageNet ones, our own of rendered people, or a local file.

The sha256 of a file is recorded.
"""

from pathlib import Path
from typing import Any

from torch import Tensor
from torchvision.models import SqueezeNet1_1_Weights

from models.checkpoints import load_tensors, load_weights
from models.configs import WeightsFile
from models.detection import people_synthetic
from models.detection.config import DetectorConfig
from models.detection.squeezedet import SqueezeDet
from models.pretrained import feature_part, fetch_imagenet, file_sha256


def build_network(config: DetectorConfig) -> SqueezeDet:
    """The network of `config` with random weights."""
    network = _build_plain(config)
    return network.add_batch_norm() if config.has_batch_norm else network


def build_started_network(config: DetectorConfig) -> tuple[SqueezeDet, dict[str, Any]]:
    """The network with its starting weights, and where these come from: {"source": ..., "sha256": ...}."""
    if config.weights == "none":
        return build_network(config), {"source": "none"}
    if isinstance(config.weights, WeightsFile):
        return _build_from_file(config, Path(config.weights.path))
    if config.weights == "people_synthetic":
        return _build_from_people(config)
    backbone = feature_part(fetch_imagenet(SqueezeNet1_1_Weights.IMAGENET1K_V1))
    return _build_from_backbone(config, backbone), {"source": "imagenet"}


def _build_plain(config: DetectorConfig) -> SqueezeDet:
    return SqueezeDet(
        num_classes=config.num_classes, anchors_per_cell=config.anchors_per_cell, dropout=config.dropout
    )


def _build_from_file(config: DetectorConfig, path: Path) -> tuple[SqueezeDet, dict[str, Any]]:
    tensors = load_tensors(path)
    origin = {"source": "path", "sha256": file_sha256(path)}
    if isinstance(tensors, dict) and tensors.get("kind") == "detector" and tensors["best"] is not None:
        return _build_from_detector(config, tensors["best"]["network"]), origin
    backbone = feature_part(tensors)
    if not backbone:
        raise ValueError(
            f"{path} holds neither a detector nor the weights of torchvision's squeezenet1_1; "
            "give one of these, or set weights to none."
        )
    return _build_from_backbone(config, backbone), origin


def _build_from_people(config: DetectorConfig) -> tuple[SqueezeDet, dict[str, Any]]:
    origin = {"source": "people_synthetic", "sha256": file_sha256(people_synthetic.PATH)}
    return _build_from_detector(config, people_synthetic.load()), origin


def _build_from_backbone(config: DetectorConfig, backbone: dict[str, Tensor]) -> SqueezeDet:
    network = _build_plain(config)
    load_weights(network.backbone, backbone)
    return network.add_batch_norm() if config.has_batch_norm else network


def _build_from_detector(config: DetectorConfig, weights: dict[str, Tensor]) -> SqueezeDet:
    """All layers but the detecting one, which is bound to the anchors and classes of its own training."""
    network = build_network(config)
    own = {name: value for name, value in network.state_dict().items() if name.startswith("detect.")}
    load_weights(network, {name: value for name, value in weights.items() if name not in own} | own)
    return network
