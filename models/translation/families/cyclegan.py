"""CycleGAN with the thesis's losses: domain a becomes b and b becomes a."""

import torch
from torch import nn

from models.translation.families.cyclegan_config import CycleganConfig
from models.translation.families.family import (
    COLOUR,
    Adversary,
    Channels,
    Family,
    Networks,
    Refined,
    Values,
    initialise,
)
from models.translation.families.terms import list_terms
from models.translation.networks.discriminators import build_discriminator
from models.translation.networks.generators import ResnetGenerator


def build_networks(config: CycleganConfig, channels: Channels = COLOUR) -> nn.ModuleDict:
    """Two generators and two discriminators."""
    networks = nn.ModuleDict(
        {
            "a_to_b": ResnetGenerator(config.generator, channels["a"], channels["b"]),
            "b_to_a": ResnetGenerator(config.generator, channels["b"], channels["a"]),
            "discriminator_a": build_discriminator(config.discriminator, channels["a"]),
            "discriminator_b": build_discriminator(config.discriminator, channels["b"]),
        }
    )
    return networks.apply(initialise)


def translate(networks: Networks, batch: Values, config: CycleganConfig) -> Values:
    """Adds fake_a, fake_b, rec_a, rec_b and, where a term wants them, idt_a and idt_b; all bchw in -1..1."""
    a_to_b, b_to_a = networks["a_to_b"], networks["b_to_a"]
    real_a, real_b = batch["real_a"], batch["real_b"]
    if not _has_target_identity(config):
        fakes = {"fake_b": a_to_b(real_a), "fake_a": b_to_a(real_b)}
    elif config.generator.norm == "batch":
        # Batch norm would take the statistics of both domains together.
        fakes = {"fake_b": a_to_b(real_a), "fake_a": b_to_a(real_b)}
        fakes |= {"idt_b": a_to_b(real_b), "idt_a": b_to_a(real_a)}
    else:
        # One call for both inputs of a generator: instance norm treats each image alone, so the result is
        # the same.
        fake_b, idt_b = a_to_b(torch.cat((real_a, real_b))).chunk(2)
        fake_a, idt_a = b_to_a(torch.cat((real_b, real_a))).chunk(2)
        fakes = {"fake_b": fake_b, "fake_a": fake_a, "idt_a": idt_a, "idt_b": idt_b}
    return {**batch, **fakes, "rec_a": b_to_a(fakes["fake_b"]), "rec_b": a_to_b(fakes["fake_a"])}


def _has_target_identity(config: CycleganConfig) -> bool:
    return any(config.losses_of(domain).target_identity_pixel > 0 for domain in "ab")


CYCLEGAN = Family(
    build_networks=build_networks,
    translate=translate,
    list_terms=lambda config: list_terms(config, "ab"),
    adversaries=(
        Adversary("discriminator_a", fake="fake_a", real="real_a", domain="a"),
        Adversary("discriminator_b", fake="fake_b", real="real_b", domain="b"),
    ),
    translations={
        "a_to_b": lambda networks, images: Refined(networks["a_to_b"](images)),
        "b_to_a": lambda networks, images: Refined(networks["b_to_a"](images)),
    },
)
