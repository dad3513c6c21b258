import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from blender_assets.lens.camera import Camera
from blender_assets.lens.fisheye import FisheyeEquidistant, LensCircle
from blender_assets.lens.models import Lens
from blender_assets.lens.pinhole import Perspective

FISHEYE = FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180)
OFF_CENTRE = FisheyeEquidistant(
    model="fisheye_equidistant", fov_deg=200, circle_px=LensCircle(cx=330, cy=230, radius=300)
)
PINHOLE = Perspective(model="perspective", hfov_deg=90)
CALIBRATED = Perspective(model="perspective", fx_px=500, fy_px=450, cx_px=300, cy_px=260)


def looking_down(lens: FisheyeEquidistant | Perspective) -> Camera:
    return Camera(lens=lens, width_px=640, height_px=480, height_m=3.0)


def test_the_point_below_a_fisheye_lies_in_the_middle_of_its_circle():
    np.testing.assert_allclose(looking_down(FISHEYE).project([[0, 0, 0]]), [[320, 240]])
    np.testing.assert_allclose(looking_down(OFF_CENTRE).project([[0, 0, 0]]), [[330, 230]])


def test_a_fisheye_maps_45_degrees_to_half_the_radius_of_180_degrees():
    # 3 m aside and 3 m below is 45 degrees; the circle's radius is 320 px, so half of it is 160 px.
    pixels = looking_down(FISHEYE).project([[3, 0, 0], [0, 3, 0]])
    np.testing.assert_allclose(pixels, [[480, 240], [320, 80]], atol=1e-9)


def test_a_pinhole_of_90_degrees_has_a_focal_length_of_half_its_width():
    # f = 320: 1.5 m aside at 3 m gives 160 px.
    pixels = looking_down(PINHOLE).project([[1.5, 0, 0], [0, 1.5, 0]])
    np.testing.assert_allclose(pixels, [[480, 240], [320, 80]])


def test_a_calibrated_pinhole_uses_its_four_numbers():
    np.testing.assert_allclose(looking_down(CALIBRATED).project([[0.6, -0.6, 0]]), [[400, 350]])


def test_tilt_turns_the_view_up_toward_plus_y():
    camera = Camera(lens=PINHOLE, width_px=640, height_px=480, height_m=3.0, tilt_deg=45)
    # The axis meets the floor 3 m ahead; a point 3 m ahead at camera height is 45 degrees above: y = 240 - 320.
    np.testing.assert_allclose(camera.project([[0, 3, 0], [0, 3, 3]]), [[320, 240], [320, -80]], atol=1e-9)


def test_a_horizontal_camera_sees_things_to_its_right_on_the_right_and_high_ones_above():
    camera = Camera(lens=PINHOLE, width_px=640, height_px=480, height_m=3.0, tilt_deg=90)
    np.testing.assert_allclose(camera.project([[1, 4, 3], [0, 4, 4]]), [[400, 240], [320, 160]], atol=1e-9)


def test_roll_turns_the_image_clockwise():
    camera = Camera(lens=PINHOLE, width_px=640, height_px=480, height_m=3.0, roll_deg=90)
    # World +y was up in the image; a quarter turn clockwise puts it on the right.
    np.testing.assert_allclose(camera.project([[0, 1.5, 0]]), [[480, 240]], atol=1e-9)


@pytest.mark.parametrize("lens", [FISHEYE, OFF_CENTRE, PINHOLE, CALIBRATED])
@pytest.mark.parametrize(("tilt_deg", "roll_deg"), [(0, 0), (35, 0), (50, -20)])
def test_lifting_projected_points_to_their_height_gives_them_back(lens, tilt_deg, roll_deg):
    camera = Camera(lens, 640, 480, 3.0, tilt_deg, roll_deg)
    xy = np.random.default_rng(5).uniform(-1.5, 1.5, (100, 2))
    points = np.column_stack([xy, np.full(100, 0.74)])
    np.testing.assert_allclose(camera.pixels_to_plane(camera.project(points), 0.74), points, atol=1e-9)


def test_pixels_above_the_horizon_never_meet_the_floor():
    camera = Camera(lens=PINHOLE, width_px=640, height_px=480, height_m=3.0, tilt_deg=90)
    assert np.isnan(camera.pixels_to_plane([[320, 100]], 0.0)).all()
    assert not np.isnan(camera.pixels_to_plane([[320, 300]], 0.0)).any()


def test_points_behind_a_pinhole_have_no_image():
    assert np.isnan(looking_down(PINHOLE).project([[0, 0, 4]])).all()


def test_the_nadir_of_a_tilted_pinhole_lies_below_the_image():
    camera = Camera(lens=PINHOLE, width_px=640, height_px=480, height_m=3.0, tilt_deg=60)
    # 60 degrees below the axis: 240 + 320 * tan(60).
    np.testing.assert_allclose(camera.nadir_px(), [320, 240 + 320 * np.sqrt(3)])


def test_the_nadir_of_a_horizontal_pinhole_is_finite_and_far_below():
    x, y = Camera(lens=PINHOLE, width_px=640, height_px=480, height_m=3.0, tilt_deg=90).nadir_px()
    assert x == pytest.approx(320)
    assert 1e5 < y < 1e7


def test_a_fisheye_sees_only_inside_its_circle():
    camera = Camera(lens=FISHEYE, width_px=400, height_px=400, height_m=3.0)
    assert camera.sees([[200, 200], [2, 2], [-5, 200]]).tolist() == [True, False, False]


@pytest.mark.parametrize(
    "fields", [{}, {"fx_px": 500}, {"hfov_deg": 90, "fx_px": 500}, {"hfov_deg": 180}, {"fov_deg": 90}]
)
def test_an_incomplete_or_doubly_given_pinhole_is_refused(fields):
    with pytest.raises(ValidationError):
        TypeAdapter(Lens).validate_python({"model": "perspective", **fields})
