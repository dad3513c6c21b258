"""How a refiner is built and trained; the fourteen refiners of the thesis (Table 3.2) are values of these
fields, in flows/configs/people/refiners/.
"""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from models.arithmetic.precision import settle
from models.configs import DeviceName, Precision, require
from models.features.config import FeaturesConfig
from models.translation.monitoring.config import MonitoringConfig
from models.translation.networks.configs import (
    AttentionConfig,
    ContrastConfig,
    DiscriminatorConfig,
    GeneratorConfig,
)

FamilyName = Literal["cyclegan", "aggan", "one_way"]
AdversarialName = Literal["least_squares", "cross_entropy", "hinge", "wasserstein"]
FeatureNorm = Literal["euclidean", "squared"]
Augmentation = Literal["color", "translation"]
PERSON, HEAD = (
    1,
    2,
)  # bits of a pixel of a synthetic crop's regions: inside the outline, inside the head's box


@dataclass(frozen=True, kw_only=True)
class AdversarialConfig:
    """The game between generators and discriminators; everything but the loss is off by default."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    loss: AdversarialName = "least_squares"  # least_squares is the thesis's
    gradient_penalty: float = 0.0  # weight of (|gradient| - 1)^2 between real and fake; WGAN-GP uses 10
    r1: float = 0.0  # gamma of gamma / 2 x |gradient|^2 at real images (Mescheder et al. 2018)
    augment: tuple[
        Augmentation, ...
    ] = ()  # of all that the discriminators see (DiffAugment, Zhao et al. 2020)

    def __post_init__(self) -> None:
        allowed = ("least_squares", "cross_entropy", "hinge", "wasserstein")
        require(
            self.loss in allowed,
            f"adversarial.loss must be one of {', '.join(allowed)}, but was {self.loss!r}.",
        )
        for name in ("gradient_penalty", "r1"):
            value = getattr(self, name)
            require(value >= 0, f"adversarial.{name} must be >= 0, but was {value}; 0 leaves it out.")
        require(
            set(self.augment) <= {"color", "translation"},
            f"adversarial.augment must hold some of color, translation, but was {list(self.augment)}.",
        )


@dataclass(frozen=True, kw_only=True)
class LossWeights:
    """Weight of each term of the generators' objective; 0 leaves the term out. Pixel values are in -1..1."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    adversarial: float = 1.0  # of fooling the discriminators; larger changes images more
    cycle_pixel: float = 10.0  # Eq. 2.8, mean over pixels
    cycle_features: float = 0.0  # Eq. 2.18, Euclidean norm an image
    cycle_discriminator: float = 0.0  # Eq. 2.21 and 2.22, Euclidean norm an image
    # layers of the discriminator, 1 to 4, that cycle_discriminator compares
    discriminator_layers: tuple[int, ...] = (1, 2, 3, 4)
    feature_norm: FeatureNorm = "euclidean"  # of all differences of features, as printed; or its square
    identity_pixel: float = 0.0  # Eq. 2.17, G(x) against its own input x; SimGAN's self-regularisation
    identity_features: float = 0.0  # Eq. 2.19, Euclidean norm an image
    target_identity_pixel: float = 0.0  # the CycleGAN paper's: G(y) against y of the target domain
    mean_features: float = 0.0  # Eq. 2.20, Euclidean norm to the mean features of the target domain
    contrast: float = 0.0  # CUT's PatchNCE between input and output, mean over layers and patches
    identity_contrast: float = 0.0  # the same between y and G(y)
    unchanged_outside: float = 0.0  # mean absolute change outside the person's outline
    head_structure: float = 0.0  # 1 - correlation of the edges in the head's box before and after

    def __post_init__(self) -> None:
        for name, weight in vars(self).items():
            if name not in ("discriminator_layers", "feature_norm"):
                require(weight >= 0, f"losses.{name} must be >= 0, but was {weight}; 0 leaves the term out.")
        require(
            bool(self.discriminator_layers) and set(self.discriminator_layers) <= {1, 2, 3, 4},
            f"losses.discriminator_layers must be some of 1, 2, 3, 4, but was {self.discriminator_layers}.",
        )
        require(
            self.feature_norm in ("euclidean", "squared"),
            f"losses.feature_norm must be euclidean or squared, but was {self.feature_norm!r}.",
        )


