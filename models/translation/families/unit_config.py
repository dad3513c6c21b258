"""How UNIT, two autoencoders that share their codes, is built and trained."""

from dataclasses import dataclass, field
from typing import Literal

from models.translation.adversarial_config import AdversarialConfig, AdversarialName
from models.translation.loss_weights import CyclicLosses
from models.translation.networks.configs import UnitDiscriminatorConfig, UnitGeneratorConfig
from models.translation.translator_config import TranslatorConfig


@dataclass(frozen=True, kw_only=True)
class UnitLosses(CyclicLosses):
    """Weight of each term of the generators' objective; the defaults are UNIT's."""

    adversarial: float = 10.0  # of fooling the discriminators; larger changes images more
    cycle_pixel: float = 100.0  # an image against itself after both translations, mean over pixels
    self_reconstruction_pixel: float = 100.0  # an image against its own domain's decoding of its code
    kl: float = 0.1  # mean square of the codes, which draws them towards N(0, 1)
    cycle_kl: float = 0.1  # the same of the codes of translated images


@dataclass(frozen=True, kw_only=True)
class UnitAdversarialConfig(AdversarialConfig):
    """The game between generators and discriminators; everything but the loss is off by default."""

    loss: AdversarialName = "cross_entropy"  # cross_entropy is UNIT's


@dataclass(frozen=True, kw_only=True)
class UnitConfig(TranslatorConfig):
    """Two variational autoencoders that share the middle, and discriminators at three scales (Liu et al. 2017)."""

    family: Literal["unit"] = "unit"  # two autoencoders that share their codes
    # the networks that translate
    generator: UnitGeneratorConfig = field(default_factory=UnitGeneratorConfig)
    # the networks that tell translated from real
    discriminator: UnitDiscriminatorConfig = field(default_factory=UnitDiscriminatorConfig)
    losses: UnitLosses = field(default_factory=UnitLosses)  # weight of each loss
    # the game between the two networks
    adversarial: UnitAdversarialConfig = field(default_factory=UnitAdversarialConfig)
    learning_rate: float = 1e-4  # of Adam in the first half; falls to 0 in the second; UNIT has 0.0001
    # share of each weight that Adam adds to its gradient (L2, not AdamW's); UNIT has 0.0001
    weight_decay: float = 1e-4
    # earlier translated images from which the discriminators learn too; UNIT has none
    pool_images: int = 0
