"""Starting weights: none, torchvision's ImageNet ones, or a local file, whose sha256 is recorded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from models.configs import WeightsFile, is_of_run
from models.segmentation.config import SegmentationConfig
from models.segmentation.networks.registry import BACKBONE, KINDS
from models.training.checkpoints import load_tensors, load_weights
from models.training.pretrained_weights import feature_part, fetch_imagenet, file_sha256

KIND = "segmenter"  # of a state


def load_start(network: nn.Module, config: SegmentationConfig) -> dict[str, Any]:
    """Fill a network that `build_network` made with its starting weights; returns where these come from.

    {"source": ..., "sha256": ..., "fresh_layers": the layers that a file's segmenter of other classes does not fill}.
    """
    if config.weights == "none":
        return {"source": "none"}
    if is_of_run(config.weights):
        raise ValueError(
            f"weights is {config.weights!r}, but runs are not known here; give the path of its segmenter.pt."
        )
    if isinstance(config.weights, WeightsFile):
        path = Path(config.weights.path)
        return _fill_from_file(network, config, path) | {"sha256": file_sha256(path)}
    origin = KINDS[config.network].origin
    assert origin is not None, "the configuration refuses imagenet where there is none"
    _fill_backbone(network, fetch_imagenet(origin.imagenet), first_layer=origin.first_layer)
    return {"source": "imagenet"}


def _fill_from_file(network: nn.Module, config: SegmentationConfig, path: Path) -> dict[str, Any]:
    tensors = load_tensors(path)
    if (segmenter := _segmenter_part(tensors)) is not None:
        bound_layers = KINDS[config.network].bound_layers
        return {"source": "path", "fresh_layers": _fill_from_segmenter(network, segmenter, bound_layers)}
    origin = KINDS[config.network].origin
    if origin is None:
        raise ValueError(
            f"{path} holds no {config.network} of ours; give a segmenter.pt of one, or set weights to none."
        )
    if not feature_part(tensors, first_layer=origin.first_layer):
        raise ValueError(
            f"{path} holds neither a segmenter nor the weights of torchvision's {origin.classifier}; "
            "give one of these, or set weights to none."
        )
    _fill_backbone(network, tensors, first_layer=origin.first_layer)
    return {"source": "path"}


def _segmenter_part(tensors: Any) -> dict[str, Tensor] | None:
    """The best network of one of our segmenters; None for anything else."""
    best = tensors.get("best") if isinstance(tensors, dict) and tensors.get("kind") == KIND else None
    network = best.get("network") if isinstance(best, dict) else None
    is_whole = isinstance(network, dict) and all(isinstance(value, Tensor) for value in network.values())
    return network if is_whole else None


def _fill_from_segmenter(
    network: nn.Module, weights: Mapping[str, Tensor], bound_layers: tuple[str, ...]
) -> list[str]:
    """All layers, or, where the number of classes differs, all but those that answer for them, which are returned."""
    own = {name: value for name, value in network.state_dict().items() if name.startswith(bound_layers)}
    if all(name in weights and weights[name].shape == value.shape for name, value in own.items()):
        load_weights(network, weights)
        return []
    load_weights(network, {name: value for name, value in weights.items() if name not in own} | own)
    return sorted(own)


def _fill_backbone(network: nn.Module, classifier: Mapping[str, Tensor], *, first_layer: str) -> None:
    backbone = network.get_submodule(BACKBONE.removesuffix("."))
    load_weights(backbone, feature_part(dict(classifier), first_layer=first_layer))
