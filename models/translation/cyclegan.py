"""CycleGAN with the thesis's losses: a is the synthetic domain, b the real one."""

import torch
from torch import Tensor, nn

from models.translation.config import RefinerConfig
from models.translation.discriminators import PatchDiscriminator
from models.translation.family import Adversary, Family, Networks, Term, Values
from models.translation.generators import ResnetGenerator
from models.translation.losses import feature_distance, pixel_distance


def build_networks(config: RefinerConfig) -> nn.ModuleDict:
    """Two generators and two discriminators, weights from N(0, 0.02), biases 0 (CycleGAN paper)."""
    networks = nn.ModuleDict(
        {
            "a_to_b": ResnetGenerator(config.generator),
            "b_to_a": ResnetGenerator(config.generator),
            "discriminator_a": PatchDiscriminator(config.discriminator),
            "discriminator_b": PatchDiscriminator(config.discriminator),
        }
    )
    return networks.apply(_initialise)


def translate(networks: Networks, batch: Values, config: RefinerConfig) -> Values:
    """Adds fake_a, fake_b, rec_a, rec_b and, where a term wants them, idt_a and idt_b; all bchw in -1..1."""
    a_to_b, b_to_a = networks["a_to_b"], networks["b_to_a"]
    real_a, real_b = batch["real_a"], batch["real_b"]
    if config.losses.target_identity_pixel == 0:
        fakes = {"fake_b": a_to_b(real_a), "fake_a": b_to_a(real_b)}
    else:
        # One call for both inputs of a generator: instance norm treats each image alone, so the result is
        # the same.
        fake_b, idt_b = a_to_b(torch.cat((real_a, real_b))).chunk(2)
        fake_a, idt_a = b_to_a(torch.cat((real_b, real_a))).chunk(2)
        fakes = {"fake_b": fake_b, "fake_a": fake_a, "idt_a": idt_a, "idt_b": idt_b}
    return {**batch, **fakes, "rec_a": b_to_a(fakes["fake_b"]), "rec_b": a_to_b(fakes["fake_a"])}


def list_terms(config: RefinerConfig) -> tuple[Term, ...]:
    """The terms whose weight is not 0; each is summed over both directions, as the equations are."""
    weights, layers = config.losses, config.losses.discriminator_layers
    terms = (
        Term("cycle_pixel", weights.cycle_pixel, _pixel("rec_a", "real_a", "rec_b", "real_b")),
        Term("identity_pixel", weights.identity_pixel, _pixel("fake_b", "real_a", "fake_a", "real_b")),
        Term(
            "target_identity_pixel",
            weights.target_identity_pixel,
            _pixel("idt_a", "real_a", "idt_b", "real_b"),
        ),
        Term("cycle_discriminator", weights.cycle_discriminator, _discriminator_cycle(layers)),
    )
    return tuple(term for term in terms if term.weight > 0)


def _pixel(first_a: str, second_a: str, first_b: str, second_b: str):
    def measure(networks: Networks, values: Values) -> Tensor:
        return pixel_distance(values[first_a], values[second_a]) + pixel_distance(
            values[first_b], values[second_b]
        )

    return measure


def _discriminator_cycle(layers: tuple[int, ...]):
    def measure(networks: Networks, values: Values) -> Tensor:
        return sum(
            (
                feature_distance(
                    _features(networks[f"discriminator_{domain}"], values[f"real_{domain}"], layers),
                    _features(networks[f"discriminator_{domain}"], values[f"rec_{domain}"], layers),
                )
                for domain in "ab"
            ),
            start=torch.zeros((), device=values["real_a"].device),
        )

    return measure


def _features(discriminator: nn.Module, image_bchw: Tensor, layers: tuple[int, ...]) -> list[Tensor]:
    assert isinstance(discriminator, PatchDiscriminator)
    features = discriminator.features(image_bchw)
    return [features[layer - 1] for layer in layers]


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


CYCLEGAN = Family(
    build_networks=build_networks,
    translate=translate,
    list_terms=list_terms,
    adversaries=(
        Adversary("discriminator_a", fake="fake_a", real="real_a"),
        Adversary("discriminator_b", fake="fake_b", real="real_b"),
    ),
    generators=("a_to_b", "b_to_a"),
    refiner="a_to_b",
)
