"""Which fixed network turns images into features; importable without torch."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from models.configs import WeightsFile, require

FeatureNetworkName = Literal["vgg16", "vgg16_without_pool4", "squeezenet1_1", "inception_v3"]
ColourOrder = Literal["rgb", "bgr"]
# Layers are numbered from 1, in this order. Without its fourth pool VGG16's last block works at the size of the fourth, an
# eighth of the image's. Of Inception v3 the last modules at 35 x 35, 17 x 17 and 8 x 8 count.
LAYERS: dict[str, tuple[str, ...]] = {
    "vgg16": ("pool1", "pool2", "pool3", "pool4", "pool5"),
    "vgg16_without_pool4": ("pool1", "pool2", "pool3", "relu4_3", "relu5_3"),
    "squeezenet1_1": ("pool1", "pool2", "pool3", "fire9"),
    "inception_v3": ("pool1", "pool2", "mixed 5d", "mixed 6e", "mixed 7c"),
}


@dataclass(frozen=True, kw_only=True)
class FeaturesConfig:
    """A classifier's convolutional part as torchvision builds it, never trained here.

    `weights: none` is honest: random weights from a fixed seed, and every result says so.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    network: FeatureNetworkName = "vgg16"  # the thesis compares features of vgg16
    # none: random ones from a fixed seed; imagenet: torchvision's, which must be on this machine; or a file
    weights: Literal["none", "imagenet"] | WeightsFile = "none"
    layers: tuple[int, ...] | None = None  # the maps given out, from shallow to deep; None takes the deepest
    # what the weights were trained on. rgb: as torchvision's, minus ImageNet's means and by its deviations; bgr: as VGG's
    # first published ones, 0..255 minus the means
    input: ColourOrder = "rgb"

    def __post_init__(self) -> None:
        require(
            self.network in LAYERS,
            f"features.network must be one of {', '.join(LAYERS)}, but was {self.network!r}.",
        )
        require(
            isinstance(self.weights, WeightsFile) or self.weights in ("none", "imagenet"),
            f"features.weights must be none, imagenet or a path, but was {self.weights!r}.",
        )
        self._check_input()
        count = len(LAYERS[self.network])
        is_rising = self.chosen_layers == tuple(sorted(set(self.chosen_layers)))
        require(
            bool(self.chosen_layers) and is_rising and set(self.chosen_layers) <= set(range(1, count + 1)),
            f"features.layers of {self.network} must be rising numbers of 1 to {count}, "
            f"but was {list(self.chosen_layers)}; null takes layer {count}.",
        )

    def _check_input(self) -> None:
        require(self.input in ("rgb", "bgr"), f"features.input must be rgb or bgr, but was {self.input!r}.")
        require(
            self.input == "rgb" or self.network.startswith("vgg16"),
            f"features.input must be rgb for {self.network}: only VGG's weights were published for bgr.",
        )
        require(
            self.input == "rgb" or self.weights != "imagenet",
            "features.input must be rgb with weights: imagenet, which torchvision trained on rgb; or give the path of "
            "weights that were trained on bgr.",
        )

    @property
    def chosen_layers(self) -> tuple[int, ...]:
        """`layers`, or the deepest layer alone."""
        return (len(LAYERS[self.network]),) if self.layers is None else tuple(self.layers)


def require_known_weights(features: FeaturesConfig) -> FeaturesConfig:
    """The same, for steps that read no file: its bytes would be in no key. ValueError where weights are a file."""
    require(
        not isinstance(features.weights, WeightsFile),
        f"features.weights must be none or imagenet here, but was the file {getattr(features.weights, 'path', '')!r}.",
    )
    return features
