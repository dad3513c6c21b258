"""What the one training loop asks of a family of translation networks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from models.translation.config import RefinerConfig

Networks = nn.ModuleDict
Values = Mapping[str, Tensor]


@dataclass(frozen=True)
class Term:
    """One weighted addend of the generators' objective: a plain function over named networks and tensors."""

    name: str
    weight: float
    measure: Callable[[Networks, Values], Tensor]


@dataclass(frozen=True)
class Adversary:
    """A discriminator and the names of the tensors between which it has to tell."""

    discriminator: str
    fake: str
    real: str


@dataclass(frozen=True)
class Family:
    """A translator as data; `translate` maps a step's batch (real_a, real_b, ...) to all tensors that terms
    name.
    """

    build_networks: Callable[[RefinerConfig], nn.ModuleDict]
    translate: Callable[[Networks, Values, RefinerConfig], Values]
    list_terms: Callable[[RefinerConfig], tuple[Term, ...]]
    adversaries: tuple[Adversary, ...]
    generators: tuple[str, ...]
    refiner: str
