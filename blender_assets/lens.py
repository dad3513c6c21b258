"""Lenses and the camera of a site: from world metres to pixels and back, numpy only.

World: metres, z up, floor at z=0, the camera at (0, 0, height_m). Pixels: x right, y down, centres at +0.5.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

FARTHEST_NADIR_PX = 1e6


class LensCircle(BaseModel):
    """The circle that a fisheye lens fills on the sensor, in pixels; it may reach beyond the image."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    cx: float
    cy: float
    radius: float = Field(gt=0)


class FisheyeEquidistant(BaseModel):
    """Distance from the circle's centre grows with the angle off axis: r = radius * angle / (fov / 2)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    model: Literal["fisheye_equidistant"]
    fov_deg: float = Field(gt=0, le=360)
    circle_px: LensCircle | None = None

    def circle(self, width_px: int, height_px: int) -> LensCircle:
        """The given circle, or one that is centred and touches the longer side."""
        if self.circle_px is not None:
            return self.circle_px
        return LensCircle(cx=width_px / 2, cy=height_px / 2, radius=max(width_px, height_px) / 2)


class Perspective(BaseModel):
    """A pinhole: either hfov_deg with a centred axis, or the four calibrated numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    model: Literal["perspective"]
    hfov_deg: float | None = Field(default=None, gt=0, lt=180)
    fx_px: float | None = Field(default=None, gt=0)
    fy_px: float | None = Field(default=None, gt=0)
    cx_px: float | None = None
    cy_px: float | None = None

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

    def intrinsics(self, width_px: int, height_px: int) -> tuple[float, float, float, float]:
        """(fx, fy, cx, cy) in pixels."""
        if self.hfov_deg is None:
            assert self.fx_px and self.fy_px and self.cx_px is not None and self.cy_px is not None
            return self.fx_px, self.fy_px, self.cx_px, self.cy_px
        focal_px = width_px / 2 / np.tan(np.radians(self.hfov_deg) / 2)
        return focal_px, focal_px, width_px / 2, height_px / 2


Lens = Annotated[FisheyeEquidistant | Perspective, Field(discriminator="model")]


