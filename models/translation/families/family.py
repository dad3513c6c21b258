"""What the one training loop asks of a family of translation networks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from torch import Tensor, nn

from models.translation.config import RefinerConfig

Networks = nn.ModuleDict
Values = Mapping[str, Tensor]
Phase = Literal["free", "attention_frozen"]  # every phase is one unchanging graph of computation
Draws = dict[str, tuple[int, ...]]  # names and shapes of the uniform random numbers that a step needs


@dataclass(frozen=True)
class Term:
    """One weighted addend of the generators' objective: a plain function over named networks and tensors."""

    name: str
    weight: float
    measure: Callable[[Networks, Values], Tensor]


@dataclass(frozen=True)
class Refined:
    """Images bchw in -1..1 and, where the family has attention, where they may have changed, [b, 1, h, w]."""

    images: Tensor
    attention: Tensor | None = None


def judge_images(
    discriminator: nn.Module, images_bchw: Tensor, config: RefinerConfig, phase: Phase
) -> Tensor:
    """Scores of whole images."""
    return discriminator(images_bchw)


@dataclass(frozen=True)
class Adversary:
    """A discriminator, the names of the tensors between which it has to tell, and how it looks at them."""

    discriminator: str
    fake: str
    real: str
    judge: Callable[[nn.Module, Tensor, RefinerConfig, Phase], Tensor] = judge_images


@dataclass(frozen=True)
class Family:
    """A translator as data; `translate` maps a step's batch (real_a, real_b, ...) to all tensors that terms
    name. Networks that are no discriminators belong to the generators.
    """

    domains: str  # that are translated: "ab" both ways, "a" from synthetic to real alone
    build_networks: Callable[[RefinerConfig], nn.ModuleDict]
    translate: Callable[[Networks, Values, RefinerConfig], Values]
    list_terms: Callable[[RefinerConfig], tuple[Term, ...]]
    adversaries: tuple[Adversary, ...]
    refine: Callable[[Networks, Tensor], Refined]
    phase_at: Callable[[RefinerConfig, int], Phase] = field(default=lambda config, epoch: "free")
    set_phase: Callable[[Networks, Phase], None] = field(default=lambda networks, phase: None)
    draws: Callable[[RefinerConfig], Draws] = field(default=lambda config: {})

    def generators(self, networks: Networks) -> nn.ModuleDict:
        """The networks that the generators' objective trains."""
        judges = {adversary.discriminator for adversary in self.adversaries}
        return nn.ModuleDict({name: network for name, network in networks.items() if name not in judges})


def initialise(module: nn.Module) -> None:
    """Weights from N(0, 0.02), biases 0 (CycleGAN paper)."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
