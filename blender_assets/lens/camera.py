"""The camera of a site in its place: from world metres to pixels and back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from blender_assets.lens.fisheye import Fisheye
from blender_assets.lens.pinhole import Perspective
from blender_assets.lens.radial import RadialLens

FARTHEST_NADIR_PX = 1e6


@dataclass(frozen=True)
class Camera:
    """A lens in its place: tilt 0 looks straight down with world +y up in the image, tilt 90 looks along +y.

    A positive roll turns the camera counter-clockwise seen from behind it, so the image turns clockwise.
    """

    lens: RadialLens | Perspective
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
        """[n, 3] world metres -> [n, 2] pixels; nan for points that a pinhole has behind it."""
        return self.lens.project_directions(self.to_camera(points_xyz), self.width_px, self.height_px)

    def to_camera(self, points_xyz: ArrayLike) -> NDArray[np.float64]:
        """[n, 3] world metres -> [n, 3] metres along the camera's right, up and backward axes."""
        points = np.atleast_2d(np.asarray(points_xyz, dtype=float))
        return (points - self.position()) @ self.rotation()

    def rays(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """[n, 2] pixels -> [n, 3] unit directions in the world."""
        pixels_xy = np.atleast_2d(np.asarray(pixels, dtype=float))
        return self.lens.directions(pixels_xy, self.width_px, self.height_px) @ self.rotation().T

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

        It may lie outside the image; for a horizontal pinhole it is infinitely far and a point
        FARTHEST_NADIR_PX away in its direction stands for it.
        """
        down = np.array([[0.0, 0.0, -1.0]]) @ self.rotation()
        if not isinstance(self.lens, Fisheye) and -down[0, 2] < 1 / FARTHEST_NADIR_PX:
            axes = self.lens.axes(self.width_px, self.height_px)
            return (
                float(axes.cx + FARTHEST_NADIR_PX * down[0, 0]),
                float(axes.cy - FARTHEST_NADIR_PX * down[0, 1]),
            )
        x, y = self.lens.project_directions(down, self.width_px, self.height_px)[0]
        return float(x), float(y)

    def sees(self, pixels: ArrayLike, *, slack_px: float = 0.0) -> NDArray[np.bool_]:
        """[n, 2] pixels -> [n] whether each lies in the image and where the lens sends light, or within slack_px."""
        xy = np.atleast_2d(np.asarray(pixels, dtype=float))
        size = np.array([self.width_px, self.height_px])
        with np.errstate(invalid="ignore"):
            inside = ((xy >= -slack_px) & (xy <= size + slack_px)).all(axis=1)
            return inside & self.lens.sees(xy, self.width_px, self.height_px, slack_px=slack_px)

    def check(self) -> None:
        """ValueError where the lens cannot be that of an image of this size."""
        self.lens.check(self.width_px, self.height_px)
