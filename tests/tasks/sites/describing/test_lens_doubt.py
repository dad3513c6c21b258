"""The height with the angle of view a little narrower and wider, reckoned by hand for one person below a fisheye."""

import numpy as np
import pytest

from blender_assets.lens.fisheye import FisheyeEquidistant, LensCircle, OpenCVFisheye
from blender_assets.lens.pinhole import Perspective
from tasks.sites.describing.camera_pose import Mark
from tasks.sites.describing.lens_doubt import lens_doubt

PERSON = Mark(kind="person", start_px=(500, 750), end_px=(500, 850), size_m=1.75)


def height_m(fov_deg: float) -> float:
    """Feet a and head b off axis are as far away: H tan a = (H - 1.75) tan b."""
    foot, head = (np.tan(np.radians(fov_deg / 2) * radius / 500) for radius in (250, 350))
    return float(1.75 * head / (head - foot))


def test_a_fisheye_s_angle_moves_the_height_as_reckoned_by_hand():
    circle = LensCircle(cx=500, cy=500, radius=500)
    lens = FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180, circle_px=circle)
    doubt = lens_doubt(lens, (1000, 1000), [PERSON], mount="down", angle_sd_deg=6)
    assert doubt == pytest.approx(abs(np.log(height_m(186) / height_m(174))) / 2, rel=0.02)


def test_a_mark_at_the_rim_is_in_more_doubt_than_one_near_the_middle():
    lens = FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180)
    far = Mark(kind="door", start_px=(500, 840), end_px=(500, 975), size_m=2.0)
    near = Mark(kind="person", start_px=(500, 560), end_px=(500, 640), size_m=1.75)
    doubts = [lens_doubt(lens, (1000, 1000), [mark], mount="down", angle_sd_deg=6) for mark in (far, near)]
    assert doubts[0] > 1.5 * doubts[1]


def test_a_lens_without_an_angle_is_in_no_such_doubt():
    calibrated = OpenCVFisheye(model="opencv_fisheye", fx=300, fy=300, cx=500, cy=500)
    pinhole = Perspective(model="perspective", fx_px=500, fy_px=500, cx_px=500, cy_px=500)
    for lens in (calibrated, pinhole):
        assert lens_doubt(lens, (1000, 1000), [PERSON], mount="down", angle_sd_deg=6) == 0
