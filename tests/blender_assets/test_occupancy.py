import numpy as np

from blender_assets.occupancy import CELL_M, Occupancy, panel_points, surface_points

FLOOR = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])


def test_what_was_added_is_taken_with_a_cell_around_it() -> None:
    room = Occupancy(FLOOR)
    point = np.array([[0.3, 0.2, 1.0]])
    assert not room.touches(point)
    room.add(point)
    assert room.touches(point)
    assert room.touches(np.array([[0.3 + 0.9 * CELL_M, 0.2, 1.0]]))
    assert not room.touches(np.array([[0.3 + 2.1 * CELL_M, 0.2, 1.0]]))


def test_a_copy_leaves_the_original_as_it_is() -> None:
    room = Occupancy(FLOOR)
    room.copy().add(np.array([[0.0, 0.0, 0.5]]))
    assert not room.touches(np.array([[0.0, 0.0, 0.5]]))


def test_points_far_outside_the_floor_are_no_error() -> None:
    room = Occupancy(FLOOR)
    room.add(np.array([[50.0, 0.0, 9.0]]))
    assert not room.touches(np.array([[0.0, 0.0, 0.5]]))


def test_a_surface_is_thinned_to_half_cells() -> None:
    x, y = np.meshgrid(np.linspace(0, 0.2, 41), np.linspace(0, 0.2, 41))
    vertices = np.stack([x.ravel(), y.ravel(), np.zeros(41 * 41)], axis=1)
    quads = np.array([[k, k + 1, k + 42, k + 41] for k in range(40 * 41) if k % 41 < 40])
    points = surface_points(vertices, quads)
    assert 81 <= len(points) <= 121
    assert np.abs(points[:, :2] - 0.1).max() < 0.1 + CELL_M / 2


def test_points_on_a_panel_leave_no_gap_that_something_could_slip_through() -> None:
    panel = np.array([[0, 0, 0], [0.9, 0, 0], [0.9, 0.5, 0], [0, 0.5, 0]], dtype=float)
    small = panel * 0.02 + [2.0, 0.0, 0.0]
    points = panel_points(np.concatenate([panel, small]), np.array([[0, 1, 2, 3], [4, 5, 6, 7]]))
    anywhere = np.random.default_rng(0).random((500, 3)) * [0.9, 0.5, 0]
    gaps = np.linalg.norm(anywhere[:, None] - points[None], axis=2).min(axis=1)
    assert gaps.max() < CELL_M
    assert (points[:, 0] > 1.9).any()
