import numpy as np
import pytest

from blender_assets.lens.pinhole import Perspective
from blender_assets.soiling.defocus import defocus, disc
from blender_assets.soiling.pane import Pane, PaneConfig
from tests.blender_assets.soiling.patterns import FISHEYE, pane


@pytest.mark.parametrize("diameter", [1.0, 2.5, 4.0, 9.7])
def test_a_disc_has_the_area_of_a_circle_and_adds_up_to_one(diameter):
    kernel = disc(diameter)
    assert kernel.sum() == pytest.approx(1, abs=1e-6)
    assert kernel.max() == pytest.approx(1 / (np.pi * diameter**2 / 4), rel=0.05) or diameter < 2
    assert (kernel == kernel.T).all()
    assert (kernel == kernel[::-1]).all()


def test_a_point_becomes_a_disc_of_equal_brightness():
    values = np.zeros((21, 21), np.float32)
    values[10, 10] = 1
    blurred = defocus(values, 9.0)
    # Within 4 px of the middle all of a cell is inside the disc of the radius 4.5: 1 / (pi 4.5 ** 2) = .01572.
    assert blurred[10, 6:15] == pytest.approx(0.01572, rel=0.03)
    assert blurred.sum() == pytest.approx(1, abs=1e-5)
    assert not blurred[10, :5].any()


def test_what_is_in_focus_stays_as_it_is():
    values = np.random.default_rng(0).random((9, 9), np.float32)
    assert (defocus(values, 1.0) == values).all()


def test_the_blur_is_focal_length_times_aperture_over_distance():
    # 640 px at 90 degrees: f = 320 px. An aperture of 0.5 mm at 20 mm: 320 * .5 / 20 = 8 px.
    lens = Perspective(model="perspective", hfov_deg=90)
    one = Pane(lens, 640, 480, PaneConfig(distance_mm=20, aperture_mm=0.5))
    assert one.focal_px == pytest.approx(320, rel=1e-5)
    assert one.blur_px == pytest.approx(8, rel=1e-5)
    # In blocks of 2 px, so that the blur hides them.
    assert (one.step, one.blur_blocks) == (2, pytest.approx(4, rel=1e-5))


def test_the_front_lens_of_a_fisheye_is_nearer_than_a_pane():
    # A circle of the radius 100 px that spans 90 degrees off axis: 100 / (pi / 2) = 63.66 px a radian; 8 mm away.
    assert pane(FISHEYE).px_per_mm == pytest.approx(63.66 / 8, rel=1e-3)
