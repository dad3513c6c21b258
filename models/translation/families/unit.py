"""UNIT (Liu et al. 2017): both domains are views of one code, which a variational autoencoder each reads and writes.

The last block of the encoders and the first one of the decoders are the same for both domains, which is what ties a
scene's codes together. Codes have unit variance: in training N(0, 1) is added to their means, afterwards nothing.
"""

import torch
from torch import Tensor, nn

from models.translation.domains import ImageShapes
from models.translation.families.family import (
    COLOUR,
    Adversary,
    Channels,
    Draw,
    Family,
    Networks,
    Refined,
    Term,
    Translate,
    Values,
    initialise,
)
from models.translation.families.terms import list_terms as list_common_terms
from models.translation.families.unit_config import UnitConfig
from models.translation.losses import gaussian_kl, pixel_distance
from models.translation.networks.discriminators import build_strided_discriminators
from models.translation.networks.unit import UnitDecoder, UnitEncoder, code_block


def build_networks(config: UnitConfig, channels: Channels = COLOUR) -> nn.ModuleDict:
    """An encoder, a decoder and discriminators of each domain, and the two blocks that both share."""
    networks: dict[str, nn.Module] = {
        "shared_encoder": code_block(config.generator),
        "shared_decoder": code_block(config.generator),
    }
    for domain, count in channels.items():
        networks[f"encoder_{domain}"] = UnitEncoder(config.generator, count)
        networks[f"decoder_{domain}"] = UnitDecoder(config.generator, count)
        networks[f"discriminator_{domain}"] = build_strided_discriminators(config.discriminator, count)
    return nn.ModuleDict(networks).apply(initialise)


def translate(networks: Networks, batch: Values, config: UnitConfig) -> Values:
    """Adds of each domain d the codes' means code_d and, of what became of its images, cycle_code_d; idt_d, fake_d and
    rec_d; images bchw in -1..1, codes [b, 4 filters, h / 4, w / 4].
    """
    code_a, code_b = _encode(networks, batch["real_a"], batch["real_b"])
    shared = _decode_shared(networks, code_a + batch["noise_a"], code_b + batch["noise_b"])
    # Both domains write both codes; instance norm treats each image alone.
    idt_a, fake_a = networks["decoder_a"](shared).chunk(2)
    fake_b, idt_b = networks["decoder_b"](shared).chunk(2)
    cycle_code_b, cycle_code_a = _encode(networks, fake_a, fake_b)
    shared = _decode_shared(
        networks, cycle_code_a + batch["noise_cycle_a"], cycle_code_b + batch["noise_cycle_b"]
    )
    shared_a, shared_b = shared.chunk(2)
    return {
        **batch,
        **{"code_a": code_a, "code_b": code_b, "cycle_code_a": cycle_code_a, "cycle_code_b": cycle_code_b},
        **{"idt_a": idt_a, "idt_b": idt_b, "fake_a": fake_a, "fake_b": fake_b},
        **{"rec_a": networks["decoder_a"](shared_a), "rec_b": networks["decoder_b"](shared_b)},
    }


def draws(config: UnitConfig, shapes: ImageShapes) -> tuple[Draw, ...]:
    """The noise on the codes of both domains, and on those of the way back."""
    height, width = shapes.image_hw
    shape = (config.batch_size, config.generator.code_channels, height // 4, width // 4)
    names = ("noise_a", "noise_b", "noise_cycle_a", "noise_cycle_b")
    return tuple(Draw(name, shape, "normal") for name in names)


def list_terms(config: UnitConfig) -> tuple[Term, ...]:
    """The common terms of both directions, and those of an autoencoder; each is summed over the domains."""
    measures = {
        "self_reconstruction_pixel": lambda networks, values: (
            pixel_distance(values["real_a"], values["idt_a"])
            + pixel_distance(values["real_b"], values["idt_b"])
        ),
        "kl": lambda networks, values: gaussian_kl(values["code_a"]) + gaussian_kl(values["code_b"]),
        "cycle_kl": lambda networks, values: (
            gaussian_kl(values["cycle_code_a"]) + gaussian_kl(values["cycle_code_b"])
        ),
    }
    own = tuple(
        Term(name, config.losses.weight(name), measure)
        for name, measure in measures.items()
        if config.losses.weight(name) > 0
    )
    return list_common_terms(config, "ab") + own


def _encode(networks: Networks, image_a: Tensor, image_b: Tensor) -> tuple[Tensor, ...]:
    """The means of the codes of images of a and of b."""
    own = torch.cat((networks["encoder_a"](image_a), networks["encoder_b"](image_b)))
    return networks["shared_encoder"](own).chunk(2)


def _decode_shared(networks: Networks, *codes: Tensor) -> Tensor:
    return networks["shared_decoder"](torch.cat(codes))


def _translation(source: str, target: str) -> Translate:
    """By the mean of the code."""

    def translate_finished(networks: Networks, images_bchw: Tensor) -> Refined:
        code = networks["shared_encoder"](networks[f"encoder_{source}"](images_bchw))
        return Refined(networks[f"decoder_{target}"](networks["shared_decoder"](code)))

    return translate_finished


UNIT = Family(
    build_networks=build_networks,
    translate=translate,
    list_terms=list_terms,
    adversaries=(
        Adversary("discriminator_a", fake="fake_a", real="real_a", domain="a"),
        Adversary("discriminator_b", fake="fake_b", real="real_b", domain="b"),
    ),
    translations={"a_to_b": _translation("a", "b"), "b_to_a": _translation("b", "a")},
    draws=draws,
)
