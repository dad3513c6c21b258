"""Which cells of a room are taken: bodies that share no neighbouring cell cannot touch."""

import numpy as np
from numpy.typing import NDArray

CELL_M = 0.04
MARGIN_M = 1.6  # people at the edge of the floor reach beyond it
HEIGHT_M = 2.6


class Occupancy:
    """A grid of cells over a floor, with what was added so far."""

    def __init__(self, floor_xy: NDArray[np.floating]) -> None:
        low, high = floor_xy.min(axis=0) - MARGIN_M, floor_xy.max(axis=0) + MARGIN_M
        self.origin = np.array([*low, -2 * CELL_M])
        size = np.array([*(high - low), HEIGHT_M])
        self.taken = np.zeros(tuple(np.ceil(size / CELL_M).astype(int) + 2), dtype=bool)

    def add(self, points: NDArray[np.floating]) -> None:
        """Takes the cells of points [n, 3] and their 26 neighbours."""
        index = np.clip(self._index(points), 1, np.array(self.taken.shape) - 2)
        flat = np.unique(np.ravel_multi_index(tuple(index.T), self.taken.shape))
        i, j, k = np.unravel_index(flat, self.taken.shape)
        for di in (-1, 0, 1):
            for dj in (-1, 0, 1):
                for dk in (-1, 0, 1):
                    self.taken[i + di, j + dj, k + dk] = True

    def touches(self, points: NDArray[np.floating]) -> bool:
        """Whether any of the points [n, 3] lies in a taken cell."""
        index = np.clip(self._index(points), 0, np.array(self.taken.shape) - 1)
        return bool(self.taken[tuple(index.T)].any())

    def copy(self) -> "Occupancy":
        other = object.__new__(Occupancy)
        other.origin, other.taken = self.origin, self.taken.copy()
        return other

    def _index(self, points: NDArray[np.floating]) -> NDArray[np.int64]:
        return np.floor((points - self.origin) / CELL_M).astype(np.int64)


def thin_out(points: NDArray[np.floating]) -> NDArray[np.float32]:
    """The middles of the half cells that hold any of the points [n, 3]."""
    half = CELL_M / 2
    columns = np.ascontiguousarray(points.T)  # numpy reduces along rows ten times as fast
    low = columns.min(axis=1)
    index = ((columns - low[:, None]) / half).astype(np.int32)
    taken = np.zeros(tuple(index.max(axis=1) + 1), dtype=bool)
    taken[tuple(index)] = True
    return (low + (np.argwhere(taken) + 0.5) * half).astype(np.float32)


def surface_points(vertices: NDArray[np.floating], quads: NDArray[np.integer]) -> NDArray[np.float32]:
    """Points [n, 3] a half cell apart on a person's surface: its quads are small."""
    corners = [vertices[quads[:, k]] for k in range(4)]
    return thin_out(np.concatenate([corners[0], corners[1], sum(corners[1:], corners[0]) / 4]))


def panel_points(vertices: NDArray[np.floating], quads: NDArray[np.integer]) -> NDArray[np.float32]:
    """Points [n, 3] on quads of any size, each sampled as a grid no coarser than a cell."""
    corners = vertices[quads]
    longest_m = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    steps = np.ceil(longest_m / CELL_M).astype(int) + 1
    return thin_out(
        np.concatenate([_grid_points(corners[steps == count], count) for count in np.unique(steps)])
    )


def _grid_points(corners: NDArray[np.floating], count: int) -> NDArray[np.floating]:
    """[f, 4, 3] corners of quads -> [f * count * count, 3] points on them, borders included."""
    t = np.linspace(0, 1, count)
    u, v = (axis.reshape(1, -1, 1) for axis in np.meshgrid(t, t))
    a, b, c, d = (corners[:, k][:, None] for k in range(4))
    points = (1 - u) * (1 - v) * a + u * (1 - v) * b + u * v * c + (1 - u) * v * d
    return points.reshape(-1, 3)
