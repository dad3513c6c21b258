"""How segmentation and image reconstruction are trained in one cycle; importable without torch."""

from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Literal, Self, get_args

from models.arithmetic.precision import settle
from models.augmentation.config import GeometricConfig
from models.configs import Arithmetic, DeviceName, Precision, require
from models.segmentation.config import (
    ClassWeighting,
    SegmentationAugmentation,
    SegmentationConfig,
    SegmentationLosses,
)
from models.training.supervised_config import Schedule, SupervisedConfig

NoiseKind = Literal["none", "max_only", "quantization", "gaussian"]
LogitRange = Literal["scaled", "tanh", "raw"]
SnrNorm = Literal["elements", "paper"]
InitialWeights = Literal["normal", "torch"]
MOST_CLASSES = 254  # label 255 is void, and void is a class of its own here
MOST_BITS = 16


@dataclass(frozen=True, kw_only=True)
class NoiseConfig:
    """What is done to the segmentation's logits before the image is reconstructed from them (section 3.2)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    # max_only keeps the largest class of a pixel and sets all others to 0; quantization has 2^bits levels in -1..1
    kind: NoiseKind = "none"
    bits: int = 2  # of quantization
    snr_db: float = 7.38  # of gaussian: signal-to-noise ratio of every image
    # by what equation 13 divides the signal: all its elements, so that equation 11 measures snr_db, or, as it is written,
    # its pixels: of S classes that is 10 log10 S dB more noise
    snr_norm: SnrNorm = "elements"

    def __post_init__(self) -> None:
        for name, kind in (("kind", NoiseKind), ("snr_norm", SnrNorm)):
            require(
                getattr(self, name) in get_args(kind),
                f"noise.{name} must be one of {', '.join(get_args(kind))}, but was {getattr(self, name)!r}.",
            )
        require(1 <= self.bits <= MOST_BITS, f"noise.bits must be in 1..{MOST_BITS}, but was {self.bits}.")
        require(-100 <= self.snr_db <= 100, f"noise.snr_db must be in -100..100, but was {self.snr_db}.")


@dataclass(frozen=True, kw_only=True)
class CycleConfig:
    """What the cycle adds to a segmentation network: reconstruction, a discriminator, noise."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    noise: NoiseConfig = field(default_factory=NoiseConfig)  # in the forward cycle, while it trains
    # how logits become the latent segmentation that images are reconstructed from. scaled: tanh(logits / logit_scale), and
    # the losses of labels see the logits themselves; tanh: tanh(logits), which those losses see too, as the published SNRs
    # suggest; raw: as they are, though the quantiser's levels end at -1 and 1
    logit_range: LogitRange = "scaled"
    logit_scale: float = 5.0  # of scaled
    alpha: float = (
        1 / 2
    )  # share of the segmentation's loss in the forward cycle; the rest is reconstruction (eq. 5)
    beta: float = (
        1 / 11
    )  # share of the adversarial loss in the backward cycle; the rest is reconstruction (eq. 6)
    gamma: float = 20 / 31  # share of the forward cycle (eq. 7)
    pool_images: int = 50  # earlier generated images from which the discriminator learns too; 0 keeps none
    unpaired_batch_size: int = (
        4  # images without labels, and as many label maps without images, beside a batch
    )

    def __post_init__(self) -> None:
        require(
            self.logit_range in get_args(LogitRange),
            f"cycle.logit_range must be one of {', '.join(get_args(LogitRange))}, but was {self.logit_range!r}.",
        )
        require(self.logit_scale > 0, f"cycle.logit_scale must be > 0, but was {self.logit_scale}.")
        for name in ("alpha", "beta", "gamma"):
            value = getattr(self, name)
            require(0 <= value <= 1, f"cycle.{name} must be in 0..1, but was {value}.")
        require(self.pool_images >= 0, f"cycle.pool_images must be >= 0, but was {self.pool_images}.")
        require(
            self.unpaired_batch_size >= 1,
            f"cycle.unpaired_batch_size must be >= 1, but was {self.unpaired_batch_size}.",
        )


