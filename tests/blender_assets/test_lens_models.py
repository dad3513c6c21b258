"""Every lens against OpenCV or a hand-worked value, its inverse over the whole image, and the mistakes that it refuses."""

import cv2
import numpy as np
import pytest
from pydantic import TypeAdapter

from blender_assets.lens.camera import Camera
from blender_assets.lens.fisheye import (
    FisheyeEquidistant,
    FisheyeEquisolid,
    FisheyePolynomial,
    LensCircle,
    OpenCVFisheye,
)
from blender_assets.lens.models import Lens
from blender_assets.lens.pinhole import OpenCVPinhole

WIDTH, HEIGHT = 640, 480
EQUISOLID = FisheyeEquisolid(model="fisheye_equisolid", fov_deg=180)
POLYNOMIAL = FisheyePolynomial(model="fisheye_polynomial", k1=170, k2=-1.6, k3=5.2, k4=-3.6, fov_deg=190)
KB4 = OpenCVFisheye(
    model="opencv_fisheye",
    fx=220, fy=224, cx=318, cy=242, k1=-0.012, k2=0.03, k3=-0.02, k4=0.004, fov_deg=180,
)  # fmt: skip
BARREL = OpenCVPinhole(
    model="opencv_pinhole",
    fx=420, fy=430, cx=325, cy=231, k1=-0.28, k2=0.09, p1=0.002, p2=-0.003, k3=-0.01,
)  # fmt: skip
RATIONAL = OpenCVPinhole(
    model="opencv_pinhole",
    fx=420, fy=425, cx=325, cy=231, k1=1.2, k2=0.4, p1=0.001, p2=-0.0005, k3=0.02, k4=1.5, k5=0.7, k6=0.08,
)  # fmt: skip


def camera(lens: Lens, tilt_deg: float = 0.0, roll_deg: float = 0.0) -> Camera:
    return Camera(lens, WIDTH, HEIGHT, 3.0, tilt_deg, roll_deg)


def every_pixel() -> np.ndarray:
    x, y = np.meshgrid(np.arange(0, WIDTH + 1, 4.0), np.arange(0, HEIGHT + 1, 4.0))
    return np.stack([x.ravel(), y.ravel()], axis=1)


@pytest.mark.parametrize("lens", [EQUISOLID, POLYNOMIAL, KB4, BARREL, RATIONAL])
@pytest.mark.parametrize(("tilt_deg", "roll_deg"), [(0, 0), (40, -25)])
def test_rays_and_projection_are_inverse_over_the_whole_image(lens, tilt_deg, roll_deg):
    view = camera(lens, tilt_deg, roll_deg)
    pixels = every_pixel()[view.sees(every_pixel())]
    assert len(pixels) > 0.7 * len(every_pixel())
    again = view.project(view.position() + 3 * view.rays(pixels))
    np.testing.assert_allclose(again, pixels, atol=1e-6)


def test_an_opencv_fisheye_projects_as_opencv_does():
    lens, view = KB4, camera(KB4, 30, 12)
    points = view.position() + 2 * view.rays(every_pixel()[view.sees(every_pixel())])
    ahead = points[-view.to_camera(points)[:, 2] > 0.02]
    theirs, _ = cv2.fisheye.projectPoints(
        opencv_axes(view, ahead)[:, None],
        np.zeros(3),
        np.zeros(3),
        intrinsic_matrix(lens),
        np.array([lens.k1, lens.k2, lens.k3, lens.k4]),
    )
    # OpenCV has the middle of the first pixel at 0, 0.
    np.testing.assert_allclose(view.project(ahead), theirs[:, 0] + 0.5, atol=1e-6)


@pytest.mark.parametrize("lens", [BARREL, RATIONAL])
def test_an_opencv_pinhole_projects_as_opencv_does(lens):
    view = camera(lens, 30, 12)
    points = view.position() + 2 * view.rays(every_pixel())
    coefficients = np.array([lens.k1, lens.k2, lens.p1, lens.p2, lens.k3, lens.k4, lens.k5, lens.k6])
    theirs, _ = cv2.projectPoints(
        opencv_axes(view, points), np.zeros(3), np.zeros(3), intrinsic_matrix(lens), coefficients
    )
    np.testing.assert_allclose(view.project(points), theirs[:, 0] + 0.5, atol=1e-6)


