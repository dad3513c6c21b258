"""AGGAN (Mejjati et al. 2018; thesis section 2.5): CycleGAN that changes an image only where attention allows it.

Until attention freezes, discriminators see the blended images (Eq. 2.11); from then what is attended, on black, and
without norm (Eq. 2.14 to 2.16). Images travel to them, and through the pools, with their attention as a fourth channel.
"""

import torch
from torch import Tensor, nn

from models.configs import require
from models.translation.families.aggan_config import AgganConfig
from models.translation.families.family import (
    COLOUR,
    Adversary,
    Channels,
    Family,
    Networks,
    Phase,
    Refined,
    Scores,
    Translate,
    Values,
    as_scales,
    initialise,
)
from models.translation.families.terms import list_terms
from models.translation.networks.discriminators import build_discriminator
from models.translation.networks.generators import AttentionNetwork, ResnetGenerator


def build_networks(config: AgganConfig, channels: Channels = COLOUR) -> nn.ModuleDict:
    """A generator, an attention network and a discriminator of each domain. ValueError where channels differ."""
    require(
        channels["a"] == channels["b"],
        f"aggan blends images of one domain into the other, but they have {channels['a']} and {channels['b']} channels; "
        "set family: cyclegan.",
    )
    networks = nn.ModuleDict(
        {
            "a_to_b": ResnetGenerator(config.generator, channels["a"], channels["b"]),
            "b_to_a": ResnetGenerator(config.generator, channels["b"], channels["a"]),
            "attention_a": AttentionNetwork(config.attention.filters, channels["a"]),
            "attention_b": AttentionNetwork(config.attention.filters, channels["b"]),
            "discriminator_a": build_discriminator(config.discriminator, channels["a"]),
            "discriminator_b": build_discriminator(config.discriminator, channels["b"]),
        }
    )
    return networks.apply(initialise)


def translate(networks: Networks, batch: Values, config: AgganConfig) -> Values:
    """Adds fake_d and rec_d (Eq. 2.10), attention_d [b, 1, h, w] of real_d, and what discriminators see.

    seen_real_d and seen_fake_d [b, 2 c + 1, h, w] are the image, what a generator painted, and the attention.
    """
    values = dict(batch)
    for domain, other in (("a", "b"), ("b", "a")):
        real = values[f"real_{domain}"]
        generator, attend = networks[f"{domain}_to_{other}"], networks[f"attention_{domain}"]
        back, attend_back = networks[f"{other}_to_{domain}"], networks[f"attention_{other}"]
        painted, attention = generator(real), attend(real)
        fake = blend(real, painted, attention)
        values |= {
            f"fake_{other}": fake,
            f"attention_{domain}": attention,
            f"rec_{domain}": blend(fake, back(fake), attend_back(fake)),
            f"seen_fake_{other}": torch.cat((fake, painted, attention), 1),
            f"seen_real_{domain}": torch.cat((real, real, attention), 1),
        }
    return values


def blend(image_bchw: Tensor, painted_bchw: Tensor, attention_b1hw: Tensor) -> Tensor:
    """What a generator painted where attention is 1, the image where it is 0 (Eq. 2.10)."""
    return attention_b1hw * painted_bchw + (1 - attention_b1hw) * image_bchw


def judge(discriminator: nn.Module, seen_bchw: Tensor, config: AgganConfig, phase: Phase) -> Scores:
    """Scores of blended images, or, with frozen attention, of what was painted where attention passes tau."""
    channels = seen_bchw.shape[1] // 2
    image, painted, attention = seen_bchw.split((channels, channels, 1), 1)
    if phase == "free":
        return as_scales(discriminator(image))
    return as_scales(discriminator(painted * (attention > config.attention.threshold), has_norm=False))


def phase_at(config: AgganConfig, epoch: int) -> Phase:
    return "free" if epoch < config.attention.frozen_from_epoch else "attention_frozen"


def set_phase(networks: Networks, phase: Phase) -> None:
    for name in ("attention_a", "attention_b"):
        networks[name].requires_grad_(phase == "free")


def _translation(domain: str, other: str) -> Translate:
    def translate_finished(networks: Networks, images_bchw: Tensor) -> Refined:
        attention = networks[f"attention_{domain}"](images_bchw)
        painted = networks[f"{domain}_to_{other}"](images_bchw)
        return Refined(blend(images_bchw, painted, attention), attention)

    return translate_finished


AGGAN = Family(
    build_networks=build_networks,
    translate=translate,
    list_terms=lambda config: list_terms(config, "ab"),
    adversaries=(
        Adversary("discriminator_a", fake="seen_fake_a", real="seen_real_a", domain="a", judge=judge),
        Adversary("discriminator_b", fake="seen_fake_b", real="seen_real_b", domain="b", judge=judge),
    ),
    translations={"a_to_b": _translation("a", "b"), "b_to_a": _translation("b", "a")},
    phase_at=phase_at,
    set_phase=set_phase,
)
