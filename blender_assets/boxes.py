"""Boxes around projected points and masks, upright (xyxy) and turned with the image of "up"."""

import cv2
import numpy as np
from numpy.typing import NDArray

from blender_assets.lens.camera import Camera

Box = tuple[float, float, float, float]
# centre x, centre y, width, height in pixels, degrees clockwise, as the ceiling-fisheye sets have them
RotatedBox = tuple[float, float, float, float, float]
ROUNDS = 12


def projected_box(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n, 2] pixels -> [4] xyxy around them; it may reach outside the image."""
    return np.concatenate([np.nanmin(pixels, axis=0), np.nanmax(pixels, axis=0)])


def clip_box(box_xyxy: NDArray[np.floating], camera: Camera) -> Box:
    x0, y0, x1, y1 = np.clip(box_xyxy, 0, [camera.width_px, camera.height_px] * 2)
    return float(x0), float(y0), float(x1), float(y1)


def intersection(inner: Box, outer: Box) -> Box:
    """What of a box lies in another; a mask's box may cut half a pixel off a box of projected points."""
    x0, y0, x1, y1 = outer
    return (
        min(max(inner[0], x0), x1),
        min(max(inner[1], y0), y1),
        min(max(inner[2], x0), x1),
        min(max(inner[3], y0), y1),
    )


def tight_box(mask: NDArray[np.bool_], *, left: int, top: int) -> Box:
    """Around what is true in mask [h, w], whose first pixel is (left, top); the mask must not be empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        float(columns[0] + left),
        float(rows[0] + top),
        float(columns[-1] + 1 + left),
        float(rows[-1] + 1 + top),
    )


def radial_box(pixels: NDArray[np.float64], nadir_px: tuple[float, float]) -> RotatedBox:
    """The box around pixels [n, 2] whose axis of height points from its centre to the nadir.

    Its height is the extent along that axis, its angle lies in (-90, 90].
    """
    nadir = np.asarray(nadir_px)
    # Only the hull counts, and it has a hundred times fewer points.
    pixels = cv2.convexHull(pixels.astype(np.float32))[:, 0].astype(float)
    centre = pixels.mean(axis=0)
    for _ in range(ROUNDS):
        outward = centre - nadir
        distance = np.hypot(*outward)
        up = outward / distance if distance > 1e-6 else np.array([0.0, -1.0])
        right = np.array([-up[1], up[0]])
        along, across = pixels @ up, pixels @ right
        middle = (along.min() + along.max()) / 2 * up + (across.min() + across.max()) / 2 * right
        has_settled = np.hypot(*(middle - centre)) < 1e-3
        centre = middle
        if has_settled:
            break
    clockwise_deg = 90.0 - (90.0 - float(np.degrees(np.arctan2(up[0], -up[1])))) % 180.0
    return (float(centre[0]), float(centre[1]), float(np.ptp(across)), float(np.ptp(along)), clockwise_deg)
