from dataclasses import replace

import numpy as np
import pytest
import torch

from models.configs import to_plain
from models.features.config import FeaturesConfig
from models.training.checkpoints import load_checkpoint, save_checkpoint
from models.training.loss_log import TrainingDivergedError
from models.translation import steps
from models.translation.adversarial_config import AdversarialConfig
from models.translation.config import RefinerConfig
from models.translation.families.aggan_config import AgganConfig, AgganLosses
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.families.one_way_config import OneWayConfig, OneWayLosses
from models.translation.families.unit_config import UnitConfig, UnitLosses
from models.translation.networks.configs import (
    AttentionConfig,
    ContrastConfig,
    DiscriminatorConfig,
    GeneratorConfig,
    UnitDiscriminatorConfig,
    UnitGeneratorConfig,
)
from models.translation.refining import refine
from models.translation.training import Hooks, train_refiner
from tests.models.translation.toy_domains import KEPT, OUTLINE, domains_of

SHORT = {
    "generator": GeneratorConfig(filters=4, blocks=1),
    "discriminator": DiscriminatorConfig(filters=4),
    "epochs": None,
    "steps": 8,
    "batch_size": 2,
    "pool_images": 3,
    "ema_decay": 0.9,
    "device": "cpu",
    "report_every_steps": 2,
    "checkpoint_every_steps": 4,
}
TINY = CycleganConfig(**SHORT, losses=CycleganLosses(identity_pixel=1.0, cycle_discriminator=0.01))

GAME = AdversarialConfig(loss="wasserstein", gradient_penalty=10.0, r1=1.0, augment=("color", "translation"))
EVERY_FAMILY: dict[str, RefinerConfig] = {
    "cyclegan": TINY,
    "cyclegan with features": replace(
        TINY,
        losses=CycleganLosses(cycle_features=1e-3, identity_features=1e-3, mean_features=1e-3),
        features=FeaturesConfig(layers=(2, 5)),
    ),
    "cyclegan with regions": replace(TINY, losses=CycleganLosses(unchanged_outside=5.0, head_structure=1.0)),
    # 3 real crops in batches of 2: an epoch is a step. The attention freezes between the saves, and before the last one.
    "aggan": AgganConfig(
        **SHORT,
        losses=AgganLosses(identity_pixel=1.0),
        attention=AttentionConfig(filters=4, frozen_from_epoch=5),
    ),
    "one way": OneWayConfig(
        **SHORT,
        losses=OneWayLosses(identity_pixel=1.0, contrast=1.0, identity_contrast=1.0),
        contrast=ContrastConfig(patches=8, embedding=8),
    ),
    # With noise on its codes, dropout and weight decay, as it is.
    "unit": UnitConfig(
        **SHORT
        | {
            "generator": UnitGeneratorConfig(filters=4, blocks=1),
            "discriminator": UnitDiscriminatorConfig(filters=4, scales=(1, 2)),
        },
        losses=UnitLosses(perceptual=1.0),
        features=FeaturesConfig(network="vgg16_without_pool4", input="bgr"),
    ),
    "dropout and batch norm": replace(
        TINY, generator=GeneratorConfig(filters=4, blocks=1, norm="batch", dropout=0.5), weight_decay=1e-2
    ),
    "another game": replace(
        TINY,
        adversarial=GAME,
        discriminator=DiscriminatorConfig(filters=4, norm="none", has_spectral_norm=True),
    ),
}


def crops(count: int, *, seed: int = 0, size: int = 32) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def regions(count: int) -> np.ndarray:
    """A person in the middle of every crop, the head's box on top of it."""
    maps = np.zeros((count, 32, 32), np.uint8)
    maps[:, 4:30, 8:24] |= OUTLINE
    maps[:, 2:12, 10:22] |= KEPT
    return maps


def run(config: RefinerConfig, *, seed: int = 5, resume=None, saved=None, reports=None) -> dict:
    saved, reports = [] if saved is None else saved, [] if reports is None else reports
    return train_refiner(
        config,
        domains_of(crops(5), crops(3, seed=1), regions(5)),
        seed=seed,
        resume=resume,
        hooks=Hooks(saved.append, reports.append),
    )


