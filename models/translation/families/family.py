"""What the one training loop asks of a family of translation networks.

A family's functions take that family's own configuration, which the loop hands on without looking into it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from torch import Tensor, nn

from models.translation.domains import ImageShapes
from models.translation.translator_config import TranslatorConfig

Networks = nn.ModuleDict
Values = Mapping[str, Tensor]
Phase = Literal["free", "attention_frozen"]  # every phase is one unchanging graph of computation
Direction = Literal["a_to_b", "b_to_a"]
Channels = Mapping[str, int]  # of the images of each domain, a and b
COLOUR: Channels = {"a": 3, "b": 3}
Scores = list[Tensor]  # a map [b, 1, h', w'] of each scale at which a discriminator looks


@dataclass(frozen=True)
class Draw:
    """Random float32 numbers that a step needs: uniform in 0..1 (1 excluded), or normal of mean 0 and variance 1."""

    name: str
    shape: tuple[int, ...]
    kind: Literal["uniform", "normal"] = "uniform"


@dataclass(frozen=True)
class Needs:
    """What a term takes beside images: regions of a domain (outline_a), features of named images, mean features."""

    regions: tuple[str, ...] = ()
    input_features: tuple[str, ...] = ()  # of images that were not generated: they get no gradient
    output_features: tuple[str, ...] = ()
    means: tuple[str, ...] = ()

    @property
    def has_features(self) -> bool:
        return bool(self.input_features or self.output_features or self.means)


@dataclass(frozen=True)
class Term:
    """One weighted addend of the generators' objective: a plain function over named networks and tensors."""

    name: str
    weight: float
    measure: Callable[[Networks, Values], Tensor]
    needs: Needs = Needs()


@dataclass(frozen=True)
class Refined:
    """Images bchw in -1..1 and, where the family has attention, where they may have changed, [b, 1, h, w]."""

    images: Tensor
    attention: Tensor | None = None


Translate = Callable[[Networks, Tensor], Refined]


def as_scales(scores: Tensor | Scores) -> Scores:
    """What a discriminator of one scale or of several returned, as a list."""
    return [scores] if isinstance(scores, Tensor) else scores


def judge_images(discriminator: nn.Module, images_bchw: Tensor, config: Any, phase: Phase) -> Scores:
    """Scores of whole images."""
    return as_scales(discriminator(images_bchw))


@dataclass(frozen=True)
class Adversary:
    """A discriminator, the names of the tensors between which it has to tell, and how it looks at them.

    `weigh` says how much each pixel of what it sees counts, [b, 1, h, w] >= 0; None: all alike. A mask that is to travel
    through the pool and augmentations with its image is a channel of what is seen.
    """

    discriminator: str
    fake: str
    real: str
    domain: str  # whose weight of the adversarial loss counts
    judge: Callable[[nn.Module, Tensor, Any, Phase], Scores] = judge_images
    weigh: Callable[[Tensor], Tensor] | None = None


def show_first_three(images_bchw: Tensor) -> Tensor:
    """The first three channels, or the first one thrice: what a picture and a network of features can take."""
    return images_bchw[:, :3] if images_bchw.shape[1] >= 3 else images_bchw[:, :1].expand(-1, 3, -1, -1)


@dataclass(frozen=True)
class Family:
    """A translator as data; `translate` maps a step's batch (real_a, real_b, ...) to all tensors that terms
    name. Networks that are no discriminators belong to the generators.
    """

    build_networks: Callable[[Any, Channels], nn.ModuleDict]
    translate: Callable[[Networks, Values, Any], Values]
    list_terms: Callable[[Any], tuple[Term, ...]]
    adversaries: tuple[Adversary, ...]
    translations: Mapping[Direction, Translate]  # of finished networks
    phase_at: Callable[[Any, int], Phase] = field(default=lambda config, epoch: "free")
    set_phase: Callable[[Networks, Phase], None] = field(default=lambda networks, phase: None)
    draws: Callable[[Any, ImageShapes], tuple[Draw, ...]] = field(default=lambda config, shapes: ())
    # regions that `translate` takes, beside those that terms need
    regions: Callable[[Any], tuple[str, ...]] = field(default=lambda config: ())
    show: Callable[[Tensor], Tensor] = (
        show_first_three  # images of a domain as pictures [b, 3, h, w] in -1..1
    )

    def generators(self, networks: Networks) -> nn.ModuleDict:
        """The networks that the generators' objective trains."""
        judges = {adversary.discriminator for adversary in self.adversaries}
        return nn.ModuleDict({name: network for name, network in networks.items() if name not in judges})

    def needs(self, config: TranslatorConfig) -> Needs:
        """What all terms of a configuration take, and the translation itself, each once."""
        terms = gather_needs(term.needs for term in self.list_terms(config))
        return gather_needs((terms, Needs(regions=self.regions(config))))


def gather_needs(parts: Iterable[Needs]) -> Needs:
    """All that any part needs, in the order in which it is first named."""
    parts = list(parts)
    return Needs(
        **{
            item.name: tuple(dict.fromkeys(name for part in parts for name in getattr(part, item.name)))
            for item in fields(Needs)
        }
    )


def initialise(module: nn.Module) -> None:
    """Weights from N(0, 0.02), biases 0 (CycleGAN paper); gains of batch norm from N(1, 0.02)."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    if isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
