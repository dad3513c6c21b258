"""CycleGAN with the thesis's losses: a is the synthetic domain, b the real one."""

import torch
from torch import Tensor, nn

from models.translation.config import RefinerConfig
from models.translation.families.family import Adversary, Family, Networks, Refined, Values, initialise
from models.translation.families.terms import list_terms
from models.translation.networks.discriminators import PatchDiscriminator
from models.translation.networks.generators import ResnetGenerator


def build_networks(config: RefinerConfig) -> nn.ModuleDict:
    """Two generators and two discriminators."""
    networks = nn.ModuleDict(
        {
            "a_to_b": ResnetGenerator(config.generator),
            "b_to_a": ResnetGenerator(config.generator),
            "discriminator_a": PatchDiscriminator(config.discriminator),
            "discriminator_b": PatchDiscriminator(config.discriminator),
        }
    )
    return networks.apply(initialise)


def translate(networks: Networks, batch: Values, config: RefinerConfig) -> Values:
    """Adds fake_a, fake_b, rec_a, rec_b and, where a term wants them, idt_a and idt_b; all bchw in -1..1."""
    a_to_b, b_to_a = networks["a_to_b"], networks["b_to_a"]
    real_a, real_b = batch["real_a"], batch["real_b"]
    if not config.has_term("target_identity_pixel"):
        fakes = {"fake_b": a_to_b(real_a), "fake_a": b_to_a(real_b)}
    else:
        # One call for both inputs of a generator: instance norm treats each image alone, so the result is
        # the same.
        fake_b, idt_b = a_to_b(torch.cat((real_a, real_b))).chunk(2)
        fake_a, idt_a = b_to_a(torch.cat((real_b, real_a))).chunk(2)
        fakes = {"fake_b": fake_b, "fake_a": fake_a, "idt_a": idt_a, "idt_b": idt_b}
    return {**batch, **fakes, "rec_a": b_to_a(fakes["fake_b"]), "rec_b": a_to_b(fakes["fake_a"])}


def refine(networks: Networks, images_bchw: Tensor) -> Refined:
    return Refined(networks["a_to_b"](images_bchw))


CYCLEGAN = Family(
    domains="ab",
    build_networks=build_networks,
    translate=translate,
    list_terms=lambda config: list_terms(config, "ab"),
    adversaries=(
        Adversary("discriminator_a", fake="fake_a", real="real_a"),
        Adversary("discriminator_b", fake="fake_b", real="real_b"),
    ),
    refine=refine,
)
