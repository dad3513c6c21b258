import cv2
import numpy as np
import pytest

from blender_assets.sensor import (
    RENDER_BLUR_PX,
    PhotoFlaws,
    SensorSettings,
    blur_motion,
    code_as_jpeg,
    draw_sensor,
    estimate_blur,
    estimate_noise,
    measure_flaws,
    sensor_noise,
)
from blender_assets.sharpening import NO_SHARPENING, Sharpening, sharpen

FLAWS = PhotoFlaws(blur_px=0.8, noise_grey=3.0, jpeg_quality=85, sharpening=NO_SHARPENING)


def draw_edges(blur_px: float, noise_grey: float) -> np.ndarray:
    """Turned rectangles, uint8 [300, 400, 3], drawn four times larger, blurred and brought down by areas."""
    rng = np.random.default_rng(0)
    large = np.full((1200, 1600), 120, np.float32)
    for _ in range(120):
        x, y, width, height = rng.integers([0, 0, 40, 40], [1500, 1100, 300, 300])
        corners = cv2.boxPoints(
            ((float(x), float(y)), (float(width), float(height)), float(rng.uniform(0, 90)))
        )
        cv2.fillPoly(large, [corners.astype(np.int32)], float(rng.integers(20, 235)))
    blurred = cv2.GaussianBlur(large, (0, 0), 4 * blur_px)
    image = cv2.resize(blurred, (400, 300), interpolation=cv2.INTER_AREA) + rng.normal(
        0, noise_grey, (300, 400)
    )
    return np.repeat(np.clip(np.round(image), 0, 255).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("blur_px", [0.3, 0.5, 0.8, 1.2])
@pytest.mark.parametrize("noise_grey", [0.0, 2.0])
def test_the_blur_of_a_photo_is_found_within_a_tenth_of_a_pixel(blur_px, noise_grey):
    image = draw_edges(blur_px, noise_grey)
    assert estimate_blur(image, np.ones((300, 400), bool)) == pytest.approx(blur_px, abs=0.1)


def test_a_photo_without_edges_is_taken_to_be_sharp():
    assert estimate_blur(np.full((60, 60, 3), 90, np.uint8), np.ones((60, 60), bool)) == RENDER_BLUR_PX


def test_noise_is_estimated_from_flat_places():
    rng = np.random.default_rng(2)
    flat = np.clip(np.round(128 + rng.normal(0, 3, (200, 200, 1))), 0, 255).astype(np.uint8)
    estimate = estimate_noise(np.repeat(flat, 3, axis=2), np.ones((200, 200), dtype=bool))
    assert 2.4 < estimate < 3.3


def test_blur_and_noise_are_those_before_the_camera_sharpened():
    seen = np.ones((300, 400), bool)
    calm = (draw_edges(0.8, 0.0) * 0.5 + 60).astype(np.float32)
    sharp = np.clip(np.round(sharpen(calm, Sharpening(0.8, 1.5))), 0, 255).astype(np.uint8)
    measured = measure_flaws(sharp, seen, 90, SensorSettings(sharpening=0.8, sharpening_radius_px=1.5))
    assert measured.sharpening == Sharpening(0.8, 1.5) and measured.jpeg_quality == 90
    assert measured.blur_px == pytest.approx(0.8, abs=0.1)
    assert estimate_blur(sharp, seen) < 0.65


def test_added_noise_measures_as_it_was_asked_for():
    noise = sensor_noise((400, 400), 4.0, np.random.default_rng(0))
    assert noise.std() == pytest.approx(4.0, rel=0.1)


def test_what_is_measured_is_drawn_without_the_blur_that_the_render_has():
    draw = draw_sensor(FLAWS, SensorSettings(), np.random.default_rng(0))
    together = np.hypot(draw.blur_px, RENDER_BLUR_PX)
    assert together == pytest.approx(0.8, rel=0.1)
    assert (draw.noise_grey, draw.jpeg_quality) == (3.0, 85)


def test_what_is_set_wins_over_what_is_measured():
    settings = SensorSettings(blur_px=(2, 2), noise_grey=(1, 1), jpeg_quality=30, exposure_ms=(8, 8))
    draw = draw_sensor(FLAWS, settings, np.random.default_rng(0))
    assert (draw.blur_px, draw.noise_grey, draw.jpeg_quality, draw.exposure_ms) == (2, 1, 30, 8)


@pytest.mark.parametrize("shift", [(6.0, 0.0), (0.0, -6.0), (4.0, 3.0)])
def test_motion_smears_the_mover_along_its_way_and_nobody_else(shift):
    layer, index = np.zeros((41, 41, 4), np.float32), np.zeros((41, 41), np.int32)
    layer[10, 10], layer[30, 30] = 1, 1
    index[10, 10], index[30, 30] = 1, 2
    moved = blur_motion(layer, index, {1: shift})[..., 0]
    assert moved[30, 30] == 1 and moved[:25, :25].sum() == pytest.approx(1, abs=1e-5)
    rows, columns = np.mgrid[:25, :25] - 10.0
    weight = moved[:25, :25]
    assert abs((weight * columns).sum()) < 1e-4 and abs((weight * rows).sum()) < 1e-4
    along = (columns * shift[0] + rows * shift[1]) / np.hypot(*shift)
    # A uniform smear of length L has the variance L^2 / 12; drawing it on pixels adds a little.
    assert (weight * along**2).sum() == pytest.approx(np.hypot(*shift) ** 2 / 12, abs=0.6)


def test_a_movement_below_half_a_pixel_changes_nothing():
    layer, index = np.random.default_rng(0).random((9, 9, 4)).astype(np.float32), np.ones((9, 9), np.int32)
    assert np.array_equal(blur_motion(layer, index, {1: (0.3, 0.2)}), layer)


def test_jpeg_coding_keeps_the_picture_and_loses_detail_with_the_quality():
    image = draw_edges(0.5, 4.0)
    errors = [np.abs(code_as_jpeg(image, quality).astype(int) - image).mean() for quality in (95, 70, 20)]
    assert errors == sorted(errors) and errors[0] > 0.3 and errors[2] < 12


@pytest.mark.parametrize("field", ["blur_px", "noise_grey", "exposure_ms"])
def test_ranges_that_descend_are_refused_by_name(field):
    with pytest.raises(ValueError, match=field):
        SensorSettings.model_validate({field: (3, 1)})