def assert_same(first: object, second: object) -> None:
    if isinstance(first, torch.Tensor):
        assert torch.equal(first, second)
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            assert_same(first[key], second[key])
    elif isinstance(first, list):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
    else:
        assert first == second


@pytest.mark.parametrize("family", EVERY_FAMILY)
def test_training_in_two_parts_gives_the_bytes_of_training_in_one(family, tmp_path):
    config = EVERY_FAMILY[family]
    saved: list[dict] = []
    whole = run(config, saved=saved)
    save_checkpoint(tmp_path / "half.pt", saved[0])
    resumed_saves: list[dict] = []
    rest = run(config, resume=load_checkpoint(tmp_path / "half.pt", kind="refiner"), saved=resumed_saves)
    assert saved[0]["step"] == 4
    assert_same(rest, whole)
    for name, state in {
        "rest": rest,
        "whole": whole,
        "rest end": resumed_saves[-1],
        "end": saved[-1],
    }.items():
        save_checkpoint(tmp_path / f"{name}.pt", state)
    assert (tmp_path / "rest.pt").read_bytes() == (tmp_path / "whole.pt").read_bytes()
    assert (tmp_path / "rest end.pt").read_bytes() == (tmp_path / "end.pt").read_bytes()


def test_a_saved_state_does_not_change_when_training_goes_on():
    saved: list[dict] = []
    whole = run(TINY, saved=saved)
    name = "a_to_b.encoder.1.weight"
    assert not torch.equal(saved[0]["networks"][name], whole["networks"][name])


@pytest.mark.parametrize("family", EVERY_FAMILY)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(family):
    config = replace(EVERY_FAMILY[family], steps=4)
    first, again, other = run(config), run(config), run(config, seed=6)
    assert_same(first, again)
    name = "encoder_a.layers.1.weight" if family == "unit" else "a_to_b.encoder.1.weight"
    assert not torch.equal(first["networks"][name], other["networks"][name])


def test_training_leaves_the_callers_random_state_alone():
    before = torch.get_rng_state()
    state = run(replace(TINY, steps=2))
    refine(state, crops(2))
    assert torch.equal(before, torch.get_rng_state())


def test_reports_name_step_epoch_and_every_loss():
    reports: list[dict] = []
    run(TINY, reports=reports)
    assert [report["step"] for report in reports] == [1, 2, 4, 4, 6, 8]  # steps 1 and 4 early, without losses
    assert "cycle_pixel" not in reports[0]
    assert reports[-1]["total_steps"] == 8
    assert reports[-1]["epoch"] == 7  # 3 real crops in batches of 2: one step an epoch
    assert {"adversarial_fake_a", "cycle_pixel", "identity_pixel", "discriminator_b"} <= reports[1].keys()


def test_a_loss_that_is_not_finite_ends_the_training_with_the_last_good_state(monkeypatch):
    healthy = steps.learning_rate_at
    monkeypatch.setattr(
        steps, "learning_rate_at", lambda step, **rest: 1e30 if step == 4 else healthy(step, **rest)
    )
    saved: list[dict] = []
    state = run(replace(TINY, report_every_steps=8), saved=saved)
    assert [state["step"] for state in saved] == [4]
    assert state["step"] == 4
    assert "with the weights of step 4" in state["stopped"]
    assert "not finite at step 6 (adversarial_fake_a nan" in state["stopped"]
    assert_same(state["networks"], saved[0]["networks"])
    assert refine(state, crops(2)).shape == (2, 32, 32, 3)


