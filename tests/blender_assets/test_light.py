import numpy as np
import pytest

from blender_assets.light import LUMINANCE, draw_light, measure_contrast, measure_photo_light, power_for
from blender_assets.settings import RenderSettings

ALL = np.ones((20, 20), dtype=bool)


def test_a_brighter_photo_means_proportionally_brighter_light():
    photo = np.full((20, 20, 3), 0.2)
    dim, bright = (measure_photo_light(photo * k, ALL, ALL).white_radiance for k in (1, 2))
    assert bright == pytest.approx(2 * dim)


def test_a_red_photo_tints_the_light_half_as_much():
    photo = np.full((20, 20, 3), 0.2) * [2.0, 1.0, 1.0]
    tint = np.array(measure_photo_light(photo, ALL, ALL).tint)
    assert tint[0] / tint[1] == pytest.approx(np.sqrt(2), rel=0.01)


def test_white_is_judged_by_walls_white_point_and_floor():
    photo, floor = np.full((20, 20, 3), 0.06), np.zeros((20, 20), dtype=bool)
    floor[:10] = True  # a floor of 0.06
    photo[15:] = 0.3  # walls: the brightest quarter
    photo[19, 10:] = 0.9  # paper: a fortieth
    light = measure_photo_light(photo, ALL, floor)
    # 0.3 / 0.75, 0.9 / 0.9 and 0.06 / 0.25, half, three tenths and a fifth
    assert light.white_radiance == pytest.approx(0.4**0.5 * 1.0**0.3 * 0.24**0.2, rel=1e-3)
    assert light.middle_grey == pytest.approx(0.18 * light.white_radiance)


@pytest.mark.parametrize(
    ("black", "white", "contrast"),
    [(0.02, 0.6, 1.0), (0.03**1.2, 0.9**1.2, 1.2), (0.2, 0.4, 1.0), (0.0001, 0.9, 1.35)],
)
def test_contrast_is_the_photos_range_over_that_of_surfaces(black, white, contrast):
    luminance = np.repeat([black, white], 50)
    assert measure_contrast(luminance) == pytest.approx(contrast, abs=1e-6)


def test_a_lamp_straight_above_has_the_power_of_the_textbook():
    # E = P / (pi d^2) below a matt lamp, radiance of white = E / pi: at 2 m, radiance 1 needs 4 pi^2 W.
    assert power_for(1.0, np.zeros((1, 2)), rise_m=2.0) == pytest.approx(4 * np.pi**2)


def test_light_shares_add_up_and_every_draw_differs():
    photo = measure_photo_light(np.full((20, 20, 3), 0.2), ALL, ALL)
    settings = RenderSettings(exposure_gain=(1, 1), num_lights=(2, 2))
    people = np.array([[1.0, 0.0], [0.0, 2.0]])
    first, second = (draw_light(photo, settings, np.random.default_rng(s), people_xy=people) for s in (1, 2))
    assert len(first.lamps) == 2
    assert first.lamps[0].position_m != second.lamps[0].position_m
    assert np.dot(first.world_color, LUMINANCE) == pytest.approx(1)
