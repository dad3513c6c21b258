import numpy as np
import pytest

from blender_assets.people.mesh import (
    Patch,
    boundary_edges,
    close_border,
    cut_along,
    push_out,
    smooth,
    subdivide,
    surface,
)


@pytest.fixture
def strip() -> Patch:
    """Four unit squares in a row along x, facing up."""
    x, y = np.meshgrid(np.arange(5.0), np.arange(2.0))
    points = np.stack([x.ravel(), y.ravel(), np.zeros(10)], axis=1)
    quads = np.array([[k, k + 1, k + 6, k + 5] for k in range(4)])
    return surface(points, points.copy(), quads)


def test_normals_of_a_flat_strip_point_up(strip: Patch) -> None:
    assert np.allclose(strip.normals, [0, 0, 1])


def test_a_strip_of_four_squares_has_ten_border_edges(strip: Patch) -> None:
    assert len(boundary_edges(strip.quads)) == 10


def test_a_cut_ends_exactly_on_the_line(strip: Patch) -> None:
    cut = cut_along(strip, 2.25 - strip.vertices[:, 0])
    assert cut.vertices[:, 0].max() == pytest.approx(2.25)
    assert cut.rest[:, 0].max() == pytest.approx(2.25)
    assert len(cut.quads) == 3


def test_a_cut_that_keeps_nothing_is_an_empty_patch(strip: Patch) -> None:
    assert len(cut_along(strip, np.full(10, -1.0)).quads) == 0


def test_subdividing_makes_four_quads_of_each_and_keeps_the_area(strip: Patch) -> None:
    fine = subdivide(strip)
    assert len(fine.quads) == 16
    corners = fine.vertices[fine.quads]
    areas = np.linalg.norm(np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]), axis=1) / 2
    assert np.allclose(areas, 0.25)


def test_smoothing_does_not_pull_the_border_inward_from_the_side(strip: Patch) -> None:
    fine = smooth(subdivide(strip), rounds=3)
    assert np.isclose(fine.vertices[:, 1].max(), 1.0, atol=0.15)
    assert fine.vertices[:, 2].max() == 0


def test_pushing_out_moves_along_the_normals(strip: Patch) -> None:
    assert np.allclose(push_out(strip, np.full(10, 0.3)).vertices[:, 2], 0.3)


def test_a_closed_border_has_a_rim_below_the_surface(strip: Patch) -> None:
    closed = close_border(strip, depth_m=0.1)
    assert len(closed.quads) == 4 + 10
    assert closed.vertices[:, 2].min() == pytest.approx(-0.1)
