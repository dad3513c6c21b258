"""Fixed networks that turn images into features: for losses in their spaces and distances between sets of images.

Shapes: b batch, c channels, h height, w width; images are bchw in -1..1.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import (
    Inception_V3_Weights,
    SqueezeNet1_1_Weights,
    VGG16_Weights,
    WeightsEnum,
    inception_v3,
    squeezenet1_1,
    vgg16,
)

from models.configs import WeightsFile
from models.features.config import LAYERS, FeaturesConfig
from models.training.checkpoints import load_tensors, load_weights
from models.training.imagenet_images import MEAN_RGB, STD_RGB
from models.training.pretrained_weights import feature_part, fetch_imagenet, file_sha256

RANDOM_SEED = 0  # of the weights where there are no others: the same features in every run
# Keeps the scale of activations over depth: behind a ReLU their variance is (1 - 1 / pi) of their mean square, and only
# the variance passes kernels that sum to 0.
_SPREAD = (1 - 1 / math.pi) ** -0.5
_INCEPTION_SIDE_PX = 299
_VGG_MEAN_BGR = (103.939, 116.779, 123.68)  # of ImageNet's images in 0..255 (Simonyan and Zisserman 2015)


@dataclass(frozen=True)
class _Architecture:
    """`layer_ends`: how many of the body's modules lead to each numbered layer, which is the last of them."""

    build_body: Callable[[], nn.Sequential]
    layer_ends: tuple[int, ...]
    imagenet: WeightsEnum


class FeatureNetwork(nn.Module):
    """The chosen layers of a fixed network, in evaluation mode; gradients reach the images, never the weights.

    `name` says network, layers and origin of the weights, for results. ValueError for weights that cannot be had or
    are of another network.
    """

    mean: Tensor
    std: Tensor
    mean_bgr: Tensor

    def __init__(self, config: FeaturesConfig) -> None:
        super().__init__()
        architecture = _ARCHITECTURES[config.network]
        body = _on_cpu(architecture.build_body)
        self.config = config
        order = ", BGR" if config.input == "bgr" else ""
        self.name = f"{config.network} {_layer_names(config)}{order}, {_fill(body, config, architecture)}"
        self.register_buffer("mean_bgr", torch.tensor(_VGG_MEAN_BGR).view(1, 3, 1, 1), persistent=False)
        ends = [architecture.layer_ends[layer - 1] for layer in config.chosen_layers]
        self.stages = nn.ModuleList(body[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True))
        self.register_buffer("mean", torch.tensor(MEAN_RGB).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD_RGB).view(1, 3, 1, 1), persistent=False)
        self.eval().requires_grad_(False)

    def maps(self, images_bchw: Tensor) -> list[Tensor]:
        """Activations [b, c, h', w'] of the chosen layers, from shallow to deep."""
        values, activations = self._normalise(images_bchw), []
        for stage in self.stages:
            values = stage(values)
            activations.append(values)
        return activations

    def vectors(self, images_bchw: Tensor) -> Tensor:
        """[b, c]: the deepest chosen layer averaged over the image; of Inception's last one the pool3 of FID."""
        return self.maps(images_bchw)[-1].mean((2, 3))

    def _normalise(self, images_bchw: Tensor) -> Tensor:
        if self.config.network == "inception_v3":  # trained on -1..1
            side = (_INCEPTION_SIDE_PX, _INCEPTION_SIDE_PX)
            return functional.interpolate(images_bchw, side, mode="bilinear", antialias=True)
        if self.config.input == "bgr":
            return (images_bchw.flip(1) + 1) * 127.5 - self.mean_bgr
        return ((images_bchw + 1) / 2 - self.mean) / self.std


def _layer_names(config: FeaturesConfig) -> str:
    return "+".join(LAYERS[config.network][layer - 1] for layer in config.chosen_layers)


def _fill(body: nn.Sequential, config: FeaturesConfig, architecture: _Architecture) -> str:
    """Give `body` its weights; returns where these come from."""
    if config.weights == "none":
        _randomise(body)
        return f"random weights (seed {RANDOM_SEED})"
    if isinstance(config.weights, WeightsFile):
        path = Path(config.weights.path)
        _load(body, config, load_tensors(path), source=str(path))
        return f"file sha256:{file_sha256(path)[:12]}"
    _load(body, config, fetch_imagenet(architecture.imagenet), source=architecture.imagenet.url)
    return "ImageNet"


def _load(body: nn.Sequential, config: FeaturesConfig, tensors: object, *, source: str) -> None:
    weights = _inception_part(tensors) if config.network == "inception_v3" else feature_part(tensors)
    try:
        load_weights(body, weights)
    except ValueError as error:
        raise ValueError(
            f"{source} does not hold the weights of torchvision's {config.network} ({error}); "
            "give that network's state_dict, or set features.weights to none."
        ) from error


def _inception_part(tensors: object) -> dict[str, Tensor]:
    """All but the classifiers at the end and at the side."""
    if not isinstance(tensors, dict):
        return {}
    return {name: value for name, value in tensors.items() if not str(name).startswith(("AuxLogits.", "fc."))}


def _randomise(body: nn.Sequential) -> None:
    """He initialisation (He et al. 2015) of kernels that then sum to 0, biases 0, batch norms without effect.

    Kernels with a sum would make brightness most of every feature: crops refined into mere blotches were then hardly
    farther from the real ones than unrefined ones are.
    """
    generator = torch.Generator().manual_seed(RANDOM_SEED)
    for module in body.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
            module.weight.data = (
                _SPREAD * (module.weight - module.weight.mean((1, 2, 3), keepdim=True)).detach()
            )
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()


def _on_cpu(build: Callable[[], nn.Sequential]) -> nn.Sequential:
    """Built without values first: torchvision's own random weights would cost seconds and move the caller's state."""
    with torch.device("meta"):
        body = build()
    body.to_empty(device="cpu")
    return body


def _vgg16_body() -> nn.Sequential:
    features = vgg16(weights=None, init_weights=False).features
    assert isinstance(features, nn.Sequential)
    return features


def _vgg16_body_without_pool4() -> nn.Sequential:
    """With the names of vgg16's weights: something has to stand in the pool's place."""
    features = _vgg16_body()
    features[23] = nn.Identity()
    return features


def _squeezenet_body() -> nn.Sequential:
    features = squeezenet1_1(weights=None).features
    assert isinstance(features, nn.Sequential)
    return features


def _inception_body() -> nn.Sequential:
    network = inception_v3(weights=None, init_weights=False, aux_logits=False)
    modules = [(name, module) for name, module in network.named_children()]
    return nn.Sequential(OrderedDict(modules[: [name for name, _ in modules].index("avgpool")]))


_ARCHITECTURES = {
    "vgg16": _Architecture(_vgg16_body, (5, 10, 17, 24, 31), VGG16_Weights.IMAGENET1K_V1),
    "vgg16_without_pool4": _Architecture(
        _vgg16_body_without_pool4, (5, 10, 17, 23, 30), VGG16_Weights.IMAGENET1K_V1
    ),
    "squeezenet1_1": _Architecture(_squeezenet_body, (3, 6, 9, 13), SqueezeNet1_1_Weights.IMAGENET1K_V1),
    "inception_v3": _Architecture(_inception_body, (4, 7, 10, 15, 18), Inception_V3_Weights.IMAGENET1K_V1),
}
