"""Rays through drops, traced by hand where a number stands."""

import numpy as np
import pytest

from blender_assets.soiling.refraction import (
    CRITICAL_ANGLE_DEG,
    NORMAL_REFLECTANCE,
    Caps,
    focal_length_mm,
    refract,
    surface_at,
)


def caps(num_rays: int, *rows: tuple[float, float, float, float], blend: float = 1e-6) -> Caps:
    """The same drop for every ray, of caps with x, y, radius and contact angle in degrees."""
    x, y, radius, contact = np.repeat(np.array(rows, np.float32).T[:, None], num_rays, axis=1)
    return Caps(x, y, radius, np.radians(contact), np.full(num_rays, blend, np.float32))


def angles_deg(x: list[float], *, radius: float, contact: float, distance: float) -> np.ndarray:
    """Of the rays through x on the base of one drop: to the right of the axis, where they leave."""
    at = np.array(x, np.float32)
    out = refract(caps(len(x), (0, 0, radius, contact)), at, 0 * at, distance)
    return np.degrees(np.arctan2(out.directions[:, 0], out.directions[:, 2]))


def test_a_ray_leaves_a_drop_as_a_trace_by_hand_says():
    # A base of the radius 1 and a contact angle of 60 degrees: a sphere of 1 / sin 60 = 1.1547 with its middle .57735
    # below the base. The ray to .5 at 20 mm comes in at atan(.5 / 20) = 1.4321 degrees, and goes on in the water at
    # asin(sin 1.4321 / 1.33) = 1.0767. It meets the sphere .4594 farther at x = .50863, where the normal leans
    # asin(.50863 / 1.1547) = 26.1350 outwards: 25.0583 from the ray. Snell: asin(1.33 sin 25.0583) = 34.2850, so that it
    # leaves at 26.1350 - 34.2850 = -8.1499 degrees, to the left.
    assert angles_deg([0.5], radius=1, contact=60, distance=20)[0] == pytest.approx(-8.1499, abs=2e-3)


def test_a_drop_bends_rays_as_much_down_as_to_the_left():
    at = np.array([0.5, 0.0], np.float32)
    out = refract(caps(2, (0, 0, 1, 60)), at, at[::-1], 20)
    np.testing.assert_allclose(out.directions[0, [0, 2]], out.directions[1, [1, 2]], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(out.directions, axis=1), 1, atol=1e-6)


def test_a_drop_farther_than_its_focal_length_turns_the_scene_round():
    # 1 / (.33 sin 60) = 3.50 mm: at 20 mm what lies right is seen left, at 2 mm all stays on its side.
    assert focal_length_mm(1, 60) == pytest.approx(3.499, abs=1e-3)
    far = angles_deg([-0.3, -0.1, 0.1, 0.3], radius=1, contact=60, distance=20)
    near = angles_deg([-0.3, -0.1, 0.1, 0.3], radius=1, contact=60, distance=2)
    assert (np.diff(far) < 0).all()
    assert far[0] > 0 > far[-1]
    assert (np.diff(near) > 0).all()
    assert near[0] < 0 < near[-1]


@pytest.mark.parametrize(("contact", "factor"), [(30, 6.06), (60, 3.50), (90, 3.03)])
def test_focal_lengths_are_the_radius_times_known_factors(contact, factor):
    assert focal_length_mm(2.0, contact) == pytest.approx(2 * factor, abs=0.01)


def test_light_beyond_the_critical_angle_does_not_leave():
    assert pytest.approx(48.75, abs=0.01) == CRITICAL_ANGLE_DEG
    # Nearly a half sphere, seen from afar: rays stay parallel in the water, so that asin(x / R) is their angle to the
    # normal. R = 1 / sin 85 = 1.00382, and 48.75 degrees are x = R sin 48.75 = .7547.
    at = np.array([0.0, 0.73, 0.78], np.float32)
    out = refract(caps(3, (0, 0, 1, 85)), at, 0 * at, 1e5)
    # Straight on, all but ((n - 1) / (n + 1)) ** 2 = .0201 goes through.
    assert pytest.approx(0.02006, abs=1e-4) == NORMAL_REFLECTANCE
    np.testing.assert_allclose(out.transmission[0], 1 - 0.02006, atol=1e-4)
    assert out.transmission[1] > 0.3
    assert out.transmission[2] == 0


def test_a_flat_drop_lets_all_its_rays_leave():
    at = np.linspace(-0.95, 0.95, 20, dtype=np.float32)
    assert (refract(caps(20, (0, 0, 1, 40)), at, 0 * at, 1e5).transmission > 0.5).all()


def test_a_cap_is_as_high_as_its_contact_angle_says():
    # a tan(tau / 2): 1.2 tan 30 = .6928; at the edge 0, and its slope there is tan 60 = 1.7321.
    at = np.array([0.0, 1.2], np.float32)
    surface = surface_at(caps(2, (0, 0, 1.2, 60)), at, 0 * at)
    np.testing.assert_allclose(surface.height, [0.6928, 0], atol=1e-4)
    np.testing.assert_allclose(surface.slope_x, [0, -1.7321], atol=1e-3)


def test_two_caps_grow_together_between_them():
    # Both end at x = 0: alone they leave the pane bare there, blended they are a fourth of the blend higher than both.
    at = np.zeros(1, np.float32)
    rows = ((-1, 0, 1, 60), (1, 0, 1, 60))
    assert surface_at(caps(1, *rows), at, at).height[0] == pytest.approx(0, abs=1e-5)
    assert surface_at(caps(1, *rows, blend=0.4), at, at).height[0] == pytest.approx(0.1, abs=1e-5)


def test_slopes_are_those_of_the_heights():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1.2, 1.2, (2, 50))
    merged = caps(50, (-0.5, 0, 1, 50), (0.6, 0.2, 0.8, 50), (0.1, -0.9, 0.6, 50), blend=0.3)

    def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return surface_at(merged, x, y).height

    found, step = surface_at(merged, x, y), 1e-5
    slope_x = (height(x + step, y) - height(x - step, y)) / (2 * step)
    slope_y = (height(x, y + step) - height(x, y - step)) / (2 * step)
    np.testing.assert_allclose(found.slope_x, slope_x, atol=2e-3)
    np.testing.assert_allclose(found.slope_y, slope_y, atol=2e-3)
