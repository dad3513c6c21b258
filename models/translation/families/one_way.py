"""One generator and one discriminator: SimGAN by its identity terms, CUT and FastCUT by their contrastive ones.

SimGAN: Shrivastava et al. 2017. CUT: Park et al. 2020; a patch of the output must say which patch of the input it came
from. FastCUT also asks that a mirrored image gives mirrored features; what else looks at images sees them upright.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.translation.config import ContrastConfig, RefinerConfig
from models.translation.families.family import (
    Adversary,
    Draws,
    Family,
    Networks,
    Refined,
    Term,
    Values,
    initialise,
)
from models.translation.families.terms import list_terms as list_common_terms
from models.translation.losses import patch_contrast
from models.translation.networks.discriminators import PatchDiscriminator
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


def build_networks(config: RefinerConfig) -> nn.ModuleDict:
    """A generator, a discriminator and, for contrastive terms, a head for every compared layer."""
    generator = ResnetGenerator(config.generator)
    networks = nn.ModuleDict(
        {"a_to_b": generator, "discriminator_b": PatchDiscriminator(config.discriminator)}
    )
    if config.has_term("contrast", "identity_contrast"):
        networks["heads"] = nn.ModuleList(
            PatchHead(width, config.contrast.embedding) for width in generator.feature_widths
        )
    return networks.apply(initialise)


def translate(networks: Networks, batch: Values, config: RefinerConfig) -> Values:
    """Adds fake_b and, where a term wants it, idt_b; bchw in -1..1."""
    names = {"fake_b": "real_a"} | ({"idt_b": "real_b"} if config.has_term("identity_contrast") else {})
    inputs = torch.cat([_mirrored(batch[name], batch) for name in names.values()])
    outputs = networks["a_to_b"](inputs).chunk(len(names))
    return {**batch, **{name: _mirrored(output, batch) for name, output in zip(names, outputs, strict=True)}}


def _mirrored(images_bchw: Tensor, batch: Values) -> Tensor:
    """Images, or features, of which those that the step's numbers name are mirrored; its own inverse."""
    if "mirror" not in batch:
        return images_bchw
    return torch.where(batch["mirror"] < 0.5, images_bchw.flip(3), images_bchw)


def list_terms(config: RefinerConfig) -> tuple[Term, ...]:
    """The common terms of the one direction, and the contrastive ones."""
    pairs = {"contrast": ("real_a", "fake_b"), "identity_contrast": ("real_b", "idt_b")}
    contrastive = tuple(
        Term(name, getattr(config.losses, name), _contrast(before, after, config.contrast))
        for name, (before, after) in pairs.items()
        if config.has_term(name)
    )
    return list_common_terms(config, "a") + contrastive


def draws(config: RefinerConfig) -> Draws:
    """Places of the patches: for each of at most five layers, in both contrasts. Which images are mirrored."""
    shape = (5, config.contrast.patches)
    places: Draws = {f"patches_{name}": shape for name in _TERM_OF if config.has_term(_TERM_OF[name])}
    return places | ({"mirror": (config.batch_size, 1, 1, 1)} if places and config.contrast.mirror else {})


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


def refine(networks: Networks, images_bchw: Tensor) -> Refined:
    return Refined(networks["a_to_b"](images_bchw))


ONE_WAY = Family(
    domains="a",
    build_networks=build_networks,
    translate=translate,
    list_terms=list_terms,
    adversaries=(Adversary("discriminator_b", fake="fake_b", real="real_b"),),
    refine=refine,
    draws=draws,
)
