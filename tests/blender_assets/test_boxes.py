import numpy as np
import pytest

from blender_assets.boxes import intersection, radial_box, tight_box


def test_a_tight_box_ends_behind_the_last_pixel():
    mask = np.zeros((5, 6), dtype=bool)
    mask[1:4, 2] = True
    assert tight_box(mask, left=10, top=-3) == (12.0, -2.0, 13.0, 1.0)


def test_an_intersection_stays_inside():
    assert intersection((1.0, 2.0, 9.0, 9.0), (2.0, 0.0, 8.5, 12.0)) == (2.0, 2.0, 8.5, 9.0)


def test_a_person_to_the_right_of_the_nadir_lies_turned_by_a_quarter():
    # 40 px along the radius, 10 px across.
    corners = np.array([[60, 45], [100, 45], [100, 55], [60, 55]], dtype=float)
    assert radial_box(corners, (10.0, 50.0)) == pytest.approx((80, 50, 10, 40, 90))


def test_a_person_up_and_right_of_the_nadir_is_turned_clockwise_by_45_degrees():
    along, across = np.array([1, -1]) / np.sqrt(2), np.array([1, 1]) / np.sqrt(2)
    corners = np.array([200 * along + a * along + b * across for a in (-30, 30) for b in (-8, 8)])
    x, y = 200 * along
    assert radial_box(corners, (0.0, 0.0)) == pytest.approx((x, y, 16, 60, 45), abs=1e-3)


def test_the_axis_points_from_the_box_s_own_middle_to_the_nadir():
    points = np.random.default_rng(3).normal([70, -40], [12, 5], (200, 2))
    x, y, _, _, degrees = radial_box(points, (4.0, 9.0))
    outward = np.array([x - 4, y - 9])
    up = np.array([np.sin(np.radians(degrees)), -np.cos(np.radians(degrees))])
    assert abs(np.dot(up, outward)) == pytest.approx(np.linalg.norm(outward), rel=1e-6)


def test_points_around_the_nadir_have_an_upright_box():
    corners = np.array([[-5, -8], [5, -8], [5, 8], [-5, 8]], dtype=float)
    assert radial_box(corners, (0.0, 0.0)) == pytest.approx((0, 0, 10, 16, 0))
