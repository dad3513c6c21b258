"""How a segmentation network is built, trained and read out; importable without torch."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

from models.augmentation.config import GeometricConfig, PhotometricConfig
from models.configs import WeightsFile, WeightsOfRun, is_of_run, require
from models.training.supervised_config import SupervisedConfig

NetworkName = Literal[
    "erfnet",
    "unet",
    "fcn8_resnet50",
    "deeplabv3plus_resnet50",
    "deeplabv3plus_resnet101",
    "panoptic_fpn_resnet18",
    "panoptic_fpn_resnet101",
    "lraspp_mobilenet_v3_large",
]
PixelLoss = Literal["cross_entropy", "focal", "combined", "binary"]
RegionLoss = Literal["none", "lovasz", "dice"]
_WITHOUT_BACKBONE = ("erfnet", "unet")
ClassWeighting = Literal["none", "inverse_frequency", "erfnet", "enet"]
Normalisation = Literal["imagenet", "symmetric"]
ImageSampling = Literal["uniform", "rare_classes"]
Mixing = Literal["none", "classes"]
MOST_CLASSES = 255  # labels are bytes, of which 255 says that nothing is known


@dataclass(frozen=True, kw_only=True)
class SegmentationLosses:
    """What training makes small: a loss of every pixel for itself, and one of regions if wanted.

    Ignored pixels enter neither.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    # combined: part cross entropy, part focal. binary: classes are levels in their order, and the network says of every
    # level above 0 whether a pixel is at least that (for two classes: whether it is of the second)
    pixel: PixelLoss = "cross_entropy"
    cross_entropy_share: float = 0.5  # of combined; the rest is focal
    focal_gamma: float = 2.0  # of focal and combined; larger cares less for pixels that are nearly right
    # how much more a pixel of a rare class counts: not at all, by 1 / its share of the training's pixels, or by
    # 1 / ln(c + share), with c 1.10 as ERFNet or 1.02 as ENet
    class_weights: ClassWeighting = "none"
    region: RegionLoss = "none"  # added: Lovasz-Softmax, which stands for IoU, or soft Dice
    region_weight: float = 1.0  # of the region's loss beside the pixels'

    def __post_init__(self) -> None:
        for name, kind in (
            ("pixel", PixelLoss),
            ("class_weights", ClassWeighting),
            ("region", RegionLoss),
        ):
            require(
                getattr(self, name) in get_args(kind),
                f"losses.{name} must be one of {', '.join(get_args(kind))}, but was {getattr(self, name)!r}.",
            )
        require(
            0 <= self.cross_entropy_share <= 1,
            f"losses.cross_entropy_share must be in 0..1, but was {self.cross_entropy_share}.",
        )
        for name in ("focal_gamma", "region_weight"):
            require(getattr(self, name) >= 0, f"losses.{name} must be >= 0, but was {getattr(self, name)}.")
        require(
            self.pixel != "binary" or (self.class_weights, self.region) == ("none", "none"),
            f"losses.pixel is binary, which has neither class weights nor regions, but they were "
            f"{self.class_weights} and {self.region}; set both to none.",
        )


@dataclass(frozen=True, kw_only=True)
class SegmentationAugmentation:
    """How training images and, with them, their label maps change; None keeps the light as it is."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    geometric: GeometricConfig = field(default_factory=GeometricConfig)  # flips, scales, crops
    photometric: PhotometricConfig | None = field(
        default_factory=PhotometricConfig
    )  # light, colour, sharpness


@dataclass(frozen=True, kw_only=True)
class SamplingConfig:
    """Which images come into a batch."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    # annotated ones: all equally often, or those that show rare classes more often (DAFormer)
    images: ImageSampling = "uniform"
    temperature: float = 0.01  # of rare_classes: the lower, the more often the rarest
    # share of a batch that has pseudo-labels, where there are such images; 0.5 is one to one
    guessed_share: float = 0.5
    # how these meet annotated images: not at all, or with half of the classes of one pasted over them (ClassMix)
    mixing: Mixing = "none"

    def __post_init__(self) -> None:
        for name, kind in (("images", ImageSampling), ("mixing", Mixing)):
            require(
                getattr(self, name) in get_args(kind),
                f"sampling.{name} must be one of {', '.join(get_args(kind))}, but was {getattr(self, name)!r}.",
            )
        require(self.temperature > 0, f"sampling.temperature must be > 0, but was {self.temperature}.")
        require(
            0 <= self.guessed_share < 1,
            f"sampling.guessed_share must be at least 0 and below 1, but was {self.guessed_share}.",
        )


