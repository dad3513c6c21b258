"""Fisheye lenses: the radius in the image as a function of the angle off axis."""

from abc import abstractmethod
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.lens.radial import (
    GRID,
    LEAST_GROWTH,
    Axes,
    OddCurve,
    OpenCVAxes,
    RadialLens,
    invert,
    odd_curve,
)


class LensCircle(BaseModel):
    """The circle that a fisheye lens fills on the sensor, in pixels; it may reach beyond the image."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    cx: float  # of its centre, from the left edge of the image
    cy: float  # of its centre, from the upper edge of the image
    radius: float = Field(gt=0)  # in pixels

    def holds(self, pixels: NDArray[np.float64], *, slack_px: float = 0.0) -> NDArray[np.bool_]:
        """[n, 2] pixels -> [n]."""
        return np.hypot(pixels[:, 0] - self.cx, pixels[:, 1] - self.cy) <= self.radius + slack_px

    def check(self, width_px: int, height_px: int) -> None:
        """ValueError where no part of the circle is in an image of this size."""
        outside_px = np.hypot(max(-self.cx, 0.0, self.cx - width_px), max(-self.cy, 0.0, self.cy - height_px))
        if outside_px >= self.radius:
            raise ValueError(
                f"lens.circle_px has its centre at [{self.cx:g}, {self.cy:g}] and the radius {self.radius:g}, so no "
                f"part of it is in the image of {width_px} x {height_px} pixels; give pixels of the background image"
            )


class Fisheye(RadialLens):
    """What all fisheyes share; circle_px is where the image is bright."""

    # the bright circle, in pixels of the photo; None: centred, touching the longer side, or as the calibration has it
    circle_px: LensCircle | None = None

    def project_directions(
        self, directions: NDArray[np.float64], width_px: int, height_px: int
    ) -> NDArray[np.float64]:
        x, y, forward = directions[:, 0], -directions[:, 1], -directions[:, 2]
        across = np.hypot(x, y)
        scale = self.radius(np.arctan2(across, forward)) / np.maximum(across, 1e-12)
        return self.axes(width_px, height_px).to_pixels(scale * x, scale * y)

    def directions(self, pixels: NDArray[np.float64], width_px: int, height_px: int) -> NDArray[np.float64]:
        x, y = self.axes(width_px, height_px).from_pixels(pixels)
        radius = np.hypot(x, y)
        angle = self.angle(radius)
        scale = np.sin(angle) / np.maximum(radius, 1e-12)
        return np.stack([x * scale, -y * scale, -np.cos(angle)], axis=1)

    def sees(
        self, pixels: NDArray[np.float64], width_px: int, height_px: int, *, slack_px: float
    ) -> NDArray[np.bool_]:
        axes = self.axes(width_px, height_px)
        limit = float(self.radius(np.array([self.limit_rad]))[0]) + slack_px / min(axes.fx, axes.fy)
        seen = np.hypot(*axes.from_pixels(pixels)) <= limit * (1 + 1e-12)
        return seen if self.circle_px is None else seen & self.circle_px.holds(pixels, slack_px=slack_px)

    def check(self, width_px: int, height_px: int) -> None:
        if self.circle_px is not None:
            self.circle_px.check(width_px, height_px)


class FieldOfViewFisheye(Fisheye):
    """A fisheye known by its image circle and the angle that the circle spans; the radius is 1 at the circle."""

    fov_deg: float = Field(gt=0, le=360)  # the angle that the circle spans, edge to edge

    def circle(self, width_px: int, height_px: int) -> LensCircle:
        """The given circle, or one that is centred and touches the longer side."""
        if self.circle_px is not None:
            return self.circle_px
        return LensCircle(cx=width_px / 2, cy=height_px / 2, radius=max(width_px, height_px) / 2)

    def axes(self, width_px: int, height_px: int) -> Axes:
        circle = self.circle(width_px, height_px)
        return Axes(circle.radius, circle.radius, circle.cx, circle.cy)

    @property
    def limit_rad(self) -> float:
        return float(np.radians(self.fov_deg / 2))


class FisheyeEquidistant(FieldOfViewFisheye):
    """Distance from the circle's centre grows with the angle off axis: r = radius * angle / (fov / 2)."""

    model: Literal["fisheye_equidistant"]  # distance from the centre grows with the angle off axis

    def radius(self, angle_rad: NDArray[np.float64]) -> NDArray[np.float64]:
        return angle_rad / self.limit_rad

    def angle(self, radius: NDArray[np.float64]) -> NDArray[np.float64]:
        return radius * self.limit_rad


