"""How a detector is built, trained and read out."""

from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Literal, get_args

from models.arithmetic.precision import is_gpu, settle
from models.augmentation.config import GeometricConfig, PhotometricConfig
from models.configs import DeviceName, Precision, WeightsFile, require
from models.training.supervised_config import SupervisedConfig

NetworkName = Literal[
    "squeezedet",
    "squeezedet_plus",
    "ssdlite320_mobilenet_v3_large",
    "fasterrcnn_mobilenet_v3_large_320_fpn",
    "retinanet",
    "fcos",
]
SQUEEZEDETS: tuple[NetworkName, ...] = ("squeezedet", "squeezedet_plus")
TORCHVISION: tuple[NetworkName, ...] = tuple(
    name for name in get_args(NetworkName) if name not in SQUEEZEDETS
)
# In bfloat16 a CPU's gradient of a depthwise convolution over a map of 1 x 1 is now and then not a number.
FP32_ON_CPU: tuple[NetworkName, ...] = ("ssdlite320_mobilenet_v3_large",)
# Settings that not every network has.
_USERS: dict[str, tuple[NetworkName, ...]] = {
    "anchors_per_cell": tuple(name for name in get_args(NetworkName) if name != "fcos"),
    "has_batch_norm": SQUEEZEDETS,
    "dropout": SQUEEZEDETS,
    "losses": SQUEEZEDETS,
    "largest_negative_iou": SQUEEZEDETS,
    "trainable_layers": TORCHVISION,
}


@dataclass(frozen=True, kw_only=True)
class AugmentationConfig:
    """Ranges are half-widths around no change, drawn anew for every image; 0 or "none" switches a change
    off.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    flip_probability: float = 0.5  # of an image, left to right
    # half_turn: by 0 or 180 degrees; any: by any angle, for cameras at the ceiling
    rotation: Literal["none", "half_turn", "any"] = "none"
    # log2 of the factor by which an image is drawn larger or smaller about its middle, for people of other sizes
    zoom: float = 0.0
    brightness: float = 0.2  # added, in units of the full range
    contrast: float = 0.4  # log2 of the factor
    gamma: float = 0.5  # log2 of the exponent
    color_gain: float = 0.15  # log2 of the factor of each channel
    saturation: float = 0.5  # weight of the image against its grey version: 1 +- this
    blur_probability: float = 0.2  # of an image
    blur_max_sigma_px: float = 1.5  # standard deviation of a blur is drawn evenly up to this
    noise_probability: float = 0.3  # of an image
    noise_max_sigma: float = 0.04  # in units of the full range
    mosaic_probability: float = 0.0  # of an image made of windows of four

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name == "rotation":
                require(
                    value in ("none", "half_turn", "any"),
                    f"augmentation.rotation must be none, half_turn or any, but was {value!r}.",
                )
                continue
            require(value >= 0, f"augmentation.{name} must be >= 0, but was {value}; 0 switches it off.")
            require(
                name != "zoom" or value <= 2,
                f"augmentation.zoom must be <= 2, a factor of 4, but was {value}.",
            )
            if name.endswith("probability"):
                require(value <= 1, f"augmentation.{name} must be <= 1, but was {value}.")

    @property
    def photometric(self) -> PhotometricConfig:
        """Its part that changes light."""
        return PhotometricConfig(
            **{field.name: getattr(self, field.name) for field in fields(PhotometricConfig)}
        )

    @property
    def geometric(self) -> GeometricConfig:
        """Its part that changes how images lie."""
        return GeometricConfig(flip_probability=self.flip_probability, rotation=self.rotation)


@dataclass(frozen=True, kw_only=True)
class LossWeights:
    """Weights of SqueezeDet's loss; the original's 75 for objects is divided by its batch, here by the usual
    8.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    box: float = 5.0  # of the boxes' places and sizes; larger makes boxes tighter
    object_confidence: float = 9.4  # of the score where an object is; larger finds more
    empty_confidence: float = 100.0  # of the score where nothing is; larger raises fewer false alarms
    class_label: float = 1.0  # of the class, where there are several

    def __post_init__(self) -> None:
        for name, weight in vars(self).items():
            require(weight >= 0, f"losses.{name} must be >= 0, but was {weight}.")


