"""How a CycleGAN is built and trained; twelve of the thesis's refiners are values of these fields."""

from dataclasses import dataclass, field
from typing import Literal

from models.configs import require
from models.translation.loss_weights import CyclicLosses
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from models.translation.translator_config import TranslatorConfig


@dataclass(frozen=True, kw_only=True)
class CycleganLosses(CyclicLosses):
    """Weight of each term of the generators' objective."""

    cycle_discriminator: float = 0.0  # Eq. 2.21 and 2.22, Euclidean norm an image
    # layers of the discriminator, 1 to 4, that cycle_discriminator compares
    discriminator_layers: tuple[int, ...] = (1, 2, 3, 4)
    target_identity_pixel: float = 0.0  # the CycleGAN paper's: G(y) against y of the target domain

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            bool(self.discriminator_layers) and set(self.discriminator_layers) <= {1, 2, 3, 4},
            f"losses.discriminator_layers must be some of 1, 2, 3, 4, but was {self.discriminator_layers}.",
        )


@dataclass(frozen=True, kw_only=True)
class CycleganConfig(TranslatorConfig):
    """Two generators and two discriminators."""

    family: Literal["cyclegan"] = "cyclegan"  # two generators, two discriminators
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)  # the network that translates
    # the network that tells translated from real
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    # weight of each loss; which ones make the refiners of the thesis is in flows/configs/people/refiners
    losses: CycleganLosses = field(default_factory=CycleganLosses)
    # the same of what begins in domain b (the real images), where it weighs otherwise; None: as in domain a
    losses_b: CycleganLosses | None = None

    def losses_of(self, domain: str) -> CycleganLosses:
        return self.losses_b if domain == "b" and self.losses_b is not None else self.losses
