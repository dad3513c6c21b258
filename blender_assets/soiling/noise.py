"""Smooth random fields, of several scales and along a direction."""

import cv2
import numpy as np
from numpy.typing import NDArray

_LEAST_CELL = 1.0


def fractal_noise(
    shape_hw: tuple[int, int], cell: float, octaves: int, rng: np.random.Generator, *, gain: float = 0.5
) -> NDArray[np.float32]:
    """[h, w] of mean 0 and deviation about 1; each octave has cells half as wide and `gain` times the height."""
    field = np.zeros(shape_hw, np.float32)
    weights = gain ** np.arange(octaves)
    for number, weight in enumerate(weights):
        own = max(cell / 2**number, _LEAST_CELL)
        field += np.float32(weight) * value_noise(shape_hw, (own, own), rng)
    return field / np.float32(np.sqrt((weights**2).sum()))


def value_noise(
    shape_hw: tuple[int, int], cell_hw: tuple[float, float], rng: np.random.Generator
) -> NDArray[np.float32]:
    """[h, w] normals on a lattice of such cells, smooth between them (Perlin's lattice noise with bicubic values)."""
    # A cell as large as the field is a slope already; larger ones would only cost memory.
    cell_hw = min(cell_hw[0], float(shape_hw[0])), min(cell_hw[1], float(shape_hw[1]))
    counts = [int(np.ceil(side / cell)) + 3 for side, cell in zip(shape_hw, cell_hw, strict=True)]
    lattice = rng.standard_normal(counts, dtype=np.float32)
    height, width = (max(round(count * cell), 1) for count, cell in zip(counts, cell_hw, strict=True))
    field = np.asarray(cv2.resize(lattice, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
    top, left = (round(cell) for cell in cell_hw)  # beyond the half cell at the edge that has no neighbour
    return field[top : top + shape_hw[0], left : left + shape_hw[1]]


def streaks(
    shape_hw: tuple[int, int], cell: tuple[float, float], angle_rad: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """[h, w] noise with cells `cell[0]` long in the direction of the angle and `cell[1]` wide."""
    # Stretched first and turned then: warps know 32 steps between two places, too few for a long cell.
    reach = int(np.ceil(np.hypot(*shape_hw)))
    upright = value_noise((reach, reach), (cell[1], cell[0]), rng)
    turn = cv2.getRotationMatrix2D((reach / 2, reach / 2), float(np.degrees(-angle_rad)), 1.0)
    turn[:, 2] += (shape_hw[1] - reach) / 2, (shape_hw[0] - reach) / 2
    field = cv2.warpAffine(upright, turn, shape_hw[::-1], borderMode=cv2.BORDER_REFLECT)
    return np.asarray(field, np.float32)