@dataclass(frozen=True, kw_only=True)
class DetectorConfig:
    """One detector; its input size is that of the training images. SqueezeDet's defaults are close to the
    published ones. A setting that the network does not have must be left at its default.

    From random weights a few hundred steps go further with has_batch_norm, learning_rate 2e-3 and
    losses.object_confidence 30: F1 0.75 against 0.57 after 300 steps on drawn ellipses.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    # squeezedet is the thesis's; squeezedet_plus is wider, the others are torchvision's
    network: NetworkName = "squeezedet"
    num_classes: int = 1  # kinds of objects; a run has one
    anchors_per_cell: int = 9  # of every level, where a network looks at several; their sizes are learned
    has_batch_norm: bool = False  # learns faster from random weights; the published network has none
    dropout: float = 0.5  # share of features that are dropped in training; 0 is none
    # what training starts from: nothing, torchvision's ImageNet, rendered people that come with the product,
    # or a file
    weights: Literal["none", "imagenet", "people_synthetic"] | WeightsFile = "none"
    trainable_layers: int | None = None  # of a started backbone, last first; None: as torchvision's builders
    losses: LossWeights = field(default_factory=LossWeights)  # weights of the parts of SqueezeDet's loss
    # random changes of training images
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    steps: int = 3000  # updates in all, one a batch; flows/configs/people/thesis.yaml has 10000
    batch_size: int = 8  # images of an update; more need more memory
    learning_rate: float = 1e-3  # of AdamW after the warm-up; falls to a hundredth along half a cosine
    weight_decay: float = 1e-4  # of AdamW; larger keeps weights smaller
    warmup_steps: int = 50  # steps in which the learning rate rises from 0
    top_detections: int = 64  # the best of an image by score; those of them that overlap a better one go too
    largest_negative_iou: float = 0.4  # 1 as published: every anchor but a box's own is called empty
    nms_iou: float = 0.4  # of two detections that overlap more than this, the weaker goes
    # overlap from which a detection is right, when step and threshold are chosen on R_val: that of the evaluation
    match_iou: float = 0.5
    # of the arithmetic: fp32, or bf16, which is faster where the hardware knows it; auto chooses by the machine. Ssdlite
    # is always in fp32 on a CPU, where bf16 spoils it
    precision: Precision = "auto"
    is_channels_last: bool = True  # memory order of images in which most convolutions are faster
    device: DeviceName = "auto"  # auto: CUDA where there is one
    report_every_steps: int = 20  # steps between two lines of losses in history.csv
    eval_every_steps: int = 200  # steps between two scorings on R_val; the best weights are kept
    checkpoint_every_steps: int = 1000  # steps between two states that a killed training goes on from

    def __post_init__(self) -> None:
        for name in ("num_classes", "anchors_per_cell", "top_detections"):
            require(getattr(self, name) >= 1, f"{name} must be >= 1, but was {getattr(self, name)}.")
        _ = self.training  # whose own rules refuse what the loop cannot do
        require(0 <= self.dropout < 1, f"dropout must be in 0..1 (1 excluded), but was {self.dropout}.")
        for name in ("largest_negative_iou", "nms_iou", "match_iou"):
            value = getattr(self, name)
            require(0 < value <= 1, f"{name} must be in 0..1 (0 excluded), but was {value}.")
        require(
            isinstance(self.weights, WeightsFile) or self.weights in ("none", "imagenet", "people_synthetic"),
            f"weights must be none, imagenet, people_synthetic or a path, but was {self.weights!r}.",
        )
        require(
            self.weights != "people_synthetic" or (self.network == "squeezedet" and self.has_batch_norm),
            "weights are people_synthetic, a squeezedet with batch norm; set network: squeezedet and "
            "has_batch_norm: true, or other weights.",
        )
        require(
            self.augmentation.mosaic_probability == 0 or self.batch_size >= 4,
            f"batch_size must be >= 4 for mosaics, which join four images of a batch, but was {self.batch_size}; "
            "or set augmentation.mosaic_probability to 0.",
        )
        self._check_network()

    @property
    def training(self) -> SupervisedConfig:
        """Its part that the loop of all supervised networks reads."""
        shared = {field.name for field in fields(self)} & {field.name for field in fields(SupervisedConfig)}
        return SupervisedConfig(**{name: getattr(self, name) for name in shared})

    def settled(self) -> "DetectorConfig":
        """The same with the precision that `auto` is on this machine; a CPU's ssdlite is in fp32 in any case."""
        is_fp32 = self.network in FP32_ON_CPU and not is_gpu(self.device)
        return replace(self, precision="fp32" if is_fp32 else settle(self.precision, self.device))

    def _check_network(self) -> None:
        names = get_args(NetworkName)
        require(
            self.network in names, f"network must be one of {', '.join(names)}, but was {self.network!r}."
        )
        defaults = {field.name: field for field in fields(self)}
        for name, users in _USERS.items():
            field, value = defaults[name], getattr(self, name)
            default = field.default_factory() if callable(field.default_factory) else field.default
            require(
                self.network in users or value == default,
                f"{name} is {value}, but {self.network} has no such setting, only {', '.join(users)}; "
                "leave it out.",
            )
        require(
            self.network != "squeezedet_plus" or self.weights != "imagenet",
            "weights is imagenet, but torchvision has none for squeezedet_plus; give none or a path.",
        )
        require(
            self.network != "ssdlite320_mobilenet_v3_large" or self.batch_size >= 2,
            f"batch_size must be >= 2 for {self.network}, which normalises by its batch, but was "
            f"{self.batch_size}.",
        )
        self._check_trainable_layers()

    def _check_trainable_layers(self) -> None:
        if self.trainable_layers is None:
            return
        most = 5 if self.network in ("retinanet", "fcos") else 6
        require(
            0 <= self.trainable_layers <= most,
            f"trainable_layers must be in 0..{most} for {self.network}, but was {self.trainable_layers}.",
        )
        require(
            self.weights != "none",
            f"trainable_layers is {self.trainable_layers}, but with weights: none all layers must be trained; "
            "leave it out.",
        )
