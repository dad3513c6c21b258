"""How the networks of a refiner are built."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from models.configs import require

Upsampling = Literal["fractional_stride", "resize"]
Norm = Literal["instance", "none"]
GeneratorNorm = Literal["instance", "batch"]


@dataclass(frozen=True, kw_only=True)
class GeneratorConfig:
    """The ResNet generator of Table 2.2; `has_skip` adds the input to the output layer (Fig. 2.15).

    `upsampling: resize` doubles by nearest neighbour and a convolution: no dots at the stride's frequency (Odena et
    al. 2016). `downsamplings: 0` works at full resolution, as SimGAN's refiner does.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    filters: int = 64  # channels at full resolution; the thesis has 64, half of them costs about a quarter
    blocks: int = 9  # residual blocks; the thesis has 9
    downsamplings: int = 2  # halvings of the resolution before the blocks, 0 to 2; the thesis has 2
    has_skip: bool = False  # add the input to the output, so that only the change is learned (Fig. 2.15)
    # fractional_stride as in the thesis; resize leaves no dots at the stride's frequency
    upsampling: Upsampling = "fractional_stride"
    has_bias_before_norm: bool = False  # the norm removes it again; True only for the published count
    # instance as in the thesis; batch: over the whole batch of all processes, fixed where images are refined
    norm: GeneratorNorm = "instance"
    dropout: float = 0.0  # probability that a residual block drops a value while it trains; the thesis has 0

    def __post_init__(self) -> None:
        require(
            self.filters >= 1, f"generator.filters must be >= 1, but was {self.filters}; the thesis uses 64."
        )
        require(self.blocks >= 1, f"generator.blocks must be >= 1, but was {self.blocks}; the thesis uses 9.")
        require(
            0 <= self.downsamplings <= 2,
            f"generator.downsamplings must be in 0..2, but was {self.downsamplings}; the thesis uses 2.",
        )
        require(
            self.upsampling in ("fractional_stride", "resize"),
            f"generator.upsampling must be fractional_stride or resize, but was {self.upsampling!r}.",
        )
        require(
            self.norm in ("instance", "batch"),
            f"generator.norm must be instance or batch, but was {self.norm!r}.",
        )
        require(
            0 <= self.dropout < 1, f"generator.dropout must be in 0..1 (1 excluded), but was {self.dropout}."
        )


@dataclass(frozen=True, kw_only=True)
class DiscriminatorConfig:
    """The patch discriminator of Table 2.3; `last_stride` 1 gives the CycleGAN paper's 70 x 70 px."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    filters: int = 64  # channels of the first layer; the thesis has 64
    last_stride: Literal[1, 2] = 2  # 2 as in Table 2.3; 1 judges the CycleGAN paper's patches of 70 x 70 px
    norm: Norm = "instance"  # instance as in the thesis, or none
    has_spectral_norm: bool = False  # Miyato et al. 2018, on every convolution
    # a network each for the image reduced by these factors, whose losses are summed; UNIT has 1, 2 and 4
    scales: tuple[int, ...] = (1,)

    def __post_init__(self) -> None:
        require(
            self.filters >= 1,
            f"discriminator.filters must be >= 1, but was {self.filters}; the thesis uses 64.",
        )
        require(
            self.last_stride in (1, 2),
            f"discriminator.last_stride must be 1 or 2, but was {self.last_stride}.",
        )
        require(
            self.norm in ("instance", "none"),
            f"discriminator.norm must be instance or none, but was {self.norm!r}.",
        )
        _require_scales(self.scales)


@dataclass(frozen=True, kw_only=True)
class AttentionConfig:
    """The attention networks of AGGAN and its rules (Mejjati et al. 2018; Eq. 2.10 to 2.16)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    filters: int = 32  # channels of the first layer; AGGAN has 32
    frozen_from_epoch: int = 30  # from then the discriminators see only what is attended, without norm
    threshold: float = 0.1  # attention above which a pixel is then seen (tau)

    def __post_init__(self) -> None:
        require(self.filters >= 1, f"attention.filters must be >= 1, but was {self.filters}; AGGAN uses 32.")
        require(
            self.frozen_from_epoch >= 0,
            f"attention.frozen_from_epoch must be >= 0, but was {self.frozen_from_epoch}; AGGAN uses 30.",
        )
        require(
            0 <= self.threshold < 1,
            f"attention.threshold must be in 0..1 (1 excluded), but was {self.threshold}; AGGAN uses 0.1.",
        )


@dataclass(frozen=True, kw_only=True)
class ContrastConfig:
    """Which patches the contrastive losses compare, and how (Park et al. 2020, CUT)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    patches: int = 256  # of an image and layer; the others of the image are the negatives
    embedding: int = 256  # width of the heads that compare
    temperature: float = 0.07  # lower tells patches apart more strictly; CUT has 0.07
    mirror: bool = False  # FastCUT: half of the images are refined mirrored, and must give mirrored features

    def __post_init__(self) -> None:
        require(self.patches >= 2, f"contrast.patches must be >= 2, but was {self.patches}; CUT uses 256.")
        require(
            self.embedding >= 1, f"contrast.embedding must be >= 1, but was {self.embedding}; CUT uses 256."
        )
        require(
            self.temperature > 0,
            f"contrast.temperature must be > 0, but was {self.temperature}; CUT uses 0.07.",
        )


@dataclass(frozen=True, kw_only=True)
class UnitGeneratorConfig:
    """The coders of UNIT (Liu et al. 2017): an encoder and a decoder each of both domains, which share their ends."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    filters: int = 64  # channels at full resolution, a quarter of a code's; UNIT has 64
    blocks: int = 3  # residual blocks of each domain's own, in the encoder and in the decoder; UNIT has 3
    dropout: float = 0.5  # probability that a residual block drops a value while it trains; UNIT has 0.5

    def __post_init__(self) -> None:
        require(self.filters >= 1, f"generator.filters must be >= 1, but was {self.filters}; UNIT uses 64.")
        require(self.blocks >= 0, f"generator.blocks must be >= 0, but was {self.blocks}; UNIT uses 3.")
        require(
            0 <= self.dropout < 1, f"generator.dropout must be in 0..1 (1 excluded), but was {self.dropout}."
        )

    @property
    def code_channels(self) -> int:
        """Channels of a code, which has a quarter of the image's height and width."""
        return 4 * self.filters


@dataclass(frozen=True, kw_only=True)
class UnitDiscriminatorConfig:
    """The discriminators of UNIT (Liu et al. 2017), without norm, one for each scale of the image."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    filters: int = 64  # channels of the first layer; UNIT has 64
    # a network each for the image reduced by these factors, whose losses are summed; UNIT has 1, 2 and 4
    scales: tuple[int, ...] = (1, 2, 4)

    def __post_init__(self) -> None:
        require(
            self.filters >= 1, f"discriminator.filters must be >= 1, but was {self.filters}; UNIT uses 64."
        )
        _require_scales(self.scales)


def _require_scales(scales: tuple[int, ...]) -> None:
    require(
        bool(scales) and all(scale >= 1 for scale in scales),
        f"discriminator.scales must be one factor >= 1 or more, but was {list(scales)}; 2 halves the image.",
    )
