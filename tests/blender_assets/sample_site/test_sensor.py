import cv2
import numpy as np
import pytest

from blender_assets.sample_site.sensor import (
    SensorDraw,
    compress_jpeg,
    develop,
    draw_sensor,
    expose,
    photograph,
    shade_corners,
)
from blender_assets.sample_site.settings import SampleSiteSettings

SEEN = np.ones((60, 80), dtype=bool)


def draw(**changes: float) -> SensorDraw:
    values = {
        "exposure_ev": 0.0, "white_balance": (1.0, 1.0, 1.0), "blur_px": 0.5, "vignetting": 0.0,
        "full_well_electrons": 1e9, "read_noise_electrons": 0.0, "sharpening": 0.0, "jpeg_quality": 80,
    }  # fmt: skip
    return SensorDraw(**(values | changes))  # pyright: ignore[reportArgumentType]


def test_auto_exposure_makes_dim_and_bright_rooms_alike() -> None:
    dim = expose(np.full((60, 80, 3), 0.01), SEEN, draw())
    bright = expose(np.full((60, 80, 3), 5.0), SEEN, draw())
    assert dim == pytest.approx(bright)
    assert dim.mean() == pytest.approx(0.19)


def test_one_stop_more_doubles_the_light() -> None:
    scene = np.random.default_rng(0).uniform(0.1, 1, (60, 80, 3))
    ratio = expose(scene, SEEN, draw(exposure_ev=1.0)) / expose(scene, SEEN, draw())
    assert ratio == pytest.approx(2.0)


def test_warm_light_stays_warm_but_less_so() -> None:
    warm = expose(np.full((60, 80, 3), [1.0, 0.8, 0.5]), SEEN, draw())
    assert 1.0 < warm[0, 0, 0] / warm[0, 0, 2] < 2.0


def test_middle_grey_develops_to_its_srgb_value() -> None:
    assert develop(np.array([0.2140]))[0] == pytest.approx(0.5, abs=1e-3)


def test_development_keeps_the_order_of_brightness_up_to_strong_highlights() -> None:
    values = develop(np.linspace(0, 3, 200))
    assert (np.diff(values) > 0).all() and values[-1] <= 1.0


def test_corners_are_darker_by_the_vignetting() -> None:
    shaded = shade_corners(np.ones((60, 80, 3)), 0.3)
    assert shaded[30, 40, 0] == pytest.approx(1.0, abs=1e-3)
    assert shaded[0, 0, 0] == pytest.approx(0.7, abs=0.02)


def test_a_small_full_well_gives_more_noise() -> None:
    scene = np.full((60, 80, 3), 0.3)
    spread = [
        photograph(scene, SEEN, draw(full_well_electrons=wells), np.random.default_rng(0)).std()
        for wells in (400, 40000)
    ]
    assert spread[0] > 5 * spread[1] > 0


def test_pixels_outside_the_lens_circle_are_black() -> None:
    seen = SEEN.copy()
    seen[:, :20] = False
    image = photograph(np.full((60, 80, 3), 0.3), seen, draw(), np.random.default_rng(0))
    assert image[:, :18].max() == 0 and image[:, 25:].min() > 50


def test_the_same_generator_state_gives_the_same_photo() -> None:
    settings = SampleSiteSettings()
    scene = np.random.default_rng(1).uniform(0.1, 1, (60, 80, 3))
    photos = []
    for _ in range(2):
        rng = np.random.default_rng(7)
        photos.append(photograph(scene, SEEN, draw_sensor(rng, settings, gain=1.0), rng))
    assert (photos[0] == photos[1]).all()


def test_jpeg_bytes_decode_to_nearly_the_same_rgb_image() -> None:
    image = np.zeros((60, 80, 3), dtype=np.uint8)
    image[..., 0] = 200
    decoded = cv2.imdecode(np.frombuffer(compress_jpeg(image, 90), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert np.abs(decoded[..., ::-1].astype(int) - image).max() < 12
