import cv2
import numpy as np
import pytest

from blender_assets.lens.camera import Camera
from blender_assets.lens.fisheye import FisheyeEquidistant
from blender_assets.lens.pinhole import Perspective
from tasks.sites.describing.seen_floor import circle_on_floor, seen_floor


def test_a_radius_below_a_fisheye_is_a_circle_in_the_image():
    """3 m around at 3 m height: 45 degrees, half of the image's 500 px."""
    camera = Camera(FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180), 1000, 1000, 3.0)
    outline = np.array(circle_on_floor(camera, 3.0))
    assert np.hypot(*(outline - 500).T) == pytest.approx(250, abs=0.2)


def test_the_floor_ends_below_the_horizon_at_the_reach_and_at_the_image_s_border():
    camera = Camera(Perspective(model="perspective", hfov_deg=90), 400, 400, 3.0, 60.0)
    outline = seen_floor(camera, reach_m=9.0)
    places = camera.pixels_to_plane(outline, 0.0)
    assert not np.isnan(places).any() and np.hypot(*places[:, :2].T).max() <= 9.0
    pixels = np.array(outline)
    assert pixels.min() >= 0.9 and pixels.max() <= 399.1
    # The tangent of (atan(9 / 3) - 60 degrees) is 0.2056: the reach straight ahead is 41 px above the middle.
    assert pixels[:, 1].min() == pytest.approx(200 - 41.1, abs=3)
    area = cv2.contourArea(pixels.astype(np.float32))
    assert area > 0.8 * 400 * 240


def test_a_camera_that_sees_no_floor_is_told():
    camera = Camera(Perspective(model="perspective", hfov_deg=20), 400, 300, 3.0, 90.0)
    with pytest.raises(
        ValueError, match=r"sees no floor within 5\.0 m with a height of 3\.00 m and a tilt of 90 degrees"
    ):
        seen_floor(camera, reach_m=5.0)
