"""How the CycleGAN that is confined to masks is built and trained; importable without torch."""

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, get_args

from models.configs import require
from models.training.supervised_config import Schedule, SupervisedConfig
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig

MaskInput = Literal["concat", "dot"]


@dataclass(frozen=True, kw_only=True)
class DirtyLosses:
    """Weights of what the generators make small; none of them is published. Pixel values are in -1..1."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    adversarial: float = 1.0  # of fooling both discriminators, each patch by how much of it is soiled
    cycle: float = 10.0  # of giving images back, each pixel by its mask; CycleGAN has 10
    mask: float = 1.0  # of the segmenter finding the mask that was to be soiled

    def __post_init__(self) -> None:
        for item in fields(self):
            weight = getattr(self, item.name)
            require(weight >= 0, f"losses.{item.name} must be >= 0, but was {weight}; 0 leaves the term out.")


@dataclass(frozen=True, kw_only=True)
class DirtyGanConfig(SupervisedConfig):
    """Two generators, two discriminators, and Adam as CycleGAN has it; the last weights are kept, as there."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    steps: int = 100_000  # updates in all, one a batch
    batch_size: int = 1  # clean images of an update, and as many soiled ones, in each process
    learning_rate: float = 2e-4  # of Adam
    schedule: Schedule = "late_linear"  # it stays for half of the steps, then falls along a line
    final_share: float = 0.0  # of learning_rate, that is left at the end
    warmup_steps: int = 0  # steps in which the learning rate rises from 0
    weight_decay: float = 0.0  # AdamW's; 0 is Adam
    adam_beta1: float = 0.5  # Adam's memory of gradients
    # memory order of images in which most convolutions are faster; on CPUs without AVX-512 instance norms and reflected
    # borders lose more by it than convolutions win (a tenth of a step)
    is_channels_last: bool = False
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)  # of both, that soil and that clean
    # of both, of soiled images and of clean ones
    discriminator: DiscriminatorConfig = field(default_factory=lambda: DiscriminatorConfig(last_stride=1))
    # how generators read the mask: as a fourth channel, or multiplied into the image, of which they then see what is
    # to be soiled alone
    mask_input: MaskInput = "concat"
    smoothing_px: float = (
        4.0  # standard deviation of the gaussian over the segmenter's masks of soiled images
    )
    pool_images: int = (
        50  # earlier generated images, with their masks, from which each discriminator learns too
    )
    flip_probability: float = 0.5  # of an image, left to right, and of a mask
    losses: DirtyLosses = field(default_factory=DirtyLosses)  # by how much each term counts
    eval_every_steps: int = 5000  # steps between two evaluations

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.mask_input in get_args(MaskInput),
            f"mask_input must be one of {', '.join(get_args(MaskInput))}, but was {self.mask_input!r}.",
        )
        require(
            not self.generator.has_skip or self.mask_input == "dot",
            "generator.has_skip adds the input to the output, but with mask_input concat they have 4 and 3 channels; "
            "set has_skip: false, which confinement makes needless.",
        )
        require(
            self.discriminator.scales == (1,),
            f"discriminator.scales must be [1], but was {list(self.discriminator.scales)}.",
        )
        require(
            self.early_stop_after is None,
            f"early_stop_after is {self.early_stop_after}, but no figure tells when a GAN is done; set it to null.",
        )
        for name in ("smoothing_px", "pool_images"):
            require(getattr(self, name) >= 0, f"{name} must be >= 0, but was {getattr(self, name)}.")
        require(
            0 <= self.flip_probability <= 1,
            f"flip_probability must be in 0..1, but was {self.flip_probability}.",
        )