@dataclass(frozen=True)
class Camera:
    """A lens in its place: tilt 0 looks straight down with world +y up in the image, tilt 90 looks along +y.

    A positive roll turns the camera counter-clockwise seen from behind it, so the image turns clockwise.
    """

    lens: FisheyeEquidistant | Perspective
    width_px: int
    height_px: int
    height_m: float
    tilt_deg: float = 0.0
    roll_deg: float = 0.0

    def rotation(self) -> NDArray[np.float64]:
        """[3, 3] camera axes as columns in world coordinates: right, up, backward (Blender's convention)."""
        tilt, roll = np.radians(self.tilt_deg), np.radians(self.roll_deg)
        about_x = np.array(
            [[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]], dtype=float
        )
        about_axis = np.array(
            [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]], dtype=float
        )
        return np.einsum("ij,jk->ik", about_x, about_axis)

    def position(self) -> NDArray[np.float64]:
        """[3] world metres."""
        return np.array([0.0, 0.0, self.height_m])

    def project(self, points_xyz: ArrayLike) -> NDArray[np.float64]:
        """[n, 3] world metres -> [n, 2] pixels; nan for points that a perspective lens has behind it."""
        points = np.atleast_2d(np.asarray(points_xyz, dtype=float))
        return self._project_directions((points - self.position()) @ self.rotation())

    def _project_directions(self, directions: NDArray[np.float64]) -> NDArray[np.float64]:
        """[n, 3] camera-space vectors, of any length -> [n, 2] pixels."""
        x, y, forward = directions[:, 0], directions[:, 1], -directions[:, 2]
        if isinstance(self.lens, Perspective):
            fx, fy, cx, cy = self.lens.intrinsics(self.width_px, self.height_px)
            depth = np.where(forward > 1e-9, forward, np.nan)
            return np.stack([cx + fx * x / depth, cy - fy * y / depth], axis=1)
        circle = self.lens.circle(self.width_px, self.height_px)
        across = np.hypot(x, y)
        radius = np.arctan2(across, forward) / np.radians(self.lens.fov_deg / 2) * circle.radius
        scale = radius / np.maximum(across, 1e-12)
        return np.stack([circle.cx + scale * x, circle.cy - scale * y], axis=1)

    def rays(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """[n, 2] pixels -> [n, 3] unit directions in the world."""
        pixels_xy = np.atleast_2d(np.asarray(pixels, dtype=float))
        if isinstance(self.lens, Perspective):
            directions = self._perspective_directions(pixels_xy, self.lens)
        else:
            directions = self._fisheye_directions(pixels_xy, self.lens)
        return directions @ self.rotation().T

    def _perspective_directions(self, pixels: NDArray[np.float64], lens: Perspective) -> NDArray[np.float64]:
        fx, fy, cx, cy = lens.intrinsics(self.width_px, self.height_px)
        right, up = (pixels[:, 0] - cx) / fx, (cy - pixels[:, 1]) / fy
        directions = np.stack([right, up, -np.ones(len(pixels))], axis=1)
        return directions / np.linalg.norm(directions, axis=1, keepdims=True)

    def _fisheye_directions(
        self, pixels: NDArray[np.float64], lens: FisheyeEquidistant
    ) -> NDArray[np.float64]:
        circle = lens.circle(self.width_px, self.height_px)
        right, up = pixels[:, 0] - circle.cx, circle.cy - pixels[:, 1]
        radius = np.hypot(right, up)
        angle = radius / circle.radius * np.radians(lens.fov_deg / 2)
        scale = np.sin(angle) / np.maximum(radius, 1e-12)
        return np.stack([right * scale, up * scale, -np.cos(angle)], axis=1)

    def pixels_to_plane(self, pixels: ArrayLike, height_m: float) -> NDArray[np.float64]:
        """[n, 2] pixels -> [n, 3] points at z = height_m; nan where the ray never reaches that plane."""
        rays = self.rays(pixels)
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = (height_m - self.height_m) / rays[:, 2]
        distance = np.where((distance > 0) & np.isfinite(distance), distance, np.nan)
        points = self.position() + rays * distance[:, None]
        return np.stack([points[:, 0], points[:, 1], np.where(np.isnan(distance), np.nan, height_m)], axis=1)

    def nadir_px(self) -> tuple[float, float]:
        """The image of the point straight below: upright people point away from it.

        It may lie outside the image; for a horizontal perspective camera it is infinitely far and a point
        FARTHEST_NADIR_PX away in its direction stands for it.
        """
        down = np.array([[0.0, 0.0, -1.0]]) @ self.rotation()
        if isinstance(self.lens, Perspective) and -down[0, 2] < 1 / FARTHEST_NADIR_PX:
            _, _, cx, cy = self.lens.intrinsics(self.width_px, self.height_px)
            return float(cx + FARTHEST_NADIR_PX * down[0, 0]), float(cy - FARTHEST_NADIR_PX * down[0, 1])
        x, y = self._project_directions(down)[0]
        return float(x), float(y)

    def sees(self, pixels: ArrayLike) -> NDArray[np.bool_]:
        """[n, 2] pixels -> [n] whether each lies in the image and, with a fisheye, in the lens circle."""
        xy = np.atleast_2d(np.asarray(pixels, dtype=float))
        with np.errstate(invalid="ignore"):
            inside = np.logical_and.reduce((xy >= 0) & (xy <= [self.width_px, self.height_px]), axis=1)
            if isinstance(self.lens, FisheyeEquidistant):
                circle = self.lens.circle(self.width_px, self.height_px)
                inside &= np.hypot(xy[:, 0] - circle.cx, xy[:, 1] - circle.cy) <= circle.radius
        return inside