@dataclass(frozen=True, kw_only=True)
class SegmentationConfig(SupervisedConfig):
    """One network with its training. It reads images of any size; those of a batch have the size of the crops.

    ERFNet was published with learning_rate 5e-4, schedule polynomial and class_weights erfnet; DeepLab with schedule
    polynomial.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    steps: int = 3000  # updates in all, one a batch
    # erfnet, unet and lraspp are small, unet for small images; deeplabv3plus and panoptic_fpn on ResNets are for a GPU
    network: NetworkName = "erfnet"
    num_classes: int = 19  # kinds of pixels, whose labels are counted from 0; 255 is ignored
    width: float = (
        1.0  # of erfnet and unet: 0.5 halves their maps, for half the time or less; they learn more slowly
    )
    # how the network reads pixels: by ImageNet's mean and deviation, or in -1..1, as networks beside a GAN do
    normalisation: Normalisation = "imagenet"
    # what training starts from: nothing, torchvision's ImageNet (its backbone alone), a segmenter of an earlier run
    # (run:NAME its first, run:NAME/ARM that of an arm), or a file
    weights: Literal["none", "imagenet"] | WeightsOfRun | WeightsFile = "none"
    backbone_rate_factor: float = (
        1.0  # of the backbone's learning rate to the rest's; erfnet and unet have none
    )
    # what training makes small
    losses: SegmentationLosses = field(default_factory=SegmentationLosses)
    # how training images and their label maps change
    augmentation: SegmentationAugmentation = field(default_factory=SegmentationAugmentation)
    # which images come into a batch
    sampling: SamplingConfig = field(default_factory=SamplingConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            2 <= self.num_classes <= MOST_CLASSES,
            f"num_classes must be in 2..{MOST_CLASSES}, but was {self.num_classes}.",
        )
        require(
            self.normalisation in get_args(Normalisation),
            f"normalisation must be one of {', '.join(get_args(Normalisation))}, but was {self.normalisation!r}.",
        )
        require(
            isinstance(self.weights, WeightsFile)
            or self.weights in ("none", "imagenet")
            or is_of_run(self.weights),
            f"weights must be none, imagenet, run:NAME, run:NAME/ARM or a path, but was {self.weights!r}.",
        )
        require(
            self.backbone_rate_factor >= 0,
            f"backbone_rate_factor must be >= 0, but was {self.backbone_rate_factor}; 0 keeps its weights.",
        )
        self._check_network()

    @property
    def num_outputs(self) -> int:
        """Maps that the network gives: one a class, or one a level above 0."""
        return self.num_classes - self.has_levels

    @property
    def has_levels(self) -> bool:
        """Whether classes are levels, of which the network says whether a pixel is at least that."""
        return self.losses.pixel == "binary"

    @property
    def has_backbone(self) -> bool:
        """Whether a part of the network is a classifier's of torchvision."""
        return self.network not in _WITHOUT_BACKBONE

    def _check_network(self) -> None:
        names = get_args(NetworkName)
        require(
            self.network in names, f"network must be one of {', '.join(names)}, but was {self.network!r}."
        )
        require(0.25 <= self.width <= 4, f"width must be in 0.25..4, but was {self.width}.")
        require(
            self.width == 1 or not self.has_backbone,
            f"width is {self.width}, but {self.network} has no such setting, only "
            f"{' and '.join(_WITHOUT_BACKBONE)}; leave it out.",
        )
        require(
            self.has_backbone or (self.weights != "imagenet" and self.backbone_rate_factor == 1),
            f"{self.network} has no backbone, so that weights must be none, run:NAME or a path and backbone_rate_factor 1, "
            f"but they were {self.weights} and {self.backbone_rate_factor}.",
        )
        require(
            not self.network.startswith("deeplab") or self.batch_size >= 2,
            f"batch_size must be >= 2 for {self.network}, which normalises by its batch, but was "
            f"{self.batch_size}.",
        )
