import numpy as np
import pytest
import torch
from torch import nn

from models.translation.monitoring.checkerboard import checkerboard_energy
from models.translation.monitoring.config import WarningBounds


def noise(*, count: int = 40, side: int = 64, deviation: float = 10.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(128, deviation, (count, side, side, 3))


def board(side: int, *, square_px: int) -> np.ndarray:
    rows, columns = np.mgrid[:side, :side] // square_px
    return ((rows + columns) % 2 * 2.0 - 1)[None, ..., None]


def test_noise_without_a_pattern_is_at_one():
    assert checkerboard_energy(noise()) == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("side", [32, 64])
def test_a_checkerboard_in_noise_has_the_energy_of_the_closed_form(side):
    images = noise(side=side, count=80) + 2 * board(side, square_px=1)
    # A Hann window w over N px: (sum w)^2 / sum w^2 = (N / 2)^2 / (3 N / 8) = 2 N / 3, along both axes. The board of +-2
    # in noise of 10 is at one of 15 frequencies.
    expected = 1 + (2 / 10) ** 2 * (2 * side / 3) ** 2 / 15
    assert checkerboard_energy(images) == pytest.approx(expected, rel=0.05)


def test_dots_two_pixels_wide_are_seen_too_and_patterns_of_other_periods_are_not():
    assert checkerboard_energy(noise() + 2 * board(64, square_px=2)) > 2
    assert checkerboard_energy(noise() + 2 * board(64, square_px=4)) == pytest.approx(1, abs=0.06)


def test_smooth_images_stay_below_the_bound_of_the_warning():
    rows, columns = np.mgrid[:64, :64]
    slope = np.repeat((rows + 2 * columns)[None, ..., None], 3, axis=-1)
    assert checkerboard_energy(slope) < WarningBounds().most_checkerboard
    assert checkerboard_energy(np.full((2, 32, 32, 3), 7, np.uint8)) == 1


def test_fractional_strides_stand_out_against_resize_convolutions():
    energies = {}
    for name, double in (("fractional", fractional_double), ("resize", resize_double)):
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(0)
            network = nn.Sequential(
                nn.Conv2d(3, 16, 3, stride=4), nn.ReLU(), double(16), nn.ReLU(), double(16)
            )
            network.append(nn.Conv2d(16, 3, 3, padding=1))
            images = torch.from_numpy(noise(count=8)).permute(0, 3, 1, 2).float() / 64 - 2
            energies[name] = checkerboard_energy(network(images).permute(0, 2, 3, 1).numpy())
    assert energies["fractional"] > 5 * energies["resize"]


def fractional_double(channels: int) -> nn.Module:
    return nn.ConvTranspose2d(channels, channels, 3, stride=2, padding=1, output_padding=1)


def resize_double(channels: int) -> nn.Module:
    convolution = nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect")
    return nn.Sequential(nn.Upsample(scale_factor=2), convolution)


@pytest.mark.parametrize("side", [30, 28])
def test_sides_that_the_stride_does_not_divide_are_refused(side):
    with pytest.raises(ValueError, match=f"multiples of 4, at least 32 px, but are {side} x {side} px"):
        checkerboard_energy(noise(side=side, count=1))
