import numpy as np
import pytest

from blender_assets.sample_street.course import Course


def test_a_straight_street_keeps_its_metres():
    points = np.array([[1.5, 0.0, 0.2], [-4.0, 33.3, 1.0], [0.0, 120.0, 0.0]])
    np.testing.assert_allclose(Course(0.0, 300.0, 0.4).to_world(points), points, atol=1e-9)


def test_a_bend_turns_to_the_side_of_its_heading_and_keeps_distances_along_it():
    course = Course(swing_rad=0.3, wave_m=400.0, phase_rad=0.0)
    y = np.linspace(0, 100, 2001)
    line = course.to_world(np.stack([np.zeros(2001), y, np.zeros(2001)], axis=1))
    assert np.linalg.norm(np.diff(line, axis=0), axis=1).sum() == pytest.approx(100, rel=1e-4)
    # Heading .3 sin(2 pi y / 400) is to the left: x at 100 m is the integral of -sin of it, about -.3 * 400 / (2 pi).
    assert line[-1, 0] == pytest.approx(-0.3 * 400 / (2 * np.pi), rel=0.03)


def test_what_is_beside_the_road_stays_at_right_angles_to_it():
    course = Course(swing_rad=0.25, wave_m=260.0, phase_rad=0.7)
    middle, ahead, right = course.to_world(np.array([[0, 50.0, 0], [0, 50.02, 0], [3.0, 50.0, 0]]))
    along, across = ahead - middle, right - middle
    assert np.linalg.norm(across) == pytest.approx(3.0)
    assert abs(along @ across) / np.linalg.norm(along) < 0.02


def test_the_pose_looks_along_the_street():
    course = Course(swing_rad=0.25, wave_m=260.0, phase_rad=0.7)
    position, heading = course.pose(1.6, 40.0)
    ahead, _ = course.pose(1.6, 40.1)
    step = (ahead - position)[:2] / np.linalg.norm(ahead - position)
    np.testing.assert_allclose(step, [-np.sin(heading), np.cos(heading)], atol=2e-3)
