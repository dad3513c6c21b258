"""The terms of the generators' objective over named tensors, the same for every family.

Of a domain d (a synthetic, b real) with its other domain e: real_d the input, fake_e what became of it, rec_d the way
back, idt_d what its own generator makes of real_d. A term is summed over the domains, as the equations are, unless the
domains have weights of their own: then it is one term a domain.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn

from models.translation.families.family import Needs, Networks, Term, Values
from models.translation.image_sets import ImageSet
from models.translation.loss_weights import FeatureNorm, Losses
from models.translation.losses import (
    change_outside,
    edge_dissimilarity,
    feature_distance,
    perceptual_distance,
    pixel_distance,
)
from models.translation.networks.discriminators import PatchDiscriminator, ScaledDiscriminators
from models.translation.translator_config import TranslatorConfig

Measure = Callable[[Networks, Values], Tensor]
Measured = tuple[Measure, Needs]
Comparison = Callable[[Sequence[Tensor], Sequence[Tensor]], Tensor]


def list_terms(config: TranslatorConfig, domains: str) -> tuple[Term, ...]:
    """The terms whose weight is not 0, for a family that translates `domains` ("ab", or "a" alone).

    Terms of regions look at domain a, and at b where b has weights of its own.
    """
    if all(config.losses_of(domain) is config.losses for domain in domains):
        return _terms(config.losses, config, domains, regions_of="a")
    return tuple(
        replace(term, name=f"{term.name}_{domain}")
        for domain in domains
        for term in _terms(config.losses_of(domain), config, domain, regions_of=domain)
    )


def _terms(losses: Losses, config: TranslatorConfig, domains: str, *, regions_of: str) -> tuple[Term, ...]:
    norm: FeatureNorm = getattr(losses, "feature_norm", "euclidean")
    compare = partial(feature_distance, norm=norm)
    layers = len(config.features.chosen_layers)
    compared: Sequence[int] = getattr(losses, "discriminator_layers", ())
    measures: dict[str, Measured] = {
        "cycle_pixel": _pixels("real_{d}", "rec_{d}", domains),
        "cycle_features": _features("real_{d}", "rec_{d}", domains, layers, compare),
        "cycle_discriminator": _discriminator_features(domains, compared, norm),
        "identity_pixel": _pixels("real_{d}", "fake_{e}", domains),
        "identity_features": _features("real_{d}", "fake_{e}", domains, layers, compare),
        "perceptual": _features("real_{d}", "fake_{e}", domains, layers, perceptual_distance),
        "target_identity_pixel": _pixels("real_{d}", "idt_{d}", domains),
        "mean_features": _features("mean_{e}", "fake_{e}", domains, layers, compare),
        "unchanged_outside": _in_region(change_outside, "outline", regions_of),
        "head_structure": _in_region(edge_dissimilarity, "kept", regions_of),
    }
    return tuple(
        Term(name, losses.weight(name), *measured)
        for name, measured in measures.items()
        if losses.weight(name) > 0
    )


def add_features(values: Values, network: Callable[[Tensor], list[Tensor]], names: list[str]) -> Values:
    """`values` with name/0, name/1 ... for the layers of every named image, from one call of the network."""
    maps = network(torch.cat([values[name] for name in names]))
    sizes = [len(values[name]) for name in names]
    parts = [layer.split(sizes) for layer in maps]
    found = {f"{name}/{i}": part[k] for i, part in enumerate(parts) for k, name in enumerate(names)}
    return {**values, **found}


def mean_features(
    domains: Mapping[str, ImageSet], network: Callable[[Tensor], list[Tensor]], *, batch_size: int = 16
) -> Values:
    """mean_a/0, mean_b/0 ...: the mean features [1, c, h, w] of each domain's images bchw (Eq. 2.20).

    The equation prints the features of the mean image; the thesis's text describes the mean of the features.
    """
    means = {}
    with torch.no_grad():
        for name, images in domains.items():
            sums = [
                [layer.double().sum(0, keepdim=True) for layer in network(chunk)]
                for chunk in _chunks(images, batch_size)
            ]
            for index, layers in enumerate(zip(*sums, strict=True)):
                mean = torch.stack(layers).sum(0) / len(images)
                means[f"{name.replace('real', 'mean')}/{index}"] = mean.float()
    return means


def _chunks(images: ImageSet, size: int) -> Iterator[Tensor]:
    for start in range(0, len(images), size):
        yield images[list(range(start, min(start + size, len(images))))]


def _pixels(first: str, second: str, domains: str) -> Measured:
    pairs = list(zip(_named(first, domains), _named(second, domains), strict=True))

    def measure(networks: Networks, values: Values) -> Tensor:
        return _sum([pixel_distance(values[one], values[other]) for one, other in pairs])

    return measure, Needs()


def _features(first: str, second: str, domains: str, num_layers: int, compare: Comparison) -> Measured:
    firsts, seconds = _named(first, domains), _named(second, domains)
    layers = range(num_layers)

    def measure(networks: Networks, values: Values) -> Tensor:
        return _sum(
            [
                compare(
                    [values[f"{one}/{layer}"] for layer in layers],
                    [values[f"{other}/{layer}"] for layer in layers],
                )
                for one, other in zip(firsts, seconds, strict=True)
            ]
        )

    if first.startswith("mean"):
        return measure, Needs(output_features=tuple(seconds), means=tuple(firsts))
    return measure, Needs(input_features=tuple(firsts), output_features=tuple(seconds))


def _discriminator_features(domains: str, layers: Sequence[int], norm: FeatureNorm) -> Measured:
    def chosen(discriminator: nn.Module, image_bchw: Tensor) -> list[Tensor]:
        assert isinstance(discriminator, PatchDiscriminator | ScaledDiscriminators)
        features = discriminator.features(image_bchw)
        return [features[layer - 1] for layer in layers]

    def measure(networks: Networks, values: Values) -> Tensor:
        return _sum(
            [
                feature_distance(
                    chosen(networks[f"discriminator_{domain}"], values[f"real_{domain}"]),
                    chosen(networks[f"discriminator_{domain}"], values[f"rec_{domain}"]),
                    norm=norm,
                )
                for domain in domains
            ]
        )

    return measure, Needs()


def _in_region(compare: Callable[[Tensor, Tensor, Tensor], Tensor], region: str, domain: str) -> Measured:
    """A comparison of a domain's images with what became of them, in one of its regions or out of it."""
    other = "b" if domain == "a" else "a"

    def measure(networks: Networks, values: Values) -> Tensor:
        return compare(values[f"real_{domain}"], values[f"fake_{other}"], values[f"{region}_{domain}"])

    return measure, Needs(regions=(f"{region}_{domain}",))


def _named(pattern: str, domains: str) -> list[str]:
    return [pattern.format(d=domain, e="b" if domain == "a" else "a") for domain in domains]


def _sum(losses: list[Tensor]) -> Tensor:
    return torch.stack(losses).sum()
