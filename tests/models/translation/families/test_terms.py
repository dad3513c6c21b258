import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from models.features.config import FeaturesConfig
from models.translation.config import RefinerConfig
from models.translation.families.aggan_config import AgganConfig, AgganLosses
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.families.family import Family
from models.translation.families.one_way_config import OneWayConfig
from models.translation.families.registry import FAMILIES
from models.translation.families.terms import add_features, mean_features
from models.translation.families.unit_config import UnitConfig, UnitLosses
from models.translation.networks.configs import (
    DiscriminatorConfig,
    GeneratorConfig,
    UnitDiscriminatorConfig,
    UnitGeneratorConfig,
)
from models.translation.updating import generator_objective
from tests.models.translation.objectives import CONFIGS, make_batch, make_learners

SMALL = {
    "generator": GeneratorConfig(filters=2, blocks=1),
    "discriminator": DiscriminatorConfig(filters=2),
    "features": FeaturesConfig(layers=(1, 2)),
}
TINY = CycleganConfig(**SMALL, losses=CycleganLosses(cycle_pixel=0))
TINIES: dict[str, RefinerConfig] = {
    "cyclegan": TINY,
    "aggan": AgganConfig(**SMALL, losses=AgganLosses(cycle_pixel=0)),
    "one_way": OneWayConfig(**SMALL),
    "unit": UnitConfig(
        generator=UnitGeneratorConfig(filters=2, blocks=1),
        discriminator=UnitDiscriminatorConfig(filters=2),
        features=FeaturesConfig(layers=(1, 2)),
        losses=UnitLosses(cycle_pixel=0, self_reconstruction_pixel=0, kl=0, cycle_kl=0),
    ),
}
BOTH_WAYS, ONE_WAY = ("cyclegan", "aggan", "unit"), ("one_way",)


def measure(family: Family, config: RefinerConfig, name: str, **values: Tensor) -> float:
    config = replace(config, losses=replace(config.losses, **{name: 0.25}))
    (term,) = family.list_terms(config)
    assert (term.name, term.weight) == (name, 0.25)
    return term.measure(family.build_networks(config), values).item()


def image(value: float, *, side: int = 4) -> Tensor:
    return torch.full((1, 3, side, side), value)


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_pixel_terms_sum_both_directions(name):
    family = FAMILIES[name]

    def of(term: str, **values: float) -> float:
        return measure(family, TINIES[name], term, **{key: image(value) for key, value in values.items()})

    # Eq. 2.8: |x - F(G(x))| + |y - G(F(y))|
    assert of("cycle_pixel", real_a=0, rec_a=2, real_b=1, rec_b=-2) == 2 + 3
    # Eq. 2.17: |G(x) - x| + |F(y) - y|, where G(x) = fake_b of x = real_a
    assert of("identity_pixel", real_a=0, fake_b=1, real_b=0.5, fake_a=-2) == 1 + 2.5


def test_the_papers_identity_compares_an_image_with_what_its_own_generator_makes_of_it():
    values = {"real_a": image(0), "idt_a": image(1), "real_b": image(2), "idt_b": image(-2)}
    assert measure(FAMILIES["cyclegan"], TINY, "target_identity_pixel", **values) == 1 + 4


def test_the_one_way_family_has_one_direction():
    name = "one_way"
    family = FAMILIES[name]
    values = {"real_a": image(0), "fake_b": image(1.5)}
    assert measure(family, TINIES[name], "identity_pixel", **values) == 1.5
    maps = {"real_a/0": [3.0], "fake_b/0": [0.0], "real_a/1": [1.0], "fake_b/1": [1.0], "mean_b/0": [1.0]}
    tensors = {name: torch.tensor([value]) for name, value in (maps | {"mean_b/1": [0.0]}).items()}
    assert measure(family, TINIES[name], "identity_features", **tensors) == 3 + 0
    assert measure(family, TINIES[name], "mean_features", **tensors) == 1 + 1


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_feature_terms_sum_norms_over_layers_and_both_directions(name):
    maps = {
        "real_a/0": [3.0, 4.0],
        "real_a/1": [1.0],
        "real_b/0": [0.0, 5.0],
        "real_b/1": [2.0],
        "rec_a/0": [0.0, 0.0],
        "rec_a/1": [1.0],
        "rec_b/0": [0.0, 4.0],
        "rec_b/1": [0.0],
        "fake_b/0": [3.0, 0.0],
        "fake_b/1": [0.0],
        "fake_a/0": [0.0, 8.0],
        "fake_a/1": [2.0],
        "mean_a/0": [6.0, 0.0],
        "mean_a/1": [0.0],
        "mean_b/0": [3.0, 7.0],
        "mean_b/1": [4.0],
    }
    values = {key: torch.tensor([value]) for key, value in maps.items()}
    family = FAMILIES[name]
    # Eq. 2.18: (|3 4| + |0|) of a, (|0 1| + |2|) of b
    assert measure(family, TINIES[name], "cycle_features", **values) == (5 + 0) + (1 + 2)
    # Eq. 2.19: real_a with fake_b (|0 4| + |1|), real_b with fake_a (|0 -3| + |0|)
    assert measure(family, TINIES[name], "identity_features", **values) == (4 + 1) + (3 + 0)
    # Eq. 2.20: what became of a with the mean of b (|0 7| + |4|), and the other way (|6 -8| + |2|)
    assert measure(family, TINIES[name], "mean_features", **values) == (7 + 4) + (10 + 2)


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_the_perceptual_term_compares_what_an_image_shows_with_what_became_of_it_both_ways(name):
    flat, steps, mirrored = [1.0, 1.0], [0.0, 2.0], [9.0, 5.0]  # normalised: 0 0, -1 1 and 1 -1
    maps = {"real_a/0": steps, "fake_b/0": mirrored, "real_b/0": flat, "fake_a/0": steps}
    maps |= {f"{kind}/1": flat for kind in ("real_a", "real_b", "fake_a")} | {"fake_b/1": mirrored}
    values = {key: torch.tensor(value).view(1, 1, 1, 2) for key, value in maps.items()}
    # a to b: 2^2 in the first layer and 1 in the second; b to a: 1 and 0
    found = measure(FAMILIES[name], TINIES[name], "perceptual", **values)
    assert found == pytest.approx((4 + 1) + (1 + 0), rel=1e-4)
    needs = FAMILIES[name].needs(replace(TINIES[name], losses=replace(TINIES[name].losses, perceptual=1.0)))
    assert needs.input_features == ("real_a", "real_b") and needs.output_features == ("fake_b", "fake_a")