@dataclass(frozen=True, kw_only=True)
class CycleSegmentationConfig:
    """ERFNet alone (`cycle: null`) or in a cycle, alike in all else: start, data, augmentation, optimiser and length.

    Exactly one of `epochs` (len(paired) / (batch_size processes) steps each) and `steps` is given.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    cycle: CycleConfig | None = field(default_factory=CycleConfig)  # null: segmentation alone
    num_classes: int = 19  # kinds of pixels, whose labels are counted from 0; 255 is void, a further class
    width: float = 1.0  # of all networks' maps: 0.5 halves them, for half the time or less
    class_weights: ClassWeighting = "none"  # how much more a pixel of a rare class counts, as in `segment`
    void_weight: float = 0.0  # of a void pixel in the losses of labels; 1 counts it as any other
    # N(0, 0.02) as published, or torch's own, which follow the size of each layer
    initial_weights: InitialWeights = "normal"
    # how training images and their label maps change; the paper tells of no change
    augmentation: SegmentationAugmentation = field(
        default_factory=lambda: SegmentationAugmentation(geometric=GeometricConfig(), photometric=None)
    )
    epochs: int | None = 200  # passes over the paired images; null where steps is given
    steps: int | None = None  # updates in all; null where epochs is given
    batch_size: int = 4  # paired images of an update, in each process
    learning_rate: float = 2e-4  # of Adam
    schedule: Schedule = (
        "late_linear"  # as published: it stays for half of the steps, then falls along a line
    )
    final_share: float = 0.0  # of learning_rate, that is left at the end
    polynomial_power: float = 0.9  # of the polynomial schedule, DeepLab's
    warmup_steps: int = 0  # steps in which the learning rate rises from 0
    weight_decay: float = 0.0  # AdamW's; 0 is Adam
    adam_beta1: float = 0.5  # Adam's memory of gradients
    adam_beta2: float = 0.999  # Adam's memory of squared gradients
    ema_decay: float = 0.0  # of averaged weights, which are then validated and kept; 0 keeps each step's own
    early_stop_after: int | None = None  # evaluations without a better one that end the training; null: never
    precision: Precision = (
        "auto"  # of the arithmetic: fp32, or bf16, which is faster where the hardware knows it
    )
    is_channels_last: bool = True  # memory order of images in which most convolutions are faster
    device: DeviceName = "auto"  # auto: CUDA where there is one
    processes: int = 1  # that train together, each on a GPU of its own, started by torchrun
    report_every_steps: int = 20  # steps between two lines of losses
    eval_every_steps: int = 200  # steps between two evaluations; the best weights are kept
    checkpoint_every_steps: int = 1000  # steps between two states that a killed training goes on from

    def __post_init__(self) -> None:
        require(
            (self.epochs is None) != (self.steps is None),
            f"Exactly one of epochs and steps must be given, but they were {self.epochs} and {self.steps}; "
            "set the other one to null.",
        )
        require(self.epochs is None or self.epochs >= 1, f"epochs must be >= 1, but was {self.epochs}.")
        require(
            2 <= self.num_classes <= MOST_CLASSES,
            f"num_classes must be in 2..{MOST_CLASSES}, but was {self.num_classes}.",
        )
        require(self.void_weight >= 0, f"void_weight must be >= 0, but was {self.void_weight}.")
        require(
            self.initial_weights in get_args(InitialWeights),
            f"initial_weights must be normal or torch, but was {self.initial_weights!r}.",
        )
        self.training(num_images=self.batch_size)  # whose own rules, and the segmenter's, refuse the rest
        _ = self.segmenter

    @property
    def num_outputs(self) -> int:
        """Classes with void: S of the paper."""
        return self.num_classes + 1

    @property
    def arithmetic(self) -> Arithmetic:
        """In which the networks run."""
        return settle(self.precision, self.device)

    def settled(self) -> Self:
        """The same with the precision that `auto` is on this machine."""
        return replace(self, precision=self.arithmetic)

    def training(self, *, num_images: int) -> SupervisedConfig:
        """How the loop trains on so many paired images."""
        return SupervisedConfig(**self._shared(SupervisedConfig, num_images))

    @property
    def segmenter(self) -> SegmentationConfig:
        """The segmentation network as an ordinary one, without a channel for void, which its users do not ask for."""
        shared = self._shared(SegmentationConfig, self.batch_size)
        losses = SegmentationLosses(class_weights=self.class_weights)
        return SegmentationConfig(**shared, losses=losses, normalisation="symmetric")

    def _count_steps(self, num_images: int) -> int:
        if self.steps is not None:
            return self.steps
        assert self.epochs is not None
        return self.epochs * max(1, num_images // max(1, self.batch_size * self.processes))

    def _shared(self, kind: type[SupervisedConfig], num_images: int) -> dict[str, Any]:
        own = {item.name for item in fields(self)}
        shared = {item.name: getattr(self, item.name) for item in fields(kind) if item.name in own}
        return shared | {"steps": self._count_steps(num_images)}
