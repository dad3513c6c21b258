"""A family that is a record and two functions: masked, noisy, with labels, dropout and batch norm, in the loop as it is."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.translation.domains import Domain, Domains, ImageShapes, Regions
from models.translation.families import registry
from models.translation.families.cyclegan import CYCLEGAN, translate
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.families.family import (
    Adversary,
    Draw,
    Networks,
    Phase,
    Refined,
    Scores,
    Term,
    Values,
    as_scales,
)
from models.translation.families.terms import list_terms
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from models.translation.sources import ArraySource
from models.translation.training import Hooks, train_refiner

CONFIG = CycleganConfig(
    generator=GeneratorConfig(filters=4, blocks=1, norm="batch", dropout=0.5),
    discriminator=DiscriminatorConfig(filters=4),
    losses=CycleganLosses(cycle_pixel=1.0),
    weight_decay=1e-4,
    ema_decay=0.9,
    epochs=None,
    steps=4,
    batch_size=2,
    pool_images=2,
    device="cpu",
    report_every_steps=1,
    checkpoint_every_steps=2,
)
HEIGHT, WIDTH, CLASSES = 32, 40, 20


def draw_noise(config: CycleganConfig, shapes: ImageShapes) -> tuple[Draw, ...]:
    return (Draw("noise", (config.batch_size, shapes.channels["b"], *shapes.image_hw), "normal"),)


def translate_masked(networks: Networks, batch: Values, config: CycleganConfig) -> Values:
    """The scores of classes become noisy before they are translated back; photos change in the mask alone."""
    values = dict(translate(networks, batch, config))
    values["rec_a"] = networks["b_to_a"](values["fake_b"] + 0.1 * batch["noise"])
    mask = batch["soiled_a"]
    values["rec_a"] = mask * values["rec_a"] + (1 - mask) * batch["real_a"]
    return values | {
        "seen_real_a": torch.cat((batch["real_a"], mask), 1),
        "seen_fake_a": torch.cat((values["fake_a"], mask), 1),
    }


def classify(networks: Networks, values: Values) -> Tensor:
    return functional.cross_entropy(values["fake_b"].float(), values["labels_a"])


def judge_photo(discriminator: nn.Module, seen_bchw: Tensor, config: Any, phase: Phase) -> Scores:
    return as_scales(discriminator(seen_bchw[:, :3]))


MASKED = replace(
    CYCLEGAN,
    translate=translate_masked,
    list_terms=lambda config: (*list_terms(config, "ab"), Term("segmentation", 0.5, classify)),
    adversaries=(
        Adversary(
            "discriminator_a",
            fake="seen_fake_a",
            real="seen_real_a",
            domain="a",
            judge=judge_photo,
            weigh=lambda seen_bchw: seen_bchw[:, 3:],
        ),
        CYCLEGAN.adversaries[1],
    ),
    draws=draw_noise,
    regions=lambda config: ("soiled_a",),
    show=lambda images_bchw: images_bchw.mean(1, keepdim=True).expand(-1, 3, -1, -1),
    translations={"a_to_b": lambda networks, images: Refined(networks["a_to_b"](images))},
)


def domains() -> Domains:
    rng = np.random.default_rng(0)
    shape = {"height": HEIGHT, "width": WIDTH}
    photos = Domain(
        name="photos",
        channels=3,
        **shape,
        images=ArraySource(rng.integers(0, 256, (5, HEIGHT, WIDTH, 3), dtype=np.uint8)),
        labels=ArraySource(rng.integers(0, CLASSES, (5, HEIGHT, WIDTH), dtype=np.uint8)),
        regions=Regions(ArraySource(rng.integers(0, 2, (5, HEIGHT, WIDTH), dtype=np.uint8)), {"soiled": 1}),
    )
    maps = rng.normal(size=(4, HEIGHT, WIDTH, CLASSES)).astype(np.float16)
    return Domains(photos, Domain(name="maps", channels=CLASSES, **shape, images=ArraySource(maps)))


def train(saved: list[dict], *, resume: dict | None = None) -> dict:
    return train_refiner(CONFIG, domains(), seed=0, resume=resume, hooks=Hooks(saved.append))


@pytest.fixture(autouse=True)
def masked_family(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.FAMILIES, "cyclegan", MASKED)


def test_it_trains_and_goes_on_from_half_of_it_bit_for_bit():
    saved: list[dict] = []
    whole = train(saved)
    rest = train([], resume=saved[0])
    for part in ("networks", "average"):
        assert all(torch.equal(rest[part][name], value) for name, value in whole[part].items())
    assert rest["history"] == whole["history"]
    first, last = (whole["history"][step]["segmentation"] for step in (0, -1))
    assert first == pytest.approx(np.log(CLASSES), rel=0.2) and first != last


def test_its_pool_keeps_the_masks_of_earlier_images():
    saved: list[dict] = []
    train(saved)
    images = saved[-1]["pools"][0]["seen_fake_a"]
    assert images.shape == (3, 4, HEIGHT, WIDTH)
    assert set(images[:2, 3].float().unique().tolist()) == {0, 1}
