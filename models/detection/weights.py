"""Starting weights: none, torchvision's ImageNet ones, or a local file whose sha256 is recorded."""

import hashlib
from pathlib import Path
from typing import Any

from torch import Tensor
from torchvision.models import SqueezeNet1_1_Weights, squeezenet1_1

from models.checkpoints import load_tensors, load_weights
from models.detection.config import DetectorConfig, WeightsFile
from models.detection.squeezedet import SqueezeDet


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
    return _build_from_backbone(config, _download_backbone()), {"source": "imagenet"}


def _build_plain(config: DetectorConfig) -> SqueezeDet:
    return SqueezeDet(
        num_classes=config.num_classes, anchors_per_cell=config.anchors_per_cell, dropout=config.dropout
    )


def _build_from_file(config: DetectorConfig, path: Path) -> tuple[SqueezeDet, dict[str, Any]]:
    tensors = load_tensors(path)
    origin = {"source": "path", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    if isinstance(tensors, dict) and tensors.get("kind") == "detector":
        return _build_from_detector(config, tensors["best"]["network"]), origin
    backbone = _backbone_part(tensors)
    if not backbone:
        raise ValueError(
            f"{path} holds neither a detector nor the weights of torchvision's squeezenet1_1; "
            "give one of these, or set weights to none."
        )
    return _build_from_backbone(config, backbone), origin


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


def _backbone_part(tensors: Any) -> dict[str, Tensor]:
    """The `features` of a squeezenet1_1 state_dict, with or without that prefix; empty if it is none."""
    if not isinstance(tensors, dict) or not all(isinstance(value, Tensor) for value in tensors.values()):
        return {}
    features = {
        name.removeprefix("features."): value for name, value in tensors.items() if "classifier" not in name
    }
    return features if "0.weight" in features else {}


def _download_backbone() -> dict[str, Tensor]:
    try:
        return squeezenet1_1(weights=SqueezeNet1_1_Weights.IMAGENET1K_V1).features.state_dict()
    except OSError as error:
        raise ValueError(
            f"The ImageNet weights could not be fetched ({error}); set weights to none, or to a path of "
            "torchvision's squeezenet1_1 file."
        ) from error
