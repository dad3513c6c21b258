"""Starting weights: none, torchvision's ImageNet ones, our own of rendered people, or a local file.

The sha256 of a file is recorded.
"""

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from models.configs import WeightsFile
from models.detection import people_synthetic
from models.detection.config import DetectorConfig
from models.detection.networks.registry import KINDS
from models.training.checkpoints import load_tensors, load_weights
from models.training.pretrained_weights import feature_part, fetch_imagenet, file_sha256


def build_network(config: DetectorConfig) -> nn.Module:
    """The network of `config` with random weights."""
    return KINDS[config.network].build(config, None)


def build_started_network(config: DetectorConfig) -> tuple[nn.Module, dict[str, Any]]:
    """The network with its starting weights, and where these come from: {"source": ..., "sha256": ...}."""
    if config.weights == "none":
        return build_network(config), {"source": "none"}
    if isinstance(config.weights, WeightsFile):
        return _build_from_file(config, Path(config.weights.path))
    if config.weights == "people_synthetic":
        return _build_from_people(config)
    origin = KINDS[config.network].origin
    assert origin is not None, "the configuration refuses imagenet where there is none"
    return _build_from_backbone(config, fetch_imagenet(origin.imagenet)), {"source": "imagenet"}


def _build_from_file(config: DetectorConfig, path: Path) -> tuple[nn.Module, dict[str, Any]]:
    tensors = load_tensors(path)
    source = {"source": "path", "sha256": file_sha256(path)}
    if (detector := _detector_part(tensors)) is not None:
        return _build_from_detector(config, detector), source
    origin = KINDS[config.network].origin
    if origin is None:
        raise ValueError(
            f"{path} holds no {config.network} of ours; give a detector.pt of one, or set weights to none."
        )
    if not feature_part(tensors, first_layer=origin.first_layer):
        raise ValueError(
            f"{path} holds neither a detector nor the weights of torchvision's {origin.classifier}; "
            "give one of these, or set weights to none."
        )
    return _build_from_backbone(config, tensors), source


def _detector_part(tensors: Any) -> dict[str, Tensor] | None:
    """The best network of one of our detectors; None for anything else."""
    best = tensors.get("best") if isinstance(tensors, dict) and tensors.get("kind") == "detector" else None
    network = best.get("network") if isinstance(best, dict) else None
    is_whole = isinstance(network, dict) and all(isinstance(value, Tensor) for value in network.values())
    return network if is_whole else None


def _build_from_people(config: DetectorConfig) -> tuple[nn.Module, dict[str, Any]]:
    origin = {"source": "people_synthetic", "sha256": file_sha256(people_synthetic.PATH)}
    return _build_from_detector(config, people_synthetic.load()), origin


def _build_from_backbone(config: DetectorConfig, classifier: dict[str, Tensor]) -> nn.Module:
    kind = KINDS[config.network]
    assert kind.origin is not None
    return kind.build(config, feature_part(classifier, first_layer=kind.origin.first_layer))


def _build_from_detector(config: DetectorConfig, weights: dict[str, Tensor]) -> nn.Module:
    """All layers but the last ones, which are bound to the anchors and classes of their own training."""
    network = build_network(config)
    bound = KINDS[config.network].bound_layers
    own = {name: value for name, value in network.state_dict().items() if name.startswith(bound)}
    load_weights(network, {name: value for name, value in weights.items() if name not in own} | own)
    return network
