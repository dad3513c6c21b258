"""Lenses that keep straight lines straight, and OpenCV's model of how they fail to."""

from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from blender_assets.lens.fisheye import check_centre
from blender_assets.lens.radial import NEWTON_STEPS, Axes, OddCurve, OpenCVAxes, RadialLens, invert, odd_curve

# Tangents are followed up to 87 degrees off axis.
LARGEST_TANGENT = 20.0


class Perspective(BaseModel):
    """A pinhole: either hfov_deg with a centred axis, or the four calibrated numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    model: Literal["perspective"]  # straight lines stay straight
    hfov_deg: float | None = Field(
        default=None, gt=0, lt=180
    )  # the angle between the left and the right edge
    fx_px: float | None = Field(default=None, gt=0)  # horizontal focal length, in pixels
    fy_px: float | None = Field(default=None, gt=0)  # vertical focal length, in pixels
    cx_px: float | None = None  # of the axis, from the left edge of the image
    cy_px: float | None = None  # of the axis, from the upper edge of the image

    @model_validator(mode="after")
    def _exactly_one_form(self) -> "Perspective":
        given = [n for n in ("fx_px", "fy_px", "cx_px", "cy_px") if getattr(self, n) is not None]
        is_complete = len(given) == (4 if self.hfov_deg is None else 0)
        if not is_complete:
            found = ", ".join(given + (["hfov_deg"] if self.hfov_deg is not None else [])) or "nothing"
            raise ValueError(
                "a perspective lens has either hfov_deg or all of fx_px, fy_px, cx_px, cy_px, "
                f"but found {found}; hfov_deg alone is enough for a camera that was not calibrated"
            )
        return self

    def axes(self, width_px: int, height_px: int) -> Axes:
        """Where the axis meets an image of this size, and the focal lengths in pixels."""
        if self.hfov_deg is None:
            assert self.fx_px and self.fy_px and self.cx_px is not None and self.cy_px is not None
            return Axes(self.fx_px, self.fy_px, self.cx_px, self.cy_px)
        focal_px = float(width_px / 2 / np.tan(np.radians(self.hfov_deg) / 2))
        return Axes(focal_px, focal_px, width_px / 2, height_px / 2)

    def project_directions(
        self, directions: NDArray[np.float64], width_px: int, height_px: int
    ) -> NDArray[np.float64]:
        """[n, 3] camera-space vectors of any length -> [n, 2] pixels, nan behind the camera."""
        return self.axes(width_px, height_px).to_pixels(*tangents(directions))

    def directions(self, pixels: NDArray[np.float64], width_px: int, height_px: int) -> NDArray[np.float64]:
        """[n, 2] pixels -> [n, 3] unit vectors in camera space."""
        return unit_directions(*self.axes(width_px, height_px).from_pixels(pixels))

    def sees(
        self, pixels: NDArray[np.float64], width_px: int, height_px: int, *, slack_px: float
    ) -> NDArray[np.bool_]:
        """Everywhere: a pinhole has no circle."""
        return np.ones(len(pixels), dtype=bool)

    def check(self, width_px: int, height_px: int) -> None:
        """Any pinhole fits any image."""


class OpenCVPinhole(OpenCVAxes, RadialLens):
    """cv2.projectPoints: a pinhole with radial (k1..k6, rational) and tangential (p1, p2) distortion.

    All numbers as cv2.calibrateCamera gives them for images of the background's size, cx and cy too (the middle of the
    first pixel is 0, 0 there).
    """

    model: Literal["opencv_pinhole"]  # that of cv2.projectPoints
    k1: float = 0.0  # D[0], radial
    k2: float = 0.0  # D[1], radial
    p1: float = 0.0  # D[2], tangential
    p2: float = 0.0  # D[3], tangential
    k3: float = 0.0  # D[4], radial
    k4: float = 0.0  # D[5], radial, in the denominator
    k5: float = 0.0  # D[6], radial, in the denominator
    k6: float = 0.0  # D[7], radial, in the denominator

    @cached_property
    def _curve(self) -> OddCurve:
        numerator, denominator = (1.0, self.k1, self.k2, self.k3), (1.0, self.k4, self.k5, self.k6)
        return odd_curve(numerator, denominator, largest=LARGEST_TANGENT)

    @property
    def limit_rad(self) -> float:
        return float(np.arctan(self._curve.limit))

    def radius(self, angle_rad: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._curve(np.tan(angle_rad))

    def angle(self, radius: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.arctan(invert(self._curve, self._curve.slope, radius, limit=self._curve.limit))

    def project_directions(
        self, directions: NDArray[np.float64], width_px: int, height_px: int
    ) -> NDArray[np.float64]:
        """[n, 3] camera-space vectors of any length -> [n, 2] pixels, nan behind the camera."""
        return self.axes(width_px, height_px).to_pixels(*self._distort(*tangents(directions)))

    def _distort(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        radius = np.hypot(x, y)
        # Beyond the limit distortion goes on growing in proportion, so that what is outside stays outside.
        shrink = np.minimum(1.0, self._curve.limit / np.maximum(radius, 1e-12))
        factor = self._curve(radius) / np.maximum(radius, 1e-12)
        factor = np.where(radius < 1e-9, 1.0, factor)
        u, v = x * shrink, y * shrink
        square = u * u + v * v
        tangential_x = 2 * self.p1 * u * v + self.p2 * (square + 2 * u * u)
        tangential_y = self.p1 * (square + 2 * v * v) + 2 * self.p2 * u * v
        return x * factor + tangential_x, y * factor + tangential_y

    def directions(self, pixels: NDArray[np.float64], width_px: int, height_px: int) -> NDArray[np.float64]:
        """[n, 2] pixels -> [n, 3] unit vectors in camera space."""
        x_target, y_target = self.axes(width_px, height_px).from_pixels(pixels)
        radius = np.hypot(x_target, y_target)
        scale = np.tan(self.angle(radius)) / np.maximum(radius, 1e-12)
        x, y = x_target * scale, y_target * scale
        for _ in range(NEWTON_STEPS):
            x, y = self._newton_step(x, y, x_target, y_target)
        return unit_directions(x, y)

    def _newton_step(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        x_target: NDArray[np.float64],
        y_target: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """With slopes from central differences, which lose no accuracy: only the end point counts."""
        step = 1e-6 * (1 + np.hypot(x, y))
        found_x, found_y = self._distort(x, y)
        (x_right, y_right), (x_left, y_left) = self._distort(x + step, y), self._distort(x - step, y)
        (x_below, y_below), (x_above, y_above) = self._distort(x, y + step), self._distort(x, y - step)
        xx, yx = (x_right - x_left) / (2 * step), (y_right - y_left) / (2 * step)
        xy, yy = (x_below - x_above) / (2 * step), (y_below - y_above) / (2 * step)
        determinant = xx * yy - xy * yx
        off_x, off_y = found_x - x_target, found_y - y_target
        return x - (yy * off_x - xy * off_y) / determinant, y - (xx * off_y - yx * off_x) / determinant

    def sees(
        self, pixels: NDArray[np.float64], width_px: int, height_px: int, *, slack_px: float
    ) -> NDArray[np.bool_]:
        """Everywhere: `check` refuses a lens whose distortion turns back within the image."""
        return np.ones(len(pixels), dtype=bool)

    def check(self, width_px: int, height_px: int) -> None:
        axes = self.axes(width_px, height_px)
        check_centre(axes, width_px, height_px)
        corners = np.array([[x, y] for x in (0.0, width_px) for y in (0.0, height_px)])
        needed = float(np.hypot(*axes.from_pixels(corners)).max())
        reached = float(self._curve(np.array([self._curve.limit]))[0])
        if needed > reached:
            raise ValueError(
                f"lens: with its k1, k2 .. the image stops growing {reached * self.fx:.0f} px from the axis, before "
                f"the corners of the image of {width_px} x {height_px} pixels at {needed * self.fx:.0f} px; check the "
                "coefficients and the image's size, or calibrate with points in the corners"
            )


def tangents(directions: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[n, 3] camera-space vectors -> x right and y down at distance 1 along the axis, nan behind the camera."""
    forward = np.where(directions[:, 2] < -1e-9, -directions[:, 2], np.nan)
    return directions[:, 0] / forward, -directions[:, 1] / forward


def unit_directions(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of `tangents`: [n], [n] -> [n, 3] unit vectors."""
    directions = np.stack([x, -y, -np.ones(len(x))], axis=1)
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)
