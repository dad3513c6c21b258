import numpy as np
import pytest
import torch

from models.features.config import FeaturesConfig
from models.features.distances import frechet_distance
from models.features.networks import FeatureNetwork
from models.translation.monitoring.change import Pairs
from models.translation.monitoring.measuring import boxes_around, image_vectors, measure_pairs

NETWORK = FeatureNetwork(FeaturesConfig(network="squeezenet1_1"))
SIDE = 48


def blobs(count: int, *, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(30, 220, (count, 12, 12, 3), dtype=np.uint8).repeat(4, 1).repeat(4, 2)


def outlines(count: int) -> np.ndarray:
    """A person in the lower half."""
    maps = np.zeros((count, SIDE, SIDE), bool)
    maps[:, 24:] = True
    return maps


def heads(count: int) -> np.ndarray:
    """Heads of 16 x 12 px on top of them."""
    maps = np.zeros((count, SIDE, SIDE), bool)
    maps[:, 24:36, 16:32] = True
    return maps


def measure(before: np.ndarray, after: np.ndarray, real: np.ndarray) -> dict[str, float]:
    pairs = Pairs(before, after, outlines(len(before)), heads(len(before)))
    return measure_pairs(pairs, real, NETWORK, rng=np.random.default_rng(0))


def test_distances_are_between_equally_many_crops_of_each_set():
    before, after, real = blobs(9, seed=0), blobs(9, seed=1), blobs(5, seed=2)
    figures = measure(before, after, real)
    vectors = {
        name: image_vectors(NETWORK, images[:5])
        for name, images in (("b", before), ("a", after), ("r", real))
    }
    assert figures["frechet_unrefined"] == pytest.approx(frechet_distance(vectors["b"], vectors["r"]))
    assert figures["frechet"] == pytest.approx(frechet_distance(vectors["a"], vectors["r"]))
    assert figures["frechet_to_synthetic"] == pytest.approx(frechet_distance(vectors["a"], vectors["b"]))
    assert "kid_std" not in figures


def test_a_set_s_distance_to_itself_is_between_its_halves():
    before, real = blobs(9, seed=0), blobs(7, seed=2)
    figures = measure(before, before, real)
    unrefined, of_real = image_vectors(NETWORK, before[:6]), image_vectors(NETWORK, real[:6])
    assert figures["frechet_synthetic_halves"] == pytest.approx(
        frechet_distance(unrefined[:3], unrefined[3:])
    )
    assert figures["frechet_real_halves"] == pytest.approx(frechet_distance(of_real[:3], of_real[3:]))
    assert figures["frechet_to_synthetic"] == pytest.approx(0, abs=1e-6)
    assert figures["frechet_real_halves"] > 1 and "kid_std_real_halves" not in figures
    assert "frechet_real_halves" not in measure(before[:3], before[:3], real)


def test_the_spread_of_the_kernel_distance_needs_eight_crops():
    figures = measure(blobs(9, seed=0), blobs(9, seed=1), blobs(8, seed=2))
    assert figures["kid_std"] > 0 and figures["kid_std_unrefined"] > 0


def test_crops_refined_into_the_real_ones_have_no_distance_left():
    real = blobs(6, seed=2)
    figures = measure(blobs(6, seed=0), real, real)
    assert figures["frechet"] == pytest.approx(0, abs=1e-6) and figures["frechet_unrefined"] > 1
    assert figures["checkerboard"] == figures["checkerboard_real"]


def test_a_change_inside_the_outline_is_told_from_one_outside():
    before = blobs(4, seed=0)
    after = before.copy()
    after[:, 24:] += 10
    figures = measure(before, after, blobs(4, seed=1))
    assert figures["change_inside_grey_levels"] == 10
    assert figures["change_outside_grey_levels"] == 0
    assert figures["change_grey_levels"] == 5
    assert figures["displacement_mean_px"] < 0.2 and figures["num_displacements"] == 4


def test_heads_that_moved_are_counted():
    before = blobs(4, seed=0)
    after = before.copy()
    after[:2] = np.roll(before[:2], 3, axis=2)
    figures = measure(before, after, blobs(4, seed=1))
    assert figures["displacement_share_over_1px"] == 0.5
    assert figures["displacement_mean_px"] == pytest.approx(1.5, abs=0.15)


def test_what_cannot_be_measured_is_left_out():
    nowhere = np.zeros((1, SIDE, SIDE), bool)
    pairs = Pairs(blobs(1, seed=0), blobs(1, seed=1), nowhere, nowhere)
    figures = measure_pairs(pairs, blobs(3, seed=2), NETWORK, rng=np.random.default_rng(0))
    missing = {"frechet", "kid", "diversity_ratio", "num_displacements", "change_inside_grey_levels"}
    assert figures.keys().isdisjoint(missing)
    assert {"change_grey_levels", "change_outside_grey_levels", "checkerboard"} <= figures.keys()


def test_boxes_around_maps_end_behind_their_last_pixel():
    maps = heads(2)
    maps[1] = False
    boxes = boxes_around(maps)
    np.testing.assert_array_equal(boxes[0], [16, 24, 32, 36])
    assert np.isnan(boxes[1]).all()


def test_vectors_are_those_of_the_network_in_order_over_batches():
    images = blobs(18, seed=3)
    single = NETWORK.vectors(torch.from_numpy(images[17:]).permute(0, 3, 1, 2) / 127.5 - 1)
    torch.testing.assert_close(
        torch.from_numpy(image_vectors(NETWORK, images)[17:]), single, rtol=1e-4, atol=1e-5
    )