def test_a_loss_that_is_not_finite_before_the_first_state_is_an_error(monkeypatch):
    monkeypatch.setattr(steps, "learning_rate_at", lambda step, **rest: 1e30)
    with pytest.raises(TrainingDivergedError, match="not finite at step 2"):
        run(TINY)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (replace(TINY, learning_rate=1e-4), "config.learning_rate 0.0002, but this run has 0.0001"),
        (EVERY_FAMILY["aggan"], "config.family cyclegan, but this run has aggan"),
        (EVERY_FAMILY["one way"], "config.family cyclegan, but this run has one_way"),
        (
            replace(TINY, generator=GeneratorConfig(filters=8, blocks=1)),
            "config.generator.filters 4, but this run has 8",
        ),
    ],
)
def test_a_state_of_another_configuration_is_not_resumed(config, message):
    saved: list[dict] = []
    run(replace(TINY, checkpoint_every_steps=2, steps=2), saved=saved)
    state = saved[0] | {"config": to_plain(TINY.settled())}
    with pytest.raises(ValueError, match=f"trained with {message}; resume with the same") as caught:
        run(config, resume=state)
    assert "\n" not in str(caught.value)


def test_a_state_of_another_seed_a_finished_one_and_weights_of_another_family_are_not_resumed():
    config, saved = replace(TINY, checkpoint_every_steps=1, steps=2), []
    finished = run(config, saved=saved)
    with pytest.raises(ValueError, match="trained with seed 5, but this run has 6"):
        run(config, resume=saved[0], seed=6)
    with pytest.raises(ValueError, match="finished model"):
        run(config, resume=finished)
    other = run(replace(EVERY_FAMILY["one way"], steps=1))
    with pytest.raises(ValueError, match="another architecture than this ModuleDict: Missing") as caught:
        run(config, resume=saved[0] | {"networks": other["networks"]})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("size", "message"), [(30, "multiples of 4"), (16, ">= 32 px"), (36, "crop both to one size")]
)
def test_crops_that_do_not_fit_are_refused_with_the_reason(size, message):
    with pytest.raises(ValueError, match=message):
        train_refiner(
            TINY,
            domains_of(crops(4, size=size), crops(4, size=32)),
            seed=0,
            resume=None,
            hooks=Hooks(),
        )


def test_fewer_crops_than_a_batch_are_refused():
    with pytest.raises(ValueError, match="batch_size is 4"):
        run(replace(TINY, batch_size=4))


def test_refining_uses_the_averaged_generator_and_keeps_shape_and_type():
    state = run(TINY)
    images = crops(5, seed=9)
    refined = refine(state, images, batch_size=2)
    raw = refine(state | {"average": None}, images, batch_size=2)
    assert refined.shape == images.shape
    assert refined.dtype == np.uint8
    assert not np.array_equal(refined, raw)


def test_refining_takes_other_sizes_and_refuses_odd_ones():
    state = run(replace(TINY, steps=2))
    assert refine(state, crops(1, size=48)).shape == (1, 48, 48, 3)
    with pytest.raises(ValueError, match="multiples of 4"):
        refine(state, crops(1, size=50))


def test_a_detector_is_no_refiner():
    state = run(replace(TINY, steps=1))
    with pytest.raises(ValueError, match="'detector', but 'refiner' is needed"):
        refine(state | {"kind": "detector"}, crops(1))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"generator": {"filters": 8, "blocks": 1}}, "another architecture.*size mismatch for a_to_b"),
        ({"generator": {"filters": 4, "blocks": 2}}, "another architecture.*Missing key.*transformer.1"),
        (to_plain(AgganConfig(**SHORT)), "another architecture.*Missing key.*attention_a"),
        (
            {"family": "aggan"},
            "losses.cycle_discriminator is no setting of the family aggan: cyclegan has it",
        ),
        ({"family": "munit"}, "family must be one of cyclegan, aggan, one_way, unit, but was 'munit'"),
        ({"warp": 1}, "CycleganConfig has no field warp"),
    ],
)
def test_weights_of_another_architecture_or_family_are_refused_in_one_line(changed, message):
    state = run(replace(TINY, steps=1, losses=CycleganLosses(identity_pixel=1.0)))
    with pytest.raises(ValueError, match=message) as caught:
        refine(state | {"config": state["config"] | changed}, crops(1))
    assert "\n" not in str(caught.value)
