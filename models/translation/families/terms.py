"""The terms of the generators' objective over named tensors, the same for every family.

Of a domain d (a synthetic, b real) with its other domain e: real_d the input, fake_e what became of it, rec_d the way
back, idt_d what its own generator makes of real_d. A term is summed over the domains, as the equations are.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from models.translation.config import RefinerConfig
from models.translation.families.family import Networks, Term, Values
from models.translation.losses import change_outside, edge_dissimilarity, feature_distance, pixel_distance
from models.translation.networks.discriminators import PatchDiscriminator

Measure = Callable[[Networks, Values], Tensor]


def list_terms(config: RefinerConfig, domains: str) -> tuple[Term, ...]:
    """The terms whose weight is not 0, for a family that translates `domains` ("ab", or "a" alone)."""
    weights = config.losses
    measures: dict[str, Measure] = {
        "cycle_pixel": _pixels("real_{d}", "rec_{d}", domains),
        "cycle_features": _features("real_{d}", "rec_{d}", domains, config),
        "cycle_discriminator": _discriminator_features(domains, config),
        "identity_pixel": _pixels("real_{d}", "fake_{e}", domains),
        "identity_features": _features("real_{d}", "fake_{e}", domains, config),
        "target_identity_pixel": _pixels("real_{d}", "idt_{d}", domains),
        "mean_features": _features("mean_{e}", "fake_{e}", domains, config),
        "unchanged_outside": _unchanged_outside,
        "head_structure": _head_structure,
    }
    chosen = {name: measure for name, measure in measures.items() if config.has_term(name)}
    return tuple(Term(name, getattr(weights, name), measure) for name, measure in chosen.items())


def features_needed(config: RefinerConfig, domains: str) -> tuple[list[str], list[str]]:
    """Names of (inputs, outputs) of the generators whose features some term compares."""
    inputs = _named("real_{d}", domains) if config.has_term("cycle_features", "identity_features") else []
    outputs = _named("rec_{d}", domains) if config.has_term("cycle_features") else []
    if config.has_term("identity_features", "mean_features"):
        outputs = outputs + _named("fake_{e}", domains)
    return inputs, outputs


def add_features(values: Values, network: Callable[[Tensor], list[Tensor]], names: list[str]) -> Values:
    """`values` with name/0, name/1 ... for the layers of every named image, from one call of the network."""
    maps = network(torch.cat([values[name] for name in names]))
    sizes = [len(values[name]) for name in names]
    parts = [layer.split(sizes) for layer in maps]
    found = {f"{name}/{i}": part[k] for i, part in enumerate(parts) for k, name in enumerate(names)}
    return {**values, **found}


def mean_features(
    domains: Mapping[str, Tensor], network: Callable[[Tensor], list[Tensor]], *, batch_size: int = 16
) -> Values:
    """mean_a/0, mean_b/0 ...: the mean features [1, c, h, w] of each domain's images bchw (Eq. 2.20).

    The equation prints the features of the mean image; the thesis's text describes the mean of the features.
    """
    means = {}
    with torch.no_grad():
        for name, images in domains.items():
            sums = [
                [layer.double().sum(0, keepdim=True) for layer in network(chunk)]
                for chunk in images.split(batch_size)
            ]
            for index, layers in enumerate(zip(*sums, strict=True)):
                mean = torch.stack(layers).sum(0) / len(images)
                means[f"{name.replace('real', 'mean')}/{index}"] = mean.float()
    return means


def _pixels(first: str, second: str, domains: str) -> Measure:
    pairs = list(zip(_named(first, domains), _named(second, domains), strict=True))

    def measure(networks: Networks, values: Values) -> Tensor:
        return _sum([pixel_distance(values[one], values[other]) for one, other in pairs])

    return measure


def _features(first: str, second: str, domains: str, config: RefinerConfig) -> Measure:
    pairs = list(zip(_named(first, domains), _named(second, domains), strict=True))
    layers = range(len(config.features.chosen_layers))

    def measure(networks: Networks, values: Values) -> Tensor:
        return _sum(
            [
                feature_distance(
                    [values[f"{one}/{layer}"] for layer in layers],
                    [values[f"{other}/{layer}"] for layer in layers],
                    norm=config.losses.feature_norm,
                )
                for one, other in pairs
            ]
        )

    return measure


def _discriminator_features(domains: str, config: RefinerConfig) -> Measure:
    weights = config.losses

    def chosen(discriminator: nn.Module, image_bchw: Tensor) -> list[Tensor]:
        assert isinstance(discriminator, PatchDiscriminator)
        features = discriminator.features(image_bchw)
        return [features[layer - 1] for layer in weights.discriminator_layers]

    def measure(networks: Networks, values: Values) -> Tensor:
        return _sum(
            [
                feature_distance(
                    chosen(networks[f"discriminator_{domain}"], values[f"real_{domain}"]),
                    chosen(networks[f"discriminator_{domain}"], values[f"rec_{domain}"]),
                    norm=weights.feature_norm,
                )
                for domain in domains
            ]
        )

    return measure


def _unchanged_outside(networks: Networks, values: Values) -> Tensor:
    return change_outside(values["real_a"], values["fake_b"], values["outline_a"])


def _head_structure(networks: Networks, values: Values) -> Tensor:
    return edge_dissimilarity(values["real_a"], values["fake_b"], values["head_a"])


def _named(pattern: str, domains: str) -> list[str]:
    return [pattern.format(d=domain, e="b" if domain == "a" else "a") for domain in domains]


def _sum(losses: list[Tensor]) -> Tensor:
    return torch.stack(losses).sum()
