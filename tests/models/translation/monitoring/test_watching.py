import json

import numpy as np
import pytest
import torch
from torch import Tensor

from models.features.distances import frechet_distance, kernel_distance
from models.features.networks import FeatureNetwork
from models.translation.families.family import Refined
from models.translation.images import to_floats
from models.translation.monitoring.config import MonitoringConfig
from models.translation.monitoring.watching import Monitor, evenly_spaced

CONFIG = MonitoringConfig(samples=3, subset=6)


def crops(count: int, *, seed: int, tint: tuple[float, float, float] = (1, 1, 1)) -> Tensor:
    """uint8 bchw of smooth blobs."""
    rng = np.random.default_rng(seed)
    grey = rng.uniform(20, 250, (count, 1, 8, 8)).repeat(4, 2).repeat(4, 3)
    return torch.from_numpy((grey * np.array(tint)[:, None, None]).astype(np.uint8))


SYNTHETIC, REAL = crops(20, seed=0, tint=(1, 0.5, 0.5)), crops(9, seed=1, tint=(0.5, 0.5, 1))


def unchanged(images_bchw: Tensor) -> Refined:
    return Refined(images_bchw)


def swapped(images_bchw: Tensor) -> Refined:
    """Red for blue, as the real ones are; attention a quarter."""
    return Refined(images_bchw.flip(1), torch.full_like(images_bchw[:, :1], 0.25))


def test_the_figures_are_those_of_the_fixed_subsets():
    observation = Monitor(CONFIG, SYNTHETIC, REAL).observe(swapped, step=40)
    network = FeatureNetwork(CONFIG.features)
    inputs = SYNTHETIC[[0, 4, 8, 11, 15, 19]]  # 19 / 5 x 0..5, rounded
    vectors = network.vectors(to_floats(inputs.flip(1))).numpy()
    real = network.vectors(to_floats(REAL[[0, 2, 3, 5, 6, 8]])).numpy()
    assert observation.figures["frechet"] == pytest.approx(frechet_distance(vectors, real), rel=1e-4)
    expected = kernel_distance(vectors, real, draws=0, rng=np.random.default_rng(0)).value
    assert observation.figures["kid"] == pytest.approx(expected, rel=1e-4, abs=1e-6)
    change = np.abs(inputs.flip(1).numpy().astype(int) - inputs.numpy()).mean()
    assert observation.figures["change_grey_levels"] == pytest.approx(change)
    assert observation.figures["mean_attention"] == 0.25
    assert (observation.step, observation.num_images) == (40, 6)
    assert observation.extractor == "squeezenet1_1 pool2, random weights (seed 0)"


def test_a_refiner_that_paints_the_real_colours_comes_nearer_and_one_that_does_nothing_does_not():
    monitor = Monitor(CONFIG, SYNTHETIC, REAL)
    better, same = monitor.observe(swapped, step=1).figures, monitor.observe(unchanged, step=1).figures
    assert better["frechet"] < 0.5 * better["frechet_unrefined"]
    assert better["kid"] < 0.5 * better["kid_unrefined"]
    assert same["frechet"] == same["frechet_unrefined"] and same["kid"] == same["kid_unrefined"]


def test_what_went_wrong_is_said():
    monitor = Monitor(CONFIG, SYNTHETIC, REAL)
    assert ["returns its input" in line for line in monitor.observe(unchanged, step=1).warnings] == [True]
    collapsed = monitor.observe(lambda images: Refined(torch.zeros_like(images)), step=1)
    assert any("mode collapse" in line for line in collapsed.warnings)
    closed = monitor.observe(lambda images: Refined(images.flip(1), torch.zeros_like(images[:, :1])), step=1)
    assert any("attention is nowhere" in line for line in closed.warnings)


def test_the_grid_shows_inputs_above_their_refined_versions_above_attention():
    observation = Monitor(CONFIG, SYNTHETIC, REAL).observe(swapped, step=1)
    assert observation.grid.shape == (3 * 32 + 2 * 2, 3 * 32 + 2 * 2, 3)
    second = (
        SYNTHETIC[10].permute(1, 2, 0).numpy()
    )  # of 20, the three samples are 0, 10 (9.5 rounded to even) and 19
    np.testing.assert_array_equal(observation.grid[:32, 34:66], second)
    np.testing.assert_array_equal(observation.grid[34:66, 34:66], second[..., ::-1])
    assert (observation.grid[68:, 34:66] == 64).all()  # 0.25 x 255, rounded
    assert (observation.grid[:, 32:34] == 255).all()


def test_looking_draws_nothing_from_the_global_state_and_always_sees_the_same():
    before = torch.get_rng_state()
    first = Monitor(CONFIG, SYNTHETIC, REAL).observe(swapped, step=1)
    again = Monitor(CONFIG, SYNTHETIC, REAL).observe(swapped, step=1)
    assert torch.equal(before, torch.get_rng_state())
    assert first.record() == again.record()
    np.testing.assert_array_equal(first.grid, again.grid)


def test_the_record_is_plain_and_without_the_picture():
    record = Monitor(CONFIG, SYNTHETIC, REAL).observe(swapped, step=7).record()
    assert json.loads(json.dumps(record)) == record
    assert record.keys() == {"step", "figures", "warnings", "extractor", "num_images"}


def test_a_single_crop_has_no_distances_and_more_than_a_batch_are_all_seen():
    alone = Monitor(CONFIG, SYNTHETIC[:1], REAL).observe(swapped, step=1)
    assert alone.num_images == 1
    assert alone.figures.keys().isdisjoint({"frechet", "kid", "diversity_ratio"})
    seen = []

    def count(images_bchw: Tensor) -> Refined:
        seen.append(len(images_bchw))
        return Refined(images_bchw)

    Monitor(MonitoringConfig(subset=20), crops(20, seed=2), crops(20, seed=3)).observe(count, step=1)
    assert sum(seen) == 20 + 8


def test_even_spacing_reaches_both_ends_and_repeats_nothing():
    assert evenly_spaced(10, 4) == [0, 3, 6, 9]
    assert evenly_spaced(3, 8) == [0, 1, 2]
    assert evenly_spaced(5, 1) == [0]
