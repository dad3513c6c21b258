"""How far off the axis a ray meets the sensor: increasing functions of the angle, their limits and inverses."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
# A lens counts as turning back where its image grows this much slower than on the axis.
LEAST_GROWTH = 0.02
GRID = 2048
NEWTON_STEPS = 4


@dataclass(frozen=True)
class Axes:
    """pixel = centre + scale * (normalised x right, y down)."""

    fx: float
    fy: float
    cx: float
    cy: float

    def to_pixels(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Normalised [n] and [n], y down -> [n, 2]."""
        return np.stack([self.cx + self.fx * x, self.cy + self.fy * y], axis=1)

    def from_pixels(self, pixels: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return (pixels[:, 0] - self.cx) / self.fx, (pixels[:, 1] - self.cy) / self.fy


class RadialLens(BaseModel, ABC):
    """A lens that is symmetric about its axis, but for pixels that are not square."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @abstractmethod
    def axes(self, width_px: int, height_px: int) -> Axes:
        """Where the axis meets an image of this size, and pixels per unit of radius."""

    @abstractmethod
    def radius(self, angle_rad: NDArray[np.float64]) -> NDArray[np.float64]:
        """Angles off axis [n] -> normalised radii [n], increasing also beyond `limit_rad`."""

    @abstractmethod
    def angle(self, radius: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of `radius`."""

    @property
    @abstractmethod
    def limit_rad(self) -> float:
        """The largest angle off axis that the lens takes in."""

    @abstractmethod
    def project_directions(
        self, directions: NDArray[np.float64], width_px: int, height_px: int
    ) -> NDArray[np.float64]:
        """[n, 3] camera-space vectors of any length -> [n, 2] pixels."""

    @abstractmethod
    def directions(self, pixels: NDArray[np.float64], width_px: int, height_px: int) -> NDArray[np.float64]:
        """[n, 2] pixels -> [n, 3] unit vectors in camera space."""

    @abstractmethod
    def sees(
        self, pixels: NDArray[np.float64], width_px: int, height_px: int, *, slack_px: float
    ) -> NDArray[np.bool_]:
        """[n, 2] pixels -> [n] whether light reaches the sensor there, or within slack_px of there."""

    @abstractmethod
    def check(self, width_px: int, height_px: int) -> None:
        """ValueError where the lens cannot be that of an image of this size."""


class OpenCVAxes(BaseModel):
    """The camera matrix as OpenCV's calibration gives it for images of the background's size.

    The middle of the first pixel is 0, 0 there.
    """

    fx: float = Field(gt=0)  # K[0, 0] of the calibration, in pixels
    fy: float = Field(gt=0)  # K[1, 1], in pixels
    cx: float  # K[0, 2]; the middle of the first pixel is 0
    cy: float  # K[1, 2]; the middle of the first pixel is 0

    def axes(self, width_px: int, height_px: int) -> Axes:
        """In pixels whose centres are at +0.5."""
        return Axes(self.fx, self.fy, self.cx + 0.5, self.cy + 0.5)


@dataclass(frozen=True)
class OddCurve:
    """value -> value * polynomial in value**2, with a straight line beyond `limit` so that it never turns back."""

    numerator: tuple[float, ...]  # of value**0, value**2, value**4 ..
    denominator: tuple[float, ...]
    limit: float

    def __call__(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        inner = np.minimum(value, self.limit)
        return inner * self.factor(np.square(inner)) + self._slope_at_limit() * (value - inner)

    def factor(self, square: NDArray[np.float64]) -> NDArray[np.float64]:
        return polynomial.polyval(square, self.numerator) / polynomial.polyval(square, self.denominator)

    def slope(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        square = value**2
        top, below = polynomial.polyval(square, self.numerator), polynomial.polyval(square, self.denominator)
        top_slope = polynomial.polyval(square, polynomial.polyder(self.numerator))
        below_slope = polynomial.polyval(square, polynomial.polyder(self.denominator))
        return top / below + 2 * square * (top_slope * below - top * below_slope) / below**2

    def _slope_at_limit(self) -> float:
        return max(float(self.slope(np.array(self.limit))), LEAST_GROWTH)


def odd_curve(numerator: tuple[float, ...], denominator: tuple[float, ...], *, largest: float) -> OddCurve:
    """The curve with its limit where it stops growing, at most `largest`."""
    whole = OddCurve(numerator, denominator, largest)
    # Fine near 0, where tangents of usual views lie.
    grid = largest * np.square(np.linspace(0, 1, GRID))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        is_turning = ~(whole.slope(grid) > LEAST_GROWTH) | ~(whole.factor(np.square(grid)) > 0)
    limit = float(grid[max(int(np.argmax(is_turning)) - 1, 0)]) if is_turning.any() else largest
    return OddCurve(numerator, denominator, limit)


def invert(curve: Curve, slope: Curve, value: NDArray[np.float64], *, limit: float) -> NDArray[np.float64]:
    """The argument at which an increasing curve has the value: Newton's method from a table; a line beyond limit."""
    table = np.linspace(0, limit, GRID)
    at_limit, slope_at_limit = float(curve(table[-1:])[0]), max(float(slope(table[-1:])[0]), LEAST_GROWTH)
    inner = np.minimum(value, at_limit)
    argument = np.interp(inner, curve(table), table)
    for _ in range(NEWTON_STEPS):
        argument = np.clip(argument - (curve(argument) - inner) / slope(argument), 0, limit)
    return argument + (value - inner) / slope_at_limit
