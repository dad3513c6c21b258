"""Refiners learn a known map of colour and texture from unpaired images, and with a broken step they do not."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from models.translation import updating
from models.translation.config import LossWeights, RefinerConfig
from models.translation.domains import Domains
from models.translation.network_configs import ContrastConfig, DiscriminatorConfig, GeneratorConfig
from models.translation.refining import refine
from models.translation.training import Hooks, train_refiner
from tests.models.translation.toy_domains import draw_blobs, paint_real, paint_synthetic, stripe_contrast

C_CP = RefinerConfig(
    generator=GeneratorConfig(filters=8, blocks=1),
    discriminator=DiscriminatorConfig(filters=8),
    losses=LossWeights(cycle_pixel=10.0),
    epochs=None,
    steps=120,
    batch_size=4,
    learning_rate=1e-3,
    precision="fp32",
    device="cpu",
    report_every_steps=1000,
)
CUT = replace(
    C_CP,
    family="one_way",
    losses=LossWeights(cycle_pixel=0, contrast=1.0, identity_contrast=1.0),
    contrast=ContrastConfig(patches=64, embedding=32),
    steps=300,
    learning_rate=5e-4,
)
LARGEST_ERROR, SMALLEST_CONTRAST = 23, 25  # grey levels; the input itself is 33 off and has a contrast of 0


@dataclass(frozen=True)
class Outcome:
    """On held-out blobs: the mean absolute difference to the known map and the contrast of the stripes."""

    error: float
    contrast: float

    @property
    def has_learnt(self) -> bool:
        return self.error < LARGEST_ERROR and self.contrast > SMALLEST_CONTRAST


def learn(config: RefinerConfig, *, seed: int = 0) -> Outcome:
    crops = Domains(paint_synthetic(draw_blobs(64, seed=1)), paint_real(draw_blobs(64, seed=2)))
    hooks = Hooks(lambda state: None, lambda report: None)
    state = train_refiner(config, crops, seed=seed, resume=None, hooks=hooks)
    heights = draw_blobs(16, seed=3)
    refined = refine(state, paint_synthetic(heights)).astype(float)
    error = np.abs(refined - paint_real(heights)).mean()
    return Outcome(error=float(error), contrast=stripe_contrast(refined, heights))


def break_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    right = updating.generator_loss
    monkeypatch.setattr(updating, "generator_loss", lambda name, scores: -right(name, scores))


def detach_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    right = updating.generator_loss
    monkeypatch.setattr(updating, "generator_loss", lambda name, scores: right(name, scores.detach()))


def stop_discriminators(monkeypatch: pytest.MonkeyPatch) -> None:
    right = updating.discriminator_objective
    monkeypatch.setattr(updating, "discriminator_objective", lambda *args: 0 * right(*args))


def test_the_input_is_far_from_the_known_map():
    heights = draw_blobs(16, seed=3)
    synthetic, real = paint_synthetic(heights).astype(float), paint_real(heights)
    assert np.abs(synthetic - real).mean() == pytest.approx(33, abs=1)
    assert stripe_contrast(synthetic, heights) == pytest.approx(0, abs=2)
    assert stripe_contrast(real.astype(float), heights) == pytest.approx(40, abs=1)


@pytest.mark.parametrize("config", [C_CP, CUT], ids=["C_CP", "CUT"])
def test_a_refiner_learns_the_known_map(config):
    outcome = learn(config)
    assert outcome.has_learnt, outcome


@pytest.mark.parametrize("break_step", [break_sign, detach_generator, stop_discriminators])
def test_c_cp_does_not_learn_with_a_broken_step(monkeypatch, break_step: Callable[..., None]):
    break_step(monkeypatch)
    outcome = learn(C_CP)
    assert outcome.error > 1.3 * LARGEST_ERROR, outcome
    assert outcome.contrast < SMALLEST_CONTRAST / 1.3, outcome


@pytest.mark.parametrize("break_step", [break_sign, detach_generator, stop_discriminators])
def test_cut_does_not_learn_with_a_broken_step(monkeypatch, break_step: Callable[..., None]):
    break_step(monkeypatch)
    outcome = learn(replace(CUT, steps=150))
    assert outcome.error > 1.3 * LARGEST_ERROR, outcome
    assert outcome.contrast < SMALLEST_CONTRAST / 1.3, outcome
