"""Procedural textures of strongly varied pattern, scale and colour: noise, stripes, cells and swirls.

Stand-ins for the paintings with which the thesis made S_style (Section 5.6): no two draws are alike.
"""

from collections.abc import Callable

import cv2
import numpy as np

_COLORS_IN_PALETTE = (3, 6)  # least, and one more than most
_OCTAVES = 5


def draw_texture(size_px: int, rng: np.random.Generator) -> np.ndarray:
    """uint8 [size, size, 3]: one pattern in one palette, both drawn with `rng`."""
    pattern = _PATTERNS[rng.integers(len(_PATTERNS))]
    values = pattern(size_px, rng)
    span = max(float(np.ptp(values)), 1e-6)
    return _colored((values - values.min()) / span, rng)


def _colored(values_hw: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """uint8 [h, w, 3] of values in 0..1 along a palette of random colours."""
    palette = rng.integers(0, 256, (rng.integers(*_COLORS_IN_PALETTE), 3))
    places = np.linspace(0, 1, len(palette))
    channels = [np.interp(values_hw, places, channel) for channel in palette.T]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)


def _noise(size_px: int, rng: np.random.Generator) -> np.ndarray:
    """float64 [size, size]: random grids of rising fineness; how fast their strength falls is drawn."""
    persistence = rng.uniform(0.4, 0.9)
    total = np.zeros((size_px, size_px))
    for octave in range(_OCTAVES):
        side = 2 ** (octave + 1) + 1
        grid = cv2.resize(rng.normal(size=(side, side)), (size_px, size_px), interpolation=cv2.INTER_CUBIC)
        total += persistence**octave * grid
    return total


def _stripes(size_px: int, rng: np.random.Generator) -> np.ndarray:
    """float64 [size, size]: 2 to 16 bands in a random direction, bent by noise."""
    x, y = _coordinates(size_px)
    angle, count = rng.uniform(0, np.pi), rng.uniform(2, 16)
    bend = rng.uniform(0, 0.15) * _noise(size_px, rng)
    return np.sin(2 * np.pi * count * (x * np.cos(angle) + y * np.sin(angle) + bend))


def _cells(size_px: int, rng: np.random.Generator) -> np.ndarray:
    """float64 [size, size]: a value for each of 10 to 80 Voronoi cells, shaded from its middle outwards."""
    x, y = _coordinates(size_px)
    points, shading = rng.random((rng.integers(10, 81), 2)), rng.uniform(0, 3)
    distances = np.hypot(x[..., None] - points[:, 0], y[..., None] - points[:, 1])
    return rng.random(len(points))[distances.argmin(axis=-1)] + shading * distances.min(axis=-1)


def _swirls(size_px: int, rng: np.random.Generator) -> np.ndarray:
    """float64 [size, size]: noise seen through a turn that fades away from a random centre."""
    x, y = _coordinates(size_px)
    center_x, center_y = rng.random(2)
    reach, turn = rng.uniform(0.3, 0.8), rng.uniform(3, 9) * rng.choice([-1, 1])
    angle = turn * np.exp(-(np.hypot(x - center_x, y - center_y) ** 2) / reach**2)
    from_x = center_x + (x - center_x) * np.cos(angle) - (y - center_y) * np.sin(angle)
    from_y = center_y + (x - center_x) * np.sin(angle) + (y - center_y) * np.cos(angle)
    columns, rows = (from_x * size_px).astype(np.float32), (from_y * size_px).astype(np.float32)
    noise = _noise(size_px, rng)
    return cv2.remap(noise, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def _coordinates(size_px: int) -> tuple[np.ndarray, np.ndarray]:
    """x and y of pixel centres, each float64 [size, size] in 0..1."""
    y, x = (np.mgrid[:size_px, :size_px] + 0.5) / size_px
    return x, y


_PATTERNS: tuple[Callable[[int, np.random.Generator], np.ndarray], ...] = (_noise, _stripes, _cells, _swirls)