class FisheyeEquisolid(FieldOfViewFisheye):
    """Equal solid angles fill equal areas: r = radius * sin(angle / 2) / sin(fov / 4)."""

    model: Literal["fisheye_equisolid"]  # equal solid angles fill equal areas

    def radius(self, angle_rad: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.sin(angle_rad / 2) / np.sin(self.limit_rad / 2)

    def angle(self, radius: NDArray[np.float64]) -> NDArray[np.float64]:
        return 2 * np.arcsin(np.minimum(radius * np.sin(self.limit_rad / 2), 1.0))


class CalibratedFisheye(Fisheye):
    """A fisheye from a calibration; fov_deg or circle_px say where the image turns black, if it does."""

    fov_deg: float | None = Field(default=None, gt=0, le=360)  # the angle beyond which the image is black

    @property
    def limit_rad(self) -> float:
        """Half the field of view, or where the calibrated curve stops growing."""
        half_rad = np.pi if self.fov_deg is None else np.radians(self.fov_deg / 2)
        return float(min(half_rad, self.curve_limit_rad))

    @property
    @abstractmethod
    def curve_limit_rad(self) -> float:
        """The angle at which the calibrated curve stops growing, at most 180 degrees."""

    def check(self, width_px: int, height_px: int) -> None:
        super().check(width_px, height_px)
        axes = self.axes(width_px, height_px)
        check_centre(axes, width_px, height_px)
        limit_deg = np.degrees(self.curve_limit_rad)
        if self.fov_deg is not None:
            if self.fov_deg / 2 > limit_deg + 1e-9:
                raise ValueError(
                    f"lens.fov_deg is {self.fov_deg:g}, but with its k1, k2 .. the image stops growing at "
                    f"{limit_deg:.1f} degrees off axis; give at most {2 * limit_deg:.1f}, or check the coefficients"
                )
            return
        corners = np.array([[x, y] for x in (0.0, width_px) for y in (0.0, height_px)])
        is_black = np.zeros(4, dtype=bool) if self.circle_px is None else ~self.circle_px.holds(corners)
        is_seen = self.sees(corners, width_px, height_px, slack_px=0.0)
        if not (is_seen | is_black).all():
            raise ValueError(
                f"lens: with its k1, k2 .. the image stops growing at {limit_deg:.1f} degrees off axis, before the "
                f"corners of the image of {width_px} x {height_px} pixels; give lens.fov_deg or lens.circle_px where "
                "the corners are black, or check the coefficients and the image's size"
            )


class FisheyePolynomial(CalibratedFisheye):
    """r = k1 a + k2 a^2 + k3 a^3 + k4 a^4 + k5 a^5 pixels for a ray a radians off axis.

    cx_px and cy_px are the axis in pixels from the image's upper left corner (default: its middle). Kannala and Brandt's
    generic model (2006), r = k1 a + k2 a^3 + k3 a^5 .., is this with the even powers 0, or `opencv_fisheye`.
    """

    model: Literal["fisheye_polynomial"]  # r = k1 a + k2 a^2 + k3 a^3 + k4 a^4 + k5 a^5
    k1: float = Field(gt=0)  # pixels a radian
    k2: float = 0.0  # pixels a radian^2
    k3: float = 0.0  # pixels a radian^3
    k4: float = 0.0  # pixels a radian^4
    k5: float = 0.0  # pixels a radian^5
    cx_px: float | None = None  # of the axis, from the left edge of the image; None: its middle
    cy_px: float | None = None  # of the axis, from the upper edge of the image; None: its middle

    def axes(self, width_px: int, height_px: int) -> Axes:
        cx = width_px / 2 if self.cx_px is None else self.cx_px
        cy = height_px / 2 if self.cy_px is None else self.cy_px
        return Axes(1.0, 1.0, cx, cy)

    @property
    def _powers(self) -> tuple[float, ...]:
        return (0.0, self.k1, self.k2, self.k3, self.k4, self.k5)

    @cached_property
    def curve_limit_rad(self) -> float:
        grid = np.linspace(0, np.pi, GRID)
        is_turning = self._slope(grid) <= LEAST_GROWTH * self.k1
        return float(grid[int(np.argmax(is_turning)) - 1]) if is_turning.any() else np.pi

    def _slope(self, angle_rad: NDArray[np.float64]) -> NDArray[np.float64]:
        return polynomial.polyval(angle_rad, polynomial.polyder(self._powers))

    def radius(self, angle_rad: NDArray[np.float64]) -> NDArray[np.float64]:
        inner = np.minimum(angle_rad, self.curve_limit_rad)
        slope = self._slope(np.array(self.curve_limit_rad))
        return polynomial.polyval(inner, self._powers) + slope * (angle_rad - inner)

    def angle(self, radius: NDArray[np.float64]) -> NDArray[np.float64]:
        return invert(self.radius, self._slope, radius, limit=self.curve_limit_rad)


class OpenCVFisheye(OpenCVAxes, CalibratedFisheye):
    """cv2.fisheye: with a the angle off axis, r = a (1 + k1 a^2 + k2 a^4 + k3 a^6 + k4 a^8); x = fx r cos + cx.

    All numbers as cv2.fisheye.calibrate gives them for images of the background's size, cx and cy too (the middle of
    the first pixel is 0, 0 there).
    """

    model: Literal["opencv_fisheye"]  # that of cv2.fisheye
    k1: float = 0.0  # D[0]
    k2: float = 0.0  # D[1]
    k3: float = 0.0  # D[2]
    k4: float = 0.0  # D[3]

    @cached_property
    def _curve(self) -> OddCurve:
        return odd_curve((1.0, self.k1, self.k2, self.k3, self.k4), (1.0,), largest=np.pi)

    @property
    def curve_limit_rad(self) -> float:
        return self._curve.limit

    def radius(self, angle_rad: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._curve(angle_rad)

    def angle(self, radius: NDArray[np.float64]) -> NDArray[np.float64]:
        return invert(self._curve, self._curve.slope, radius, limit=self._curve.limit)


def check_centre(axes: Axes, width_px: int, height_px: int) -> None:
    """ValueError where the axis does not meet the image: the numbers belong to another image size."""
    if not (0 <= axes.cx <= width_px and 0 <= axes.cy <= height_px):
        raise ValueError(
            f"lens: its axis meets the sensor at [{axes.cx:g}, {axes.cy:g}], outside the image of {width_px} x "
            f"{height_px} pixels; if the calibration was made at another size, scale fx, fy, cx and cy to this one"
        )
