"""Finds the bright circle of a fisheye in a photo, by its edge against the even surroundings."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from blender_assets.lens.fisheye import LensCircle

_LARGEST_PX = 1600  # larger photos are looked at in this size
_CORNER_SHARE = 0.012  # of the shorter side: what is looked at in each corner
_LEAST_STEP = 10.0  # grey levels between the surroundings and the image
_MOST_SPREAD = 12.0  # of even surroundings, grey levels
_LASTING_PX = 4  # what is brighter for fewer pixels is noise or the letters of a time stamp
_TRIES = 400
_NEAR_SHARE = 0.006  # of the radius, by which points of the edge may miss the circle
_LEAST_POINTS, _LEAST_AGREEING = 24, 0.5
_RADII = (0.25, 1.2)  # of a circle, in longer sides of the image


class FoundCircle(BaseModel):
    """A circle, and how well it was seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    circle: LensCircle
    agreeing: float  # share of the points of the edge that lie on it, 0 .. 1
    error_px: float  # root mean square of how far these miss it


@dataclass(frozen=True)
class _Fit:
    x: float
    y: float
    radius: float

    def misses(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """[n, 2] -> [n] pixels outwards."""
        return np.hypot(points[:, 0] - self.x, points[:, 1] - self.y) - self.radius

    def is_near(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.abs(self.misses(points)) < max(1.5, _NEAR_SHARE * self.radius)


def find_circle(image: NDArray[np.uint8]) -> FoundCircle | None:
    """uint8 [h, w, 3] -> the circle outside which the image is of one colour, or None where there is none.

    Points of the edge are where rows and columns first leave the colour of the corners; the circle is that on which most
    of them lie (RANSAC; Fischler and Bolles 1981), then fitted to these by least squares.
    """
    small, scale = _at_most(image, _LARGEST_PX)
    difference = _difference_from_corners(small)
    if difference is None:
        return None
    points = _edge_points(difference) * scale
    if len(points) < _LEAST_POINTS:
        return None
    fit = _best_circle(points, longer_px=max(image.shape[:2]))
    if fit is None or fit.is_near(points).mean() < _LEAST_AGREEING:
        return None
    for _ in range(3):
        fit = _least_squares(points[fit.is_near(points)])
    near = fit.is_near(points)
    if near.mean() < _LEAST_AGREEING:
        return None
    circle = LensCircle(cx=round(fit.x, 1), cy=round(fit.y, 1), radius=round(fit.radius, 1))
    error_px = float(np.sqrt(np.mean(fit.misses(points[near]) ** 2)))
    return FoundCircle(circle=circle, agreeing=round(float(near.mean()), 3), error_px=round(error_px, 2))


def _at_most(image: NDArray[np.uint8], longest_px: int) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """A large image scaled down, and pixels [x, y] of the image in one of it."""
    height, width = image.shape[:2]
    share = min(1.0, longest_px / max(height, width))
    size = (max(1, round(width * share)), max(1, round(height * share)))
    small = image if share == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8), np.array([width / size[0], height / size[1]])


def _difference_from_corners(image: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """[h, w] grey levels by which each pixel differs from the corners; None where these are of several colours."""
    size = max(3, round(_CORNER_SHARE * min(image.shape[:2])))
    patches = [image[rows, columns] for rows in _ends(size) for columns in _ends(size)]
    pixels = np.concatenate([patch.reshape(-1, 3) for patch in patches]).astype(float)
    color = np.median(pixels, axis=0)
    away = np.abs(pixels - color).max(axis=1)
    # Half of it, so that a time stamp in a corner does no harm.
    if np.quantile(away, 0.6) > _MOST_SPREAD:
        return None
    noise = float(np.median(away))
    return np.abs(image.astype(float) - color).max(axis=2) - max(_LEAST_STEP, 4 * noise)


def _ends(size: int) -> tuple[slice, slice]:
    return slice(0, size), slice(-size, None)


def _edge_points(difference: NDArray[np.float64]) -> NDArray[np.float64]:
    """[h, w], positive within the circle -> [n, 2] pixels x, y where rows and columns first turn positive."""
    along_rows = [_crossings(difference), _crossings(difference[:, ::-1])]
    along_columns = [_crossings(difference.T), _crossings(difference.T[:, ::-1])]
    height, width = difference.shape
    (left, right), (top, bottom) = along_rows, along_columns
    right[:, 0] = width - right[:, 0]
    bottom[:, 0] = height - bottom[:, 0]
    return np.concatenate([left, right, top[:, ::-1], bottom[:, ::-1]])


def _crossings(lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n, length] -> [m, 2]: for lines that begin negative, where they turn positive for good, and the line's middle."""
    is_inside = lines > 0
    lasting = is_inside[:, : lines.shape[1] - _LASTING_PX + 1].copy()
    for offset in range(1, _LASTING_PX):
        lasting &= is_inside[:, offset : lines.shape[1] - _LASTING_PX + 1 + offset]
    first = lasting.argmax(axis=1)
    rows = np.flatnonzero(lasting.any(axis=1) & (first > 0))
    columns = first[rows]
    before, after = lines[rows, columns - 1], lines[rows, columns]
    share = -before / np.maximum(after - before, 1e-9)
    # Pixel k has its middle at k + 0.5.
    return np.stack([columns - 0.5 + np.clip(share, 0, 1), rows + 0.5], axis=1).astype(np.float64)


def _best_circle(points: NDArray[np.float64], *, longer_px: int) -> _Fit | None:
    """The circle through three points on which most points lie; the draws are the same for the same photo."""
    rng = np.random.default_rng(len(points))
    best, most = None, 0
    for _ in range(_TRIES):
        fit = _least_squares(points[rng.choice(len(points), 3, replace=False)])
        if not _RADII[0] * longer_px <= fit.radius <= _RADII[1] * longer_px:
            continue
        count = int(fit.is_near(points).sum())
        if count > most:
            best, most = fit, count
    return best


def _least_squares(points: NDArray[np.float64]) -> _Fit:
    """The algebraic fit of Kasa (1976): x^2 + y^2 = 2 a x + 2 b y + c is linear in a, b and c."""
    middle = points.mean(axis=0)
    x, y = (points - middle).T
    (a, b, c), *_ = np.linalg.lstsq(
        np.stack([2 * x, 2 * y, np.ones_like(x)], axis=1), x**2 + y**2, rcond=None
    )
    return _Fit(float(a + middle[0]), float(b + middle[1]), float(np.sqrt(max(c + a**2 + b**2, 0.0))))
