from typing import get_args

import numpy as np
import pytest

from blender_assets.random_rooms.layout import SIZES_M, Kind, Piece, draw_room
from blender_assets.random_rooms.solids import TOPS_M, build_panes, build_piece, build_room

# Chairs have feet and plants have leaves beyond their footprints; a shelf carries a box.
OVERHANG_M = {"chair": 0.15, "plant": 0.5, "desk": 0.1}


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("seed", range(5))
def test_a_piece_keeps_to_its_footprint_and_stands_on_the_floor(kind, seed):
    width, depth = (size[1] for size in SIZES_M[kind])
    solids = build_piece(Piece(kind, (0.0, 0.0), (width, depth), 0.0, seed))
    vertices = np.concatenate([solid.vertices for solid in solids])
    reach = np.array([width, depth]) / 2 + OVERHANG_M.get(kind, 0.06)
    assert (np.abs(vertices[:, :2]) <= reach).all(), np.abs(vertices[:, :2]).max(axis=0)
    assert vertices[:, 2].min() > -0.02 and vertices[:, 2].max() < 2.2


@pytest.mark.parametrize("kind", ["desk", "table"])
def test_the_top_that_people_avoid_is_where_the_top_is(kind):
    solids = build_piece(Piece(kind, (0.0, 0.0), (1.4, 0.8), 0.0, seed=0))
    largest = max(solids, key=lambda solid: np.prod(np.ptp(solid.vertices[:, :2], axis=0)))
    assert largest.vertices[:, 2].max() == pytest.approx(TOPS_M[kind][0], abs=0.01)


def test_a_room_is_closed_and_its_panes_lie_in_the_wall_of_the_windows():
    for number in range(10):
        room = draw_room(np.random.default_rng([1, number]))
        vertices = np.concatenate([solid.vertices for solid in build_room(room)])
        low, high = vertices.min(axis=0), vertices.max(axis=0)
        assert (
            (low[:2] <= 0).all() and (high[:2] >= np.array(room.size_m)).all() and high[2] >= room.ceiling_m
        )
        panes = build_panes(room)
        assert len(panes) == len(room.windows)
        assert all(np.allclose(pane.vertices[:, 1], room.size_m[1] - 0.01) for pane in panes)
