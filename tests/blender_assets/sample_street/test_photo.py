import numpy as np
import pytest

from blender_assets.sample_street.lighting import draw_weather, illuminate
from blender_assets.sample_street.photo import adjust_camera, scatter
from blender_assets.sample_street.settings import StreetSettings


def test_scattered_light_is_kept_in_sum_and_falls_off_around_a_lamp():
    radiance = np.full((64, 128, 3), 0.1)
    radiance[32, 64] = 4.0
    seen = scatter(radiance)
    assert seen.sum() == pytest.approx(radiance.sum(), rel=1e-3)
    row = seen[32, 64:100, 0]
    assert (np.diff(row[:10]) < 0).all() and row[2] > 0.101 and row[-1] == pytest.approx(0.1, rel=1e-3)


def test_nights_are_exposed_darker_and_noisier_than_days():
    weather = draw_weather(np.random.default_rng(0))
    day, dusk, night = (
        adjust_camera(illuminate(time, weather), StreetSettings(), np.random.default_rng(1))
        for time in ("day", "dusk", "night")
    )
    assert day.exposure_ev > dusk.exposure_ev > night.exposure_ev
    assert day.full_well_electrons > dusk.full_well_electrons > night.full_well_electrons
    assert (day.blur_px, day.vignetting) == (night.blur_px, night.vignetting)
