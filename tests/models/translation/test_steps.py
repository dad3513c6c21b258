from dataclasses import replace

import numpy as np
import pytest
import torch

from models.translation.adversarial_config import AdversarialConfig
from models.translation.config import RefinerConfig
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.families.one_way_config import OneWayConfig, OneWayLosses
from models.translation.families.registry import FAMILIES
from models.translation.loading import LoadedDomains, load_domains
from models.translation.networks.configs import ContrastConfig
from models.translation.steps import draw_step
from tests.models.translation.toy_domains import KEPT, OUTLINE, domains_of

FULL = CycleganConfig(
    losses=CycleganLosses(unchanged_outside=1.0, head_structure=1.0),
    adversarial=AdversarialConfig(gradient_penalty=10.0, augment=("color",)),
    epochs=4,
    batch_size=2,
    pool_images=3,
    learning_rate=1e-3,
    ema_decay=0.5,
)
CUT = OneWayConfig(
    adversarial=FULL.adversarial,
    epochs=4,
    batch_size=2,
    pool_images=3,
    losses=OneWayLosses(contrast=1.0, identity_contrast=1.0),
    contrast=ContrastConfig(patches=6),
)


def domains(config: RefinerConfig) -> LoadedDomains:
    """Crops of one value each: 7 synthetic ones of 0, 1 ..., 5 real ones of 100, 101 ...; a head in the left half."""
    synthetic = np.zeros((7, 32, 36, 3), np.uint8) + np.arange(7, dtype=np.uint8)[:, None, None, None]
    real = np.full((5, 32, 36, 3), 100, np.uint8) + np.arange(5, dtype=np.uint8)[:, None, None, None]
    regions = np.zeros((7, 32, 36), np.uint8)
    regions[:, 8:24] |= OUTLINE
    regions[:, :, :18] |= KEPT
    sets, needs = domains_of(synthetic, real, regions), FAMILIES[config.family].needs(config)
    return load_domains(sets, config, needs, torch.device("cpu"))


def draw(config: RefinerConfig, *, seed: int = 1, step: int = 0) -> dict[str, torch.Tensor]:
    return draw_step(domains(config), config, FAMILIES[config.family], seed=seed, step=step)


def test_all_that_a_step_takes_in_has_the_shape_that_it_needs():
    shapes = {name: tuple(value.shape) for name, value in draw(FULL).items()}
    images, maps = (2, 3, 32, 36), (2, 1, 32, 36)
    expected = {"real_a": images, "real_b": images, "outline_a": maps, "kept_a": maps}
    expected |= {"learning_rate": (), "average_weight": ()}
    for fake in ("fake_a", "fake_b"):
        expected |= {f"mix_{fake}": (2, 1, 1, 1), f"pool_{fake}": (2, 2)}
        expected |= {f"augment_{fake}_{look}": (2, 5) for look in ("generator", "fake", "real")}
    assert shapes == expected


def test_contrasts_draw_places_for_every_layer():
    batch = draw(CUT)
    assert batch["patches_fake_b"].shape == batch["patches_idt_b"].shape == (5, 6)
    assert not torch.equal(batch["patches_fake_b"], batch["patches_idt_b"])
    only = draw(replace(CUT, losses=OneWayLosses(contrast=1.0)))
    assert "patches_idt_b" not in only
    assert "pool_fake_a" not in only


@pytest.mark.parametrize("config", [FULL, CUT], ids=["cyclegan", "one_way"])
def test_a_step_is_a_function_of_seed_and_number(config):
    torch.manual_seed(5)
    first = draw(config, step=3)
    torch.manual_seed(6)
    np.random.seed(1)  # noqa: NPY002 - neither global state may matter
    again, other_step, other_seed = draw(config, step=3), draw(config, step=4), draw(config, step=3, seed=2)
    assert all(torch.equal(first[name], again[name]) for name in first)
    constant = {"average_weight", "learning_rate", "outline_a", "pool_fake_a", "pool_fake_b", "kept_a"}
    drawn = set(first) - constant
    for other in (other_step, other_seed):
        same = {name for name in drawn if torch.equal(first[name], other[name])}
        assert not same


def test_no_two_random_numbers_of_a_step_are_shared():
    batch = draw(FULL)
    draws = [
        value.flatten()[:2].tolist() for name, value in batch.items() if name.startswith(("augment", "mix"))
    ]
    assert len({tuple(numbers) for numbers in draws}) == len(draws) == 8
    assert all(0 <= number < 1 for numbers in draws for number in numbers)


def test_rate_and_weight_in_the_average_follow_the_step():
    # 5 real crops in batches of 2: 2 steps an epoch, 4 epochs; the rate falls from the third one on
    rates = [draw(FULL, step=step)["learning_rate"].item() for step in (0, 3, 4, 6, 7)]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-3, 5e-4, 5e-4])
    weights = [draw(FULL, step=step)["average_weight"].item() for step in (0, 7, 50)]
    assert weights == pytest.approx([0.9, 9 / 17, 0.5])  # 1 - (1 + s) / (10 + s), then 1 - decay


def test_an_epoch_visits_every_crop_once_whatever_the_batch_size():
    batches = [draw(FULL, step=step) for step in range(35)]  # 70 crops: 10 epochs of 7, 14 of 5
    for name, first, count in (("real_a", 0, 7), ("real_b", 100, 5)):
        values = torch.cat([(batch[name][:, 0, 0, 0] + 1) * 127.5 for batch in batches]).round() - first
        epochs = values.view(-1, count).sort(1).values
        assert torch.equal(epochs, torch.arange(float(count)).expand_as(epochs))


def test_regions_are_flipped_with_their_crops():
    sides = set()
    for step in range(8):
        head, outline = (draw(FULL, step=step)[name] for name in ("kept_a", "outline_a"))
        assert torch.equal(
            outline[:, 0].mean(2), torch.arange(32.0).sub(15.5).abs().lt(8).float().expand(2, 32)
        )
        for columns in head[:, 0, 0]:
            left, right = columns[:18], columns[18:]
            assert {left.unique().item(), right.unique().item()} == {0, 1}
            sides.add(left[0].item())
    assert sides == {0, 1}, "about half of the crops are flipped"