@pytest.mark.parametrize("name", BOTH_WAYS + ONE_WAY)
def test_region_terms_compare_synthetic_images_with_what_became_of_them(name):
    outline = torch.ones(1, 1, 4, 4)
    outline[..., 2:] = 0
    values = {"real_a": image(0), "fake_b": image(0.5), "outline_a": outline}
    assert measure(FAMILIES[name], TINIES[name], "unchanged_outside", **values) == 0.5
    ramp = torch.arange(8.0).expand(1, 3, 8, 8)
    values = {"real_a": ramp, "fake_b": -ramp, "kept_a": torch.ones(1, 1, 8, 8)}
    assert measure(FAMILIES[name], TINIES[name], "head_structure", **values) == pytest.approx(2, abs=1e-5)


@pytest.mark.parametrize("layers", [(1, 2, 3, 4), (2, 4)])
def test_the_discriminator_cycle_compares_activations_of_each_domains_own_discriminator(layers):
    weights = CycleganLosses(cycle_pixel=0, cycle_discriminator=1.0, discriminator_layers=layers)
    config = replace(TINY, losses=weights)
    family = FAMILIES["cyclegan"]
    torch.manual_seed(0)
    networks = family.build_networks(config)
    values = {name: torch.rand(2, 3, 32, 32) for name in ("real_a", "rec_a", "real_b", "rec_b")}
    expected = 0.0
    with torch.no_grad():
        for domain in "ab":
            judge = networks[f"discriminator_{domain}"]
            real, rec = (judge.features(values[f"{kind}_{domain}"]) for kind in ("real", "rec"))
            for layer in layers:
                difference = (real[layer - 1] - rec[layer - 1]).numpy().reshape(2, -1)
                expected += np.sqrt((difference**2).sum(1)).mean()
    (term,) = family.list_terms(config)
    assert term.measure(networks, values).item() == pytest.approx(expected, rel=1e-5)
    perfect = values | {"rec_a": values["real_a"], "rec_b": values["real_b"]}
    assert term.measure(networks, perfect).item() == 0


def test_terms_of_weight_0_are_left_out():
    names = [term.name for term in FAMILIES["cyclegan"].list_terms(CycleganConfig())]
    assert names == ["cycle_pixel"]
    assert FAMILIES["cyclegan"].list_terms(TINY) == ()


def two_layers(images_bchw: Tensor) -> list[Tensor]:
    """In the place of a feature network: the image itself, and its doubled red channel."""
    return [images_bchw, 2 * images_bchw[:, :1]]


def test_features_of_many_images_come_from_one_call_under_their_own_names():
    calls = []

    def network(images_bchw: Tensor) -> list[Tensor]:
        calls.append(len(images_bchw))
        return two_layers(images_bchw)

    values = {"real_a": torch.rand(2, 3, 4, 4), "real_b": torch.rand(1, 3, 4, 4)}
    found = add_features(values, network, ["real_a", "real_b"])
    assert calls == [3]
    assert set(found) == {"real_a", "real_b", "real_a/0", "real_a/1", "real_b/0", "real_b/1"}
    for name, images in values.items():
        for layer, expected in enumerate(two_layers(images)):
            assert torch.equal(found[f"{name}/{layer}"], expected)


