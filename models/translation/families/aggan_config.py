"""How AGGAN, a CycleGAN with attention, is built and trained."""

from dataclasses import dataclass, field
from typing import Literal

from models.configs import require
from models.translation.loss_weights import CyclicLosses
from models.translation.networks.configs import AttentionConfig, DiscriminatorConfig, GeneratorConfig
from models.translation.translator_config import TranslatorConfig


@dataclass(frozen=True, kw_only=True)
class AgganLosses(CyclicLosses):
    """Weight of each term of the generators' objective."""


@dataclass(frozen=True, kw_only=True)
class AgganConfig(TranslatorConfig):
    """Two generators, two attention networks and two discriminators (Mejjati et al. 2018)."""

    family: Literal["aggan"] = "aggan"  # as cyclegan, and what is not attended stays as it is
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)  # the network that translates
    attention: AttentionConfig = field(default_factory=AttentionConfig)  # the network that says where
    # the network that tells translated from real
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    losses: AgganLosses = field(default_factory=AgganLosses)  # weight of each loss
    # the same of what begins in domain b (the real images), where it weighs otherwise; None: as in domain a
    losses_b: AgganLosses | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.discriminator.norm == "instance",
            "discriminator.norm must be instance in the family aggan, which drops it by itself when attention freezes, "
            f"but was {self.discriminator.norm!r}.",
        )

    def losses_of(self, domain: str) -> AgganLosses:
        return self.losses_b if domain == "b" and self.losses_b is not None else self.losses
