"""Translators between domains that are no colour photos, in both directions."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.features.config import FeaturesConfig
from models.training.checkpoints import load_weights
from models.translation.domains import Domains, array_domain
from models.translation.families.aggan_config import AgganConfig
from models.translation.families.cyclegan import build_networks
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.families.one_way_config import OneWayConfig
from models.translation.images import to_bytes, to_floats
from models.translation.networks.configs import AttentionConfig, DiscriminatorConfig, GeneratorConfig
from models.translation.refining import load_refiner, refine, refine_parts
from models.translation.sources import ArraySource
from models.translation.training import Hooks, train_refiner

SHORT = {
    "generator": GeneratorConfig(filters=4, blocks=1),
    "discriminator": DiscriminatorConfig(filters=4),
    "epochs": None,
    "steps": 2,
    "batch_size": 2,
    "device": "cpu",
    "precision": "fp32",
}
CYCLEGAN = CycleganConfig(**SHORT)


def images(count: int, channels: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 32, 36, channels), dtype=np.uint8)


def train(config, a: int = 3, b: int = 3) -> dict:
    domains = Domains(array_domain("photos", images(4, a)), array_domain("maps", images(3, b, seed=1)))
    return train_refiner(config, domains, seed=0, resume=None, hooks=Hooks())


@pytest.mark.parametrize(("a", "b"), [(3, 20), (4, 4), (1, 3)])
def test_a_cyclegan_translates_both_ways_between_domains_of_any_channels(a, b):
    state = train(CYCLEGAN, a, b)
    assert state["channels"] == {"a": a, "b": b}
    networks = build_networks(CYCLEGAN, {"a": a, "b": b})
    load_weights(networks, state["networks"])
    for direction, channels in (("a_to_b", a), ("b_to_a", b)):
        given = images(3, channels, seed=7)
        found = refine(state, given, direction=direction, device="cpu", precision="fp32")
        with torch.no_grad():
            expected = to_bytes(networks[direction](to_floats(torch.from_numpy(given).permute(0, 3, 1, 2))))
        np.testing.assert_allclose(found.astype(int), expected.permute(0, 2, 3, 1).numpy(), atol=1)
    with pytest.raises(ValueError, match=rf"must be uint8 \[n, height, width, {b}\]"):
        refine(state, images(1, 5), direction="b_to_a")


class WatchedSource(ArraySource):
    """Knows how many images were asked for."""

    def __init__(self, array: np.ndarray) -> None:
        super().__init__(array)
        self.num_read = 0

    def read(self, indices: np.ndarray) -> np.ndarray:
        self.num_read += len(indices)
        return super().read(indices)


def test_images_that_do_not_fit_into_memory_are_translated_part_by_part():
    state, given = train(CYCLEGAN), images(5, 3, seed=7)
    source, cpu = WatchedSource(given), torch.device("cpu")
    parts = refine_parts(load_refiner(state, cpu, "fp32", "b_to_a"), source, cpu, batch_size=2)
    first = next(parts)
    assert source.num_read == 2 and first.dtype == np.uint8
    whole = refine(state, given, direction="b_to_a", batch_size=2, device="cpu", precision="fp32")
    assert np.array_equal(np.concatenate((first, *parts)), whole)


def test_an_attention_translator_blends_in_both_directions():
    config = AgganConfig(**SHORT, attention=AttentionConfig(filters=4))
    state = train(config, 4, 4)
    there, back = (refine(state, images(2, 4), direction=way, device="cpu") for way in ("a_to_b", "b_to_a"))
    assert there.shape == back.shape == (2, 32, 36, 4) and not np.array_equal(there, back)


def test_a_translator_of_one_way_has_no_other():
    state = train(OneWayConfig(**SHORT))
    with pytest.raises(
        ValueError, match="must be a_to_b for a translator of the family one_way, but was 'b_to_a'"
    ):
        refine(state, images(1, 3), direction="b_to_a")


@pytest.mark.parametrize("config", [CYCLEGAN, OneWayConfig(**SHORT)], ids=lambda config: config.family)
def test_a_refiner_of_before_families_and_domains_had_settings_of_their_own_still_refines(config):
    state, given = train(config), images(2, 3)
    foreign = {"cycle_pixel": 10.0, "contrast": 0.0, "cycle_discriminator": 0.0}
    old = {name: value for name, value in state.items() if name != "channels"}
    old["config"] = {
        **{"attention": {"filters": 32}, "contrast": {"patches": 256}},
        **state["config"],
        "losses": foreign | state["config"]["losses"],
    }
    assert np.array_equal(refine(old, given), refine(state, given))


@pytest.mark.parametrize(
    ("config", "a", "message"),
    [
        (
            replace(CYCLEGAN, generator=GeneratorConfig(filters=4, blocks=1, has_skip=True)),
            4,
            "has_skip adds the input to the output, but they have 4 and 3 channels; set has_skip: false",
        ),
        (AgganConfig(**SHORT), 4, "they have 4 and 3 channels; set family: cyclegan"),
        (
            replace(
                CYCLEGAN, losses=CycleganLosses(identity_features=1.0), features=FeaturesConfig(layers=(1,))
            ),
            4,
            "compare colour images, but the domains have 4 and 3 channels",
        ),
    ],
)
def test_what_needs_equal_or_colour_images_says_so(config, a, message):
    with pytest.raises(ValueError, match=message):
        train(config, a, 3)


def test_a_training_goes_on_from_half_of_it_with_several_scales_and_domains_of_their_own_weights():
    config = replace(
        CYCLEGAN,
        steps=4,
        checkpoint_every_steps=2,
        discriminator=DiscriminatorConfig(filters=4, scales=(1, 2)),
        losses_b=CycleganLosses(cycle_pixel=1.0),
    )
    rng = np.random.default_rng(0)
    crops = [rng.integers(0, 256, (3, 64, 64, channels), dtype=np.uint8) for channels in (4, 20)]
    domains = Domains(array_domain("photos", crops[0]), array_domain("maps", crops[1]))
    saved: list[dict] = []
    whole = train_refiner(config, domains, seed=0, resume=None, hooks=Hooks(saved.append))
    rest = train_refiner(config, domains, seed=0, resume=saved[0], hooks=Hooks())
    assert {"cycle_pixel_a", "cycle_pixel_b"} <= whole["history"][-1].keys()
    assert all(torch.equal(rest["networks"][name], value) for name, value in whole["networks"].items())
    assert any(name.startswith("discriminator_b.discriminators.1.") for name in whole["networks"])
