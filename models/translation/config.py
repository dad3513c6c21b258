"""How a refiner is built and trained; the fourteen refiners of the thesis (Table 3.2) are values of these
fields.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from models.configs import DeviceName, Precision, require


@dataclass(frozen=True, kw_only=True)
class GeneratorConfig:
    """The ResNet generator of Table 2.2; `has_skip` adds the input to the output layer (Fig. 2.15)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    filters: int = 64
    blocks: int = 9
    has_skip: bool = False
    has_bias_before_norm: bool = False  # instance norm removes it again; True only for the published count

    def __post_init__(self) -> None:
        require(
            self.filters >= 1, f"generator.filters must be >= 1, but was {self.filters}; the thesis uses 64."
        )
        require(self.blocks >= 1, f"generator.blocks must be >= 1, but was {self.blocks}; the thesis uses 9.")


@dataclass(frozen=True, kw_only=True)
class DiscriminatorConfig:
    """The patch discriminator of Table 2.3; `last_stride` 1 gives the CycleGAN paper's 70 x 70 px."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    filters: int = 64
    last_stride: Literal[1, 2] = 2

    def __post_init__(self) -> None:
        require(
            self.filters >= 1,
            f"discriminator.filters must be >= 1, but was {self.filters}; the thesis uses 64.",
        )
        require(
            self.last_stride in (1, 2),
            f"discriminator.last_stride must be 1 or 2, but was {self.last_stride}.",
        )


@dataclass(frozen=True, kw_only=True)
class LossWeights:
    """Weight of each term of the generators' objective; 0 leaves the term out. Pixel values are in -1..1."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    adversarial: float = 1.0
    cycle_pixel: float = 10.0  # Eq. 2.8, mean over pixels
    identity_pixel: float = 0.0  # Eq. 2.17, G(x) against its own input x
    target_identity_pixel: float = 0.0  # the CycleGAN paper's: G(y) against y of the target domain
    cycle_discriminator: float = 0.0  # Eq. 2.21 and 2.22, Euclidean norm an image
    discriminator_layers: tuple[int, ...] = (1, 2, 3, 4)

    def __post_init__(self) -> None:
        for name, weight in vars(self).items():
            if name != "discriminator_layers":
                require(weight >= 0, f"losses.{name} must be >= 0, but was {weight}; 0 leaves the term out.")
        require(
            bool(self.discriminator_layers) and set(self.discriminator_layers) <= {1, 2, 3, 4},
            f"losses.discriminator_layers must be some of 1, 2, 3, 4, but was {self.discriminator_layers}.",
        )


@dataclass(frozen=True, kw_only=True)
class RefinerConfig:
    """One refiner. Exactly one of `epochs` (min(|A|, |B|) / batch steps each) and `steps` is given."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    family: Literal["cyclegan"] = "cyclegan"
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    losses: LossWeights = field(default_factory=LossWeights)
    epochs: int | None = 160
    steps: int | None = None
    batch_size: int = 1
    learning_rate: float = 2e-4
    adam_beta1: float = 0.5
    adam_beta2: float = 0.999
    pool_images: int = 50
    flip_probability: float = 0.5
    ema_decay: float = 0.0  # 0 keeps no moving average of the generators
    precision: Precision = "bf16"
    device: DeviceName = "auto"
    report_every_steps: int = 20
    checkpoint_every_steps: int = 2000

    def __post_init__(self) -> None:
        self._check_length()
        require(self.learning_rate > 0, f"learning_rate must be > 0, but was {self.learning_rate}.")
        require(
            self.pool_images >= 0, f"pool_images must be >= 0, but was {self.pool_images}; 0 keeps no pool."
        )
        for name in ("adam_beta1", "adam_beta2", "ema_decay"):
            value = getattr(self, name)
            require(0 <= value < 1, f"{name} must be in 0..1 (1 excluded), but was {value}.")
        require(
            0 <= self.flip_probability <= 1,
            f"flip_probability must be in 0..1, but was {self.flip_probability}.",
        )

    def _check_length(self) -> None:
        require(
            (self.epochs is None) != (self.steps is None),
            f"Exactly one of epochs and steps must be given, but they were {self.epochs} and {self.steps}; "
            "set the other one to null.",
        )
        for name in ("epochs", "steps", "batch_size", "report_every_steps", "checkpoint_every_steps"):
            value = getattr(self, name)
            require(value is None or value >= 1, f"{name} must be >= 1, but was {value}.")
