"""How SimGAN, CUT and FastCUT, one generator against one discriminator, are built and trained."""

from dataclasses import dataclass, field
from typing import Literal

from models.translation.loss_weights import RefiningLosses
from models.translation.networks.configs import ContrastConfig, DiscriminatorConfig, GeneratorConfig
from models.translation.translator_config import TranslatorConfig


@dataclass(frozen=True, kw_only=True)
class OneWayLosses(RefiningLosses):
    """Weight of each term of the generator's objective."""

    contrast: float = 0.0  # CUT's PatchNCE between input and output, mean over layers and patches
    identity_contrast: float = 0.0  # the same between y and G(y)


@dataclass(frozen=True, kw_only=True)
class OneWayConfig(TranslatorConfig):
    """One generator and one discriminator: SimGAN, CUT and FastCUT by their loss weights."""

    family: Literal["one_way"] = "one_way"  # one generator, one discriminator
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)  # the network that translates
    # the network that tells translated from real
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    # of the losses contrast and identity_contrast only
    contrast: ContrastConfig = field(default_factory=ContrastConfig)
    losses: OneWayLosses = field(default_factory=OneWayLosses)  # weight of each loss
