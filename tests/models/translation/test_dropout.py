"""Dropout and batch norm in a training: what they draw and remember, and that being looked at changes neither."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.monitoring.config import MonitoringConfig
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from models.translation.refining import refine
from models.translation.training import Hooks, train_refiner
from tests.models.translation.toy_domains import domains_of

CONFIG = CycleganConfig(
    generator=GeneratorConfig(filters=4, blocks=1, norm="batch", dropout=0.5),
    discriminator=DiscriminatorConfig(filters=4),
    losses=CycleganLosses(target_identity_pixel=1.0),
    epochs=None,
    steps=4,
    batch_size=2,
    ema_decay=0.9,
    device="cpu",
    checkpoint_every_steps=100,
)
MEAN, VARIANCE = "a_to_b.encoder.2.running_mean", "a_to_b.encoder.2.running_var"


def crops(count: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


def train(config: CycleganConfig) -> dict:
    return train_refiner(config, domains_of(crops(5), crops(4, seed=1)), seed=2, resume=None, hooks=Hooks())


def test_looking_at_a_training_changes_nothing_of_it():
    seldom, often = (
        train(replace(CONFIG, monitoring=MonitoringConfig(every_steps=every, subset=3))) for every in (4, 1)
    )
    assert len(often["observations"]) == 4
    for part in ("networks", "average"):
        assert all(torch.equal(seldom[part][name], often[part][name]) for name in seldom[part])


def test_what_is_seen_while_it_trains_is_what_is_refined_afterwards():
    grids: list[np.ndarray] = []
    config = replace(CONFIG, precision="fp32", monitoring=MonitoringConfig(samples=5, subset=3))
    domains = domains_of(crops(5), crops(4, seed=1))
    hooks = Hooks(observe=lambda observation: grids.append(observation.grid))
    state = train_refiner(config, domains, seed=2, resume=None, hooks=hooks)
    refined = refine(state, crops(5), device="cpu", precision="fp32")
    (grid,) = grids
    # the second row of tiles of 32 px, with gaps of 2 px
    found = np.stack([grid[34:, 34 * column : 34 * column + 32] for column in range(5)])
    np.testing.assert_allclose(found.astype(int), refined, atol=1)


def test_refining_drops_nothing_and_looks_at_each_image_alone():
    state = train(CONFIG)
    images = crops(4, seed=5)
    together, again = refine(state, images, batch_size=4), refine(state, images, batch_size=4)
    alone = refine(state, images, batch_size=1)
    assert np.array_equal(together, again)
    np.testing.assert_allclose(together.astype(int), alone, atol=1)


def test_a_training_has_other_dropout_in_every_step_and_with_every_seed():
    # Without learning and flips, and with one image a domain, only dropout differs between steps.
    config = replace(CONFIG, learning_rate=1e-12, flip_probability=0.0, batch_size=1, report_every_steps=1)
    domains = domains_of(crops(1), crops(1, seed=1))
    losses = [
        [
            entry["cycle_pixel"]
            for entry in train_refiner(config, domains, seed=seed, resume=None, hooks=Hooks())["history"]
        ]
        for seed in (0, 0, 1)
    ]
    assert losses[0] == losses[1]
    assert len(set(losses[0]) | set(losses[2])) == 8
    still = replace(config, generator=replace(config.generator, dropout=0.0))
    history = train_refiner(still, domains, seed=0, resume=None, hooks=Hooks())["history"]
    assert history[0]["cycle_pixel"] == pytest.approx(history[3]["cycle_pixel"], rel=1e-3)


def test_statistics_of_batch_norm_are_learnt_kept_and_averaged():
    state = train(CONFIG)
    assert (
        state["networks"]["a_to_b.encoder.2.num_batches_tracked"]
        == state["average"]["a_to_b.encoder.2.num_batches_tracked"]
    )
    for name, start in ((MEAN, 0.0), (VARIANCE, 1.0)):
        raw, average = state["networks"][name], state["average"][name]
        assert not torch.equal(raw, torch.full_like(raw, start))
        assert not torch.equal(raw, average)
        assert torch.isfinite(average).all()


def test_weight_decay_draws_weights_without_a_gradient_towards_0():
    config = replace(
        CONFIG, steps=1, weight_decay=1e-2, losses=CycleganLosses(adversarial=0.0, cycle_pixel=0.0)
    )
    decayed, plain = train(config), train(replace(config, weight_decay=0.0))
    name = "a_to_b.encoder.1.weight"
    before, after = plain["networks"][name].double(), decayed["networks"][name].double()
    gradient = 1e-2 * before  # of L2; Adam's first step is rate x g / (|g| + 1e-8)
    torch.testing.assert_close(
        after, before - 2e-4 * gradient / (gradient.abs() + 1e-8), rtol=1e-5, atol=1e-8
    )
