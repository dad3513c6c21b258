from dataclasses import replace

import numpy as np
import pytest

from blender_assets.random_rooms.layout import Piece, draw_room

ROOMS = [draw_room(np.random.default_rng([0, number])) for number in range(100)]


def points_inside(piece: Piece) -> np.ndarray:
    """A fine grid of points [n, 2] over a footprint."""
    across, along = np.meshgrid(np.linspace(0, 1, 12), np.linspace(0, 1, 12))
    corners = piece.corners()
    steps = (across[..., None] * (corners[1] - corners[0]), along[..., None] * (corners[3] - corners[0]))
    return (corners[0] + steps[0] + steps[1]).reshape(-1, 2)


def holds(piece: Piece, points: np.ndarray) -> np.ndarray:
    """Which points [n, 2] lie in a footprint, by turning them into its own axes."""
    angle = np.radians(piece.degrees)
    x, y = (points - np.array(piece.xy)).T
    own_x, own_y = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    return (np.abs(own_x) < piece.size_m[0] / 2) & (np.abs(own_y) < piece.size_m[1] / 2)


def test_a_footprint_turns_counter_clockwise():
    piece = Piece("table", (1.0, 2.0), (2.0, 1.0), 90.0, seed=0)
    assert piece.corners() == pytest.approx(np.array([[1.5, 1.0], [1.5, 3.0], [0.5, 3.0], [0.5, 1.0]]))


def test_furniture_stands_inside_and_nothing_in_anything_else():
    num_pairs = 0
    for room in ROOMS:
        for number, piece in enumerate(room.pieces):
            points = points_inside(piece)
            assert (points >= 0).all() and (points <= np.array(room.size_m)).all()
            for other in room.pieces[:number]:
                num_pairs += 1
                assert not holds(other, points).any(), (piece, other)
    assert num_pairs > 1000


def test_the_check_for_touching_pieces_can_fail():
    piece = next(room.pieces[0] for room in ROOMS if room.pieces)
    shifted = replace(piece, xy=(piece.xy[0] + 0.1, piece.xy[1]))
    assert holds(shifted, points_inside(piece)).any()


def test_a_room_depends_on_its_generator_alone_and_rooms_differ():
    again = draw_room(np.random.default_rng([0, 7]))
    assert again == ROOMS[7]
    assert len({room.size_m for room in ROOMS}) == len(ROOMS)
    assert {len(room.windows) for room in ROOMS} == {0, 1, 2, 3}
    assert {piece.kind for room in ROOMS for piece in room.pieces} >= {
        "desk",
        "table",
        "sofa",
        "shelf",
        "chair",
    }


def test_lamps_hang_inside_and_windows_fit_their_wall():
    for room in ROOMS:
        assert all(0 < x < room.size_m[0] and 0 < y < room.size_m[1] for x, y in room.lamps_xy)
        for window in room.windows:
            assert window.x - window.size_m[0] / 2 >= 0 and window.x + window.size_m[0] / 2 <= room.size_m[0]
            assert window.z - window.size_m[1] / 2 + 1e-9 >= 0.9
            assert window.z + window.size_m[1] / 2 < room.ceiling_m