def opencv_axes(view: Camera, points: np.ndarray) -> np.ndarray:
    """Right, down, forward."""
    return view.to_camera(points) * np.array([1, -1, -1])


def intrinsic_matrix(lens: OpenCVFisheye | OpenCVPinhole) -> np.ndarray:
    return np.array([[lens.fx, 0, lens.cx], [0, lens.fy, lens.cy], [0, 0, 1]])


def test_an_equisolid_lens_maps_60_degrees_to_the_sine_of_30():
    # r = 320 * sin(30 deg) / sin(45 deg).
    height_m = 3.0
    aside_m = height_m * np.tan(np.radians(60))
    np.testing.assert_allclose(
        camera(EQUISOLID).project([[aside_m, 0, 0]]), [[320 + 320 * 0.5 / np.sqrt(0.5), 240]], atol=1e-9
    )


def test_a_polynomial_lens_adds_up_its_powers():
    # 45 degrees: a = 0.785398, 170 a - 1.6 a^2 + 5.2 a^3 - 3.6 a^4 = 133.5177 - 0.98696 + 2.51925 - 1.36981.
    x, y = camera(POLYNOMIAL).project([[3, 0, 0]])[0]
    assert (x - 320, y) == (pytest.approx(133.6802, abs=1e-3), pytest.approx(240))


def test_points_far_outside_a_barrel_lens_do_not_fold_back_into_the_image():
    lens = OpenCVPinhole(model="opencv_pinhole", fx=700, fy=700, cx=319.5, cy=239.5, k1=-0.3)
    far = np.array([[aside, 0.5 * aside, 0] for aside in np.linspace(1, 8, 200)])
    view = camera(lens)
    inside = view.sees(view.project(far))
    # Seen up to some distance and never again.
    assert not inside[int(np.argmin(inside)) :].any()
    plain, _ = cv2.projectPoints(
        opencv_axes(view, far), np.zeros(3), np.zeros(3), intrinsic_matrix(lens), np.array([-0.3, 0, 0, 0])
    )
    # OpenCV's own formula does fold them back: r (1 - 0.3 r^2) is 0 again at r = 1.83, 5.5 m aside at 3 m.
    assert view.sees(plain[:, 0])[100:].any()


def test_the_nadir_of_a_tilted_fisheye_beyond_its_view_stays_on_its_side():
    lens = FisheyeEquidistant(model="fisheye_equidistant", fov_deg=150)
    # 90 degrees off axis at 320 px for 75 degrees.
    np.testing.assert_allclose(camera(lens, 90).nadir_px(), [320, 240 + 320 * 90 / 75])


def test_a_calibrated_fisheye_sees_up_to_its_field_of_view_and_in_its_circle():
    lens = KB4.model_copy(update={"circle_px": LensCircle(cx=318, cy=242, radius=100)})
    assert camera(KB4).sees([[318, 10], [3, 3]]).tolist() == [True, False]
    assert camera(lens).sees([[318, 10], [318, 150]]).tolist() == [False, True]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {
                "model": "fisheye_equidistant",
                "fov_deg": 180,
                "circle_px": {"cx": -400, "cy": 0, "radius": 300},
            },
            "lens.circle_px",
        ),
        (
            {"model": "opencv_fisheye", "fx": 220, "fy": 220, "cx": 960, "cy": 540},
            r"\[960.5, 540.5\].*scale fx",
        ),
        (
            {"model": "opencv_fisheye", "fx": 220, "fy": 220, "cx": 320, "cy": 240, "k1": -0.3},
            "stops growing",
        ),
        (
            {"model": "opencv_fisheye", "fx": 99, "fy": 99, "cx": 320, "cy": 240, "k1": -0.3, "fov_deg": 200},
            "lens.fov_deg is 200",
        ),
        (
            {"model": "opencv_pinhole", "fx": 420, "fy": 420, "cx": 320, "cy": 240, "k1": -0.6},
            "stops growing",
        ),
    ],
)
def test_a_lens_that_does_not_fit_the_image_is_refused(fields, words):
    lens = TypeAdapter(Lens).validate_python(fields)
    with pytest.raises(ValueError, match=words):
        camera(lens).check()
