import pytest

from models.translation.families.cyclegan_config import CycleganConfig
from models.translation.schedules import count_steps, learning_rate_at, steps_per_epoch


def test_the_thesis_trains_160_epochs_of_the_smaller_set():
    assert count_steps(CycleganConfig(), num_images=272) == 43_520


def test_the_rate_is_constant_to_the_middle_and_falls_to_one_part_in_80_in_the_last_epoch():
    config = CycleganConfig(learning_rate=2e-4)
    rates = [learning_rate_at(epoch * 10, config=config, num_images=10) for epoch in (0, 79, 80, 120, 159)]
    assert rates == pytest.approx([2e-4, 2e-4, 2e-4, 1e-4, 2e-4 / 80])


def test_the_rate_changes_only_between_epochs():
    config = CycleganConfig(epochs=4, batch_size=2)
    assert steps_per_epoch(config, num_images=7) == 3
    rates = {learning_rate_at(step, config=config, num_images=7) for step in (9, 10, 11)}
    assert rates == {2e-4 / 2}


def test_a_length_in_steps_decays_from_its_middle():
    config = CycleganConfig(epochs=None, steps=100)
    rates = [learning_rate_at(step, config=config, num_images=7) for step in (50, 75, 99)]
    assert rates == pytest.approx([2e-4, 1e-4, 4e-6])
