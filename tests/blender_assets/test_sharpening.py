import numpy as np
import pytest

from blender_assets.sharpening import (
    NO_SHARPENING,
    Sharpening,
    blurred_step,
    edge_profiles,
    estimate_sharpening,
    fit_sharpening,
    profile_positions,
    sharpen,
    unsharpen,
)
from tests.blender_assets.test_sensor import draw_edges

SEEN = np.ones((300, 400), bool)


def photo(sharpening: Sharpening, *, blur_px: float = 0.6, noise_grey: float = 0.0) -> np.ndarray:
    """Turned rectangles as a camera shows them that sharpens; contrast is low, so that no seam is clipped."""
    edges = draw_edges(blur_px, 0.0).astype(np.float32) * 0.5 + 60
    noise = np.random.default_rng(1).normal(0, noise_grey, (*edges.shape[:2], 1))
    image = sharpen((edges + noise).astype(np.float32), sharpening)
    return np.clip(np.round(image), 0, 255).astype(np.uint8)


def test_a_step_gets_the_seams_of_unsharp_masking():
    step = np.repeat(np.where(np.arange(61) < 30, 50.0, 150.0).astype(np.float32)[None, :, None], 61, axis=0)
    row = sharpen(step, Sharpening(0.5, 2.0))[30, :, 0]
    # half a pixel from the edge a Gaussian of 2 px has risen to Phi(0.25) = 0.5987 of the step
    assert row[30] == pytest.approx(150 + 0.5 * 100 * (1 - 0.5987), abs=0.3)
    assert row[29] == pytest.approx(50 - 0.5 * 100 * (1 - 0.5987), abs=0.3)
    assert (row[5], row[55]) == (pytest.approx(50, abs=1e-3), pytest.approx(150, abs=1e-3))


@pytest.mark.parametrize("sharpening", [Sharpening(0.5, 0.8), Sharpening(2.0, 3.0), NO_SHARPENING])
def test_sharpening_is_undone_exactly(sharpening):
    image = np.random.default_rng(0).integers(0, 256, (47, 62, 3), dtype=np.uint8)
    assert np.abs(sharpen(unsharpen(image, sharpening), sharpening) - image)[12:-12, 12:-12].max() < 0.01
    assert unsharpen(np.full((20, 20, 3), 90, np.uint8), sharpening) == pytest.approx(90, abs=1e-3)


@pytest.mark.parametrize("noise_grey", [0.0, 2.0])
@pytest.mark.parametrize(("amount", "radius_px"), [(0.8, 1.5), (1.2, 2.5)])
def test_the_sharpening_of_a_photo_is_found(amount, radius_px, noise_grey):
    found = estimate_sharpening(photo(Sharpening(amount, radius_px), noise_grey=noise_grey), SEEN)
    # the height of a seam, amount times radius or so, is what can be seen
    assert found.amount * found.radius_px == pytest.approx(amount * radius_px, rel=0.2)
    assert found.radius_px == pytest.approx(radius_px, abs=0.5)


@pytest.mark.parametrize("blur_px", [0.4, 0.8, 1.2])
@pytest.mark.parametrize("noise_grey", [0.0, 2.0])
def test_a_photo_that_nobody_sharpened_has_none(blur_px, noise_grey):
    found = estimate_sharpening(photo(NO_SHARPENING, blur_px=blur_px, noise_grey=noise_grey), SEEN)
    assert found == NO_SHARPENING


def test_too_few_edges_tell_nothing():
    assert estimate_sharpening(np.full((60, 60, 3), 90, np.uint8), np.ones((60, 60), bool)) == NO_SHARPENING


def test_dark_lines_beside_edges_are_no_sharpening():
    positions = profile_positions()
    step = blurred_step(positions, 0.6)
    line = 0.15 * np.exp(-(((positions + 1.5) / 0.8) ** 2))
    assert fit_sharpening(step - line) == NO_SHARPENING


def test_edges_near_what_is_not_seen_are_left_out():
    grey = photo(NO_SHARPENING)[..., 0].astype(np.float32)
    half = SEEN.copy()
    half[:, 200:] = False
    assert 0 < len(edge_profiles(grey, half)) < len(edge_profiles(grey, SEEN))
    assert len(edge_profiles(grey, np.zeros_like(SEEN))) == 0
