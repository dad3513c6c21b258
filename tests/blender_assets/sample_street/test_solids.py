import numpy as np
import pytest

from blender_assets.sample_street.solids import Solid, boxes, loft, long_box, ring, strip, tube, turned


def area(solid: Solid) -> float:
    corners = solid.vertices[solid.quads]
    halves = [
        np.cross(corners[:, a] - corners[:, 0], corners[:, b] - corners[:, 0]) for a, b in ((1, 2), (2, 3))
    ]
    return float(sum(np.linalg.norm(half, axis=1).sum() / 2 for half in halves))


def test_boxes_have_the_surface_of_their_sides():
    two = boxes([(0, 0, 0), (5, 0, 0)], [(1, 2, 3), (6, 1, 1)], (1, 1, 1), "plaster")
    assert area(two) == pytest.approx(2 * (2 + 3 + 6) + 6)
    assert len(two.quads) == len(two.colors) == len(two.glow) == 12


def test_a_long_box_is_closed_and_cut_into_steps():
    wall = long_box((0, 0, 0), (0.5, 7, 2), (1, 1, 1), "plaster", step_m=2.0)
    assert area(wall) == pytest.approx(2 * (0.5 * 7 + 0.5 * 2 + 7 * 2))
    np.testing.assert_allclose(np.unique(wall.vertices[:, 1]), [0, 1.75, 3.5, 5.25, 7])


def test_a_loft_of_one_section_is_a_prism():
    section = [[0, 0], [1, 0], [1, 2], [0, 2]]
    assert area(loft([section, section], [0, 3], (1, 1, 1), "paint")) == pytest.approx(2 * (2 + 3 + 6))


def test_a_tube_has_the_surface_of_its_eight_sides():
    side = 2 * 0.5 * np.sin(np.pi / 8)
    ends = 2 * 8 * 0.5 * 0.5**2 * np.sin(np.pi / 4)
    bar = tube((1, 1, 0), (1, 1, 4), 0.5, (1, 1, 1), "metal")
    assert area(bar) == pytest.approx(8 * side * 4 + ends)


def test_a_tyre_stands_on_the_ground_and_a_strip_lies_on_it():
    tyre = ring((0, 0, 0.34), 0.34, 0.02, (0, 0, 0), "rubber")
    assert tyre.vertices[:, 2].min() == pytest.approx(0, abs=1e-9) and tyre.vertices[
        :, 2
    ].max() == pytest.approx(0.68)
    assert area(strip((-1, 1), [0, 2, 4], 0.0, (1, 1, 1), "asphalt")) == pytest.approx(8)


def test_turning_is_counter_clockwise():
    (moved,) = turned([strip((0, 1), [0, 1], 0.0, (1, 1, 1), "grass")], degrees=90, at=(0, 0, 5))
    np.testing.assert_allclose(moved.vertices[1], [0, 1, 5], atol=1e-12)
