"""One generator and one discriminator: SimGAN by its identity terms, CUT and FastCUT by their contrastive ones.

SimGAN: Shrivastava et al. 2017. CUT: Park et al. 2020; a patch of the output must say which patch of the input it came
from. FastCUT also asks that a mirrored image gives mirrored features; what else looks at images sees them upright.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

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
    Values,
    initialise,
)
from models.translation.families.one_way_config import OneWayConfig
from models.translation.families.terms import list_terms as list_common_terms
from models.translation.losses import patch_contrast
from models.translation.networks.configs import ContrastConfig
from models.translation.networks.discriminators import build_discriminator
from models.translation.networks.generators import ResnetGenerator


class PatchHead(nn.Module):
    """Maps features of patches [b, p, c] to unit vectors [b, p, embedding] that can be compared."""

    def __init__(self, channels: int, embedding: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(channels, embedding), nn.ReLU(inplace=True), nn.Linear(embedding, embedding)
        )

    def forward(self, features_bpc: Tensor) -> Tensor:
        return functional.normalize(self.layers(features_bpc).float(), dim=-1, eps=1e-7)


def build_networks(config: OneWayConfig, channels: Channels = COLOUR) -> nn.ModuleDict:
    """A generator, a discriminator and, for contrastive terms, a head for every compared layer."""
    generator = ResnetGenerator(config.generator, channels["a"], channels["b"])
    networks = nn.ModuleDict(
        {"a_to_b": generator, "discriminator_b": build_discriminator(config.discriminator, channels["b"])}
    )
    if config.losses.contrast > 0 or config.losses.identity_contrast > 0:
        networks["heads"] = nn.ModuleList(
            PatchHead(width, config.contrast.embedding) for width in generator.feature_widths
        )
    return networks.apply(initialise)


def translate(networks: Networks, batch: Values, config: OneWayConfig) -> Values:
    """Adds fake_b and, where a term wants it, idt_b; bchw in -1..1."""
    names = {"fake_b": "real_a"} | ({"idt_b": "real_b"} if config.losses.identity_contrast > 0 else {})
    inputs = [_mirrored(batch[name], batch) for name in names.values()]
    if config.generator.norm == "batch":  # which would take the statistics of both domains together
        outputs = [networks["a_to_b"](images) for images in inputs]
    else:
        outputs = networks["a_to_b"](torch.cat(inputs)).chunk(len(names))
    return {**batch, **{name: _mirrored(output, batch) for name, output in zip(names, outputs, strict=True)}}


def _mirrored(images_bchw: Tensor, batch: Values) -> Tensor:
    """Images, or features, of which those that the step's numbers name are mirrored; its own inverse."""
    if "mirror" not in batch:
        return images_bchw
    return torch.where(batch["mirror"] < 0.5, images_bchw.flip(3), images_bchw)


def list_terms(config: OneWayConfig) -> tuple[Term, ...]:
    """The common terms of the one direction, and the contrastive ones."""
    pairs = {"contrast": ("real_a", "fake_b"), "identity_contrast": ("real_b", "idt_b")}
    contrastive = tuple(
        Term(name, config.losses.weight(name), _contrast(before, after, config.contrast))
        for name, (before, after) in pairs.items()
        if config.losses.weight(name) > 0
    )
    return list_common_terms(config, "a") + contrastive


def draws(config: OneWayConfig, shapes: ImageShapes) -> tuple[Draw, ...]:
    """Places of the patches: for each of at most five layers, in both contrasts. Which images are mirrored."""
    shape = (5, config.contrast.patches)
    compared = [name for name, term in _TERM_OF.items() if config.losses.weight(term) > 0]
    places = tuple(Draw(f"patches_{name}", shape) for name in compared)
    is_mirrored = bool(places) and config.contrast.mirror
    return places + ((Draw("mirror", (config.batch_size, 1, 1, 1)),) if is_mirrored else ())


_TERM_OF = {"fake_b": "contrast", "idt_b": "identity_contrast"}


def _contrast(before: str, after: str, config: ContrastConfig):
    def measure(networks: Networks, values: Values) -> Tensor:
        generator, heads, places = networks["a_to_b"], networks["heads"], values[f"patches_{after}"]
        assert isinstance(generator, ResnetGenerator)
        assert isinstance(heads, nn.ModuleList)
        shown = generator.features(_mirrored(values[after], values))
        queries = _embed(heads, [_mirrored(feature, values) for feature in shown], places)
        with torch.no_grad():
            keys = _embed(heads, generator.features(values[before]), places)
        losses = [
            patch_contrast(query, key, temperature=config.temperature)
            for query, key in zip(queries, keys, strict=True)
        ]
        return torch.stack(losses).mean()

    return measure


def _embed(heads: nn.ModuleList, features: list[Tensor], places: Tensor) -> list[Tensor]:
    return [
        head(sample_patches(feature, place))
        for head, feature, place in zip(heads, features, places, strict=False)
    ]


def sample_patches(features_bchw: Tensor, numbers_p: Tensor) -> Tensor:
    """Features [b, p, c] at the places that uniform numbers in 0..1 name, the same in every image.

    A layer of fewer places than numbers gives all of its places once.
    """
    flat = features_bchw.flatten(2).transpose(1, 2)
    count = flat.shape[1]
    if count <= len(numbers_p):
        return flat
    # One number names one place in its own share of all: no place comes twice.
    edges = torch.arange(len(numbers_p) + 1, device=flat.device) * count // len(numbers_p)
    return flat[:, edges[:-1] + (numbers_p * edges.diff()).long()]


ONE_WAY = Family(
    build_networks=build_networks,
    translate=translate,
    list_terms=list_terms,
    adversaries=(Adversary("discriminator_b", fake="fake_b", real="real_b", domain="b"),),
    translations={"a_to_b": lambda networks, images: Refined(networks["a_to_b"](images))},
    draws=draws,
)