def test_mean_features_are_those_of_all_images_over_uneven_batches():
    domains = {"real_a": torch.rand(5, 3, 4, 4), "real_b": torch.rand(3, 3, 4, 4)}
    means = mean_features(domains, two_layers, batch_size=2)
    assert set(means) == {"mean_a/0", "mean_a/1", "mean_b/0", "mean_b/1"}
    for name, images in domains.items():
        array, mean = images.numpy().astype(np.float64), name.replace("real", "mean")
        np.testing.assert_allclose(means[f"{mean}/0"], array.mean(0, keepdims=True), rtol=1e-6)
        np.testing.assert_allclose(means[f"{mean}/1"], 2 * array[:, :1].mean(0, keepdims=True), rtol=1e-6)


@pytest.mark.parametrize(
    ("term", "inputs", "outputs"),
    [
        ("cycle_features", ["real_a", "real_b"], ["rec_a", "rec_b"]),
        ("identity_features", ["real_a", "real_b"], ["fake_b", "fake_a"]),
        ("mean_features", [], ["fake_b", "fake_a"]),
        ("cycle_pixel", [], []),
    ],
)
def test_only_features_that_a_term_compares_are_computed(term, inputs, outputs):
    config = replace(TINY, losses=replace(TINY.losses, **{term: 1.0}))
    needs = FAMILIES["cyclegan"].needs(config)
    assert (list(needs.input_features), list(needs.output_features)) == (inputs, outputs)
    assert needs.means == (("mean_b", "mean_a") if term == "mean_features" else ())


def test_features_of_real_images_get_no_gradient_and_those_of_generated_ones_do():
    config = replace(CONFIGS["cyclegan, features"], features=FeaturesConfig(layers=(1, 2)))
    batch = make_batch(config)
    batch["real_a"].requires_grad_()
    values, _, _ = generator_objective(make_learners(config), batch, "free")
    for layer in (0, 1):
        for name in ("real_a", "real_b", "mean_a", "mean_b"):
            assert not values[f"{name}/{layer}"].requires_grad
        for name in ("rec_a", "rec_b", "fake_a", "fake_b"):
            assert values[f"{name}/{layer}"].requires_grad


@pytest.mark.parametrize("name", CONFIGS)
def test_the_generators_objective_is_the_weighted_sum_of_its_losses(name):
    config = replace(CONFIGS[name], losses=replace(CONFIGS[name].losses, adversarial=3.0))
    _, losses, total = generator_objective(make_learners(config), make_batch(config), "free")
    weights = vars(config.losses)
    expected = sum(
        weights["adversarial" if key.startswith("adversarial_") else key] * loss.item()
        for key, loss in losses.items()
    )
    assert math.isclose(total.item(), expected, rel_tol=1e-5)
    adversaries = FAMILIES[config.family].adversaries
    assert sum(key.startswith("adversarial_") for key in losses) == len(adversaries)


def test_domains_with_weights_of_their_own_have_terms_of_their_own():
    config = replace(
        TINY,
        losses=CycleganLosses(cycle_pixel=10.0, unchanged_outside=2.0),
        losses_b=CycleganLosses(cycle_pixel=4.0, identity_pixel=1.0, head_structure=3.0),
    )
    terms = {term.name: term for term in FAMILIES["cyclegan"].list_terms(config)}
    assert {name: term.weight for name, term in terms.items()} == {
        "cycle_pixel_a": 10,
        "unchanged_outside_a": 2,
        "cycle_pixel_b": 4,
        "identity_pixel_b": 1,
        "head_structure_b": 3,
    }
    networks = FAMILIES["cyclegan"].build_networks(config)
    values = {
        "real_a": image(0),
        "rec_a": image(2),
        "real_b": image(1),
        "rec_b": image(-2),
        "fake_a": image(1.5),
    }
    found = {
        name: terms[name].measure(networks, values).item()
        for name in ("cycle_pixel_a", "cycle_pixel_b", "identity_pixel_b")
    }
    assert found == {"cycle_pixel_a": 2, "cycle_pixel_b": 3, "identity_pixel_b": 0.5}
    assert FAMILIES["cyclegan"].needs(config).regions == ("outline_a", "kept_b")


def test_each_domain_weighs_the_fooling_of_its_discriminator():
    config = replace(
        CONFIGS["cyclegan"],
        losses=CycleganLosses(adversarial=2.0, cycle_pixel=0.0),
        losses_b=CycleganLosses(adversarial=5.0, cycle_pixel=0.0),
    )
    _, losses, total = generator_objective(make_learners(config), make_batch(config), "free")
    expected = 2 * losses["adversarial_fake_a"].item() + 5 * losses["adversarial_fake_b"].item()
    assert total.item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", BOTH_WAYS + ONE_WAY)
def test_every_weight_of_a_family_has_its_term(name):
    weights = {key: 2.0 for key, value in vars(TINIES[name].losses).items() if isinstance(value, int | float)}
    config = replace(TINIES[name], losses=replace(TINIES[name].losses, **weights))
    terms = {term.name: term.weight for term in FAMILIES[name].list_terms(config)}
    assert terms == {key: 2.0 for key in weights if key != "adversarial"}
    assert len(terms) == {"cyclegan": 10, "aggan": 8, "one_way": 8, "unit": 11}[name]