_CYCLIC_TERMS = ("cycle_pixel", "cycle_features", "cycle_discriminator")
_CONTRASTIVE_TERMS = ("contrast", "identity_contrast")
_FOREIGN_TERMS: dict[FamilyName, tuple[str, ...]] = {
    "cyclegan": _CONTRASTIVE_TERMS,
    "aggan": (*_CONTRASTIVE_TERMS, "target_identity_pixel", "cycle_discriminator"),
    "one_way": (*_CYCLIC_TERMS, "target_identity_pixel"),
}
FEATURE_TERMS = ("cycle_features", "identity_features", "mean_features")
REGION_TERMS = ("unchanged_outside", "head_structure")


@dataclass(frozen=True, kw_only=True)
class RefinerConfig:
    """One refiner. Exactly one of `epochs` (min(|A|, |B|) / batch steps each, the batch over all processes) and `steps`
    is given.

    Families: cyclegan (two generators, two discriminators), aggan (the same with attention networks), one_way (one
    generator, one discriminator: SimGAN, CUT and FastCUT by their loss weights).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    family: FamilyName = "cyclegan"  # cyclegan, aggan (with attention) or one_way (SimGAN, CUT and FastCUT)
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)  # the network that refines
    # the network that tells refined from real
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    attention: AttentionConfig = field(default_factory=AttentionConfig)  # of the family aggan only
    # of the losses contrast and identity_contrast only
    contrast: ContrastConfig = field(default_factory=ContrastConfig)
    # the fixed network that the losses of features compare in
    features: FeaturesConfig = field(default_factory=FeaturesConfig)
    # the game between the two networks
    adversarial: AdversarialConfig = field(default_factory=AdversarialConfig)
    # weight of each loss; which ones make the refiners of the thesis is in flows/configs/people/refiners
    losses: LossWeights = field(default_factory=LossWeights)
    # passes over the smaller set of crops; the thesis has 160; None where steps is given
    epochs: int | None = 160
    steps: int | None = None  # updates in all; None where epochs is given
    batch_size: int = 1  # crops of each domain in an update; the thesis has 1
    processes: int = 1  # one for each GPU, every one with a batch of batch_size of its own
    learning_rate: float = 2e-4  # of Adam in the first half; falls to 0 in the second; the thesis has 0.0002
    adam_beta1: float = 0.5  # Adam's memory of gradients; the thesis has 0.5
    adam_beta2: float = 0.999  # Adam's memory of squared gradients
    # earlier refined crops from which the discriminator learns too; the thesis has 50; 0 keeps none
    pool_images: int = 50
    flip_probability: float = 0.5  # of a crop, left to right
    ema_decay: float = 0.0  # 0 keeps no moving average of the generators
    # of the arithmetic: fp32 (TF32 in a GPU's convolutions), or bf16, which is faster where the hardware knows it;
    # auto chooses by the machine, as its device is
    precision: Precision = "auto"
    device: DeviceName = "auto"  # auto: CUDA where there is one
    report_every_steps: int = 20  # steps between two lines of losses in history.csv
    checkpoint_every_steps: int = 2000  # steps between two states that a killed training goes on from
    # figures and pictures while it trains
    monitoring: MonitoringConfig = field(default_factory=MonitoringConfig)

    def __post_init__(self) -> None:
        self._check_length()
        self._check_terms()
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

    def settled(self) -> "RefinerConfig":
        """The same with the precision that `auto` is on this machine."""
        return replace(self, precision=settle(self.precision, self.device))

    def has_term(self, *names: str) -> bool:
        """Whether any of the named terms has a weight."""
        return any(getattr(self.losses, name) > 0 for name in names)

    def _check_length(self) -> None:
        require(
            (self.epochs is None) != (self.steps is None),
            f"Exactly one of epochs and steps must be given, but they were {self.epochs} and {self.steps}; "
            "set the other one to null.",
        )
        for name in (
            "epochs",
            "steps",
            "batch_size",
            "processes",
            "report_every_steps",
            "checkpoint_every_steps",
        ):
            value = getattr(self, name)
            require(value is None or value >= 1, f"{name} must be >= 1, but was {value}.")

    def _check_terms(self) -> None:
        require(
            self.family in _FOREIGN_TERMS,
            f"family must be one of {', '.join(_FOREIGN_TERMS)}, but was {self.family!r}.",
        )
        for name in _FOREIGN_TERMS[self.family]:
            require(
                not self.has_term(name),
                f"losses.{name} must be 0 in the family {self.family}, which has no such term, "
                f"but was {getattr(self.losses, name)}.",
            )
        require(
            self.family != "aggan" or self.discriminator.norm == "instance",
            "discriminator.norm must be instance in the family aggan, which drops it by itself when attention freezes, "
            f"but was {self.discriminator.norm!r}.",
        )
