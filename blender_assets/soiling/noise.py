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
    counts = [int(np.ceil(side / cell)) + 3 for side, cell in zip(shape_hw, cell_hw, strict=True)]
    lattice = rng.standard_normal(counts, dtype=np.float32)
    matrix = np.array([[1 / cell_hw[1], 0, 1], [0, 1 / cell_hw[0], 1]], np.float64)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    field = cv2.warpAffine(lattice, matrix, shape_hw[::-1], flags=flags, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(field, np.float32)


def streaks(
    shape_hw: tuple[int, int], cell: tuple[float, float], angle_rad: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """[h, w] noise with cells `cell[0]` long in the direction of the angle and `cell[1]` wide."""
    reach = float(np.hypot(*shape_hw))
    counts = [int(np.ceil(reach / side)) + 3 for side in (cell[1], cell[0])]
    lattice = rng.standard_normal(counts, dtype=np.float32)
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    turn = np.array([[cosine / cell[0], sine / cell[0]], [-sine / cell[1], cosine / cell[1]]])
    middle = np.array([shape_hw[1], shape_hw[0]]) / 2
    shift = np.array([counts[1], counts[0]]) / 2 - turn @ middle
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    matrix = np.column_stack([turn, shift])
    field = cv2.warpAffine(lattice, matrix, shape_hw[::-1], flags=flags, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(field, np.float32)
