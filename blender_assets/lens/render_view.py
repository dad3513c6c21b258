"""The lens that Blender is given: an angle that is a polynomial of the radius, and what is left to resample.

Blender has no calibrated lens but this one, symmetric about its axis. Where it comes within DIRECT_PX of the camera's own
lens everywhere, its image is taken as it is; else it is rendered over a little more view and resampled exactly.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import NDArray

from blender_assets.lens.camera import Camera
from blender_assets.lens.radial import GRID, NEWTON_STEPS, Axes, RadialLens

DIRECT_PX = 0.1
DEGREE = 4
MARGIN_PX = 3
UNSEEN = -1e4  # where dark pixels are taken from
EXTRA_VIEW_RAD = 0.05
# A render this little coarser than the image loses nothing that can be seen.
SHARP_PITCH = 0.9
MAX_SCALE = 2.0


@dataclass(frozen=True)
class RenderView:
    """What Blender renders: angle_rad = sum of coefficients[k] * r^(k+1), r in units of axes.fx and axes.fy pixels."""

    width_px: int
    height_px: int
    axes: Axes
    coefficients: tuple[float, ...]
    limit_rad: float
    error_px: float  # largest distance between this lens and the camera's, over the image
    source_xy: (
        NDArray[np.float32] | None
    )  # [h, w, 2] cv2 coordinates of each pixel in the render; None: the same

    def resample(self, values: np.ndarray, *, is_smooth: bool) -> np.ndarray:
        """[h, w, ...] as rendered -> as the camera sees it; labels and distances (not smooth) are never mixed."""
        if self.source_xy is None:
            return values
        method = cv2.INTER_CUBIC if is_smooth else cv2.INTER_NEAREST
        x, y = self.source_xy[..., 0].copy(), self.source_xy[..., 1].copy()
        return cv2.remap(values, x, y, method, borderMode=cv2.BORDER_CONSTANT)

    def rendered_box(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """Pixels x0, y0, x1, y1 of the image -> those of the render that they are resampled from."""
        if self.source_xy is None:
            return box
        source = self.source_xy[box[1] : box[3], box[0] : box[2]].reshape(-1, 2)
        source = source[source[:, 0] > UNSEEN / 2]
        if not len(source):
            return (0, 0, self.width_px, self.height_px)
        low = np.floor(source.min(axis=0)).astype(int) - MARGIN_PX
        high = np.ceil(source.max(axis=0)).astype(int) + 1 + MARGIN_PX
        x0, y0 = np.maximum(low, 0).tolist()
        x1, y1 = np.minimum(high, [self.width_px, self.height_px]).tolist()
        return x0, y0, x1, y1


def find_render_view(camera: Camera) -> RenderView:
    """ValueError where the lens bends too much for any polynomial."""
    assert isinstance(camera.lens, RadialLens)
    pixels = _pixel_centres(camera)
    seen = camera.sees(pixels)
    if not seen.any():
        raise ValueError(
            "lens: it sends light to no pixel of the image; check lens.circle_px and lens.fov_deg"
        )
    directions = camera.lens.directions(pixels[seen], camera.width_px, camera.height_px)
    angles = np.arctan2(np.hypot(directions[:, 0], directions[:, 1]), -directions[:, 2])
    largest_rad = float(angles.max())
    coefficients = _fit(camera.lens, largest_rad)
    axes = camera.lens.axes(camera.width_px, camera.height_px)
    rendered = np.full(pixels.shape, np.nan)
    rendered[seen] = _project(directions, angles, coefficients, axes)
    error_px = float(np.nanmax(np.linalg.norm(rendered - pixels, axis=1)))
    # Light ends where the lens ends, not at the middle of the last pixel.
    limit_rad = min(camera.lens.limit_rad, 1.02 * largest_rad + 0.01)
    view = RenderView(camera.width_px, camera.height_px, axes, coefficients, limit_rad, error_px, None)
    if error_px <= DIRECT_PX:
        return view
    return _resampled(view, rendered.reshape(camera.height_px, camera.width_px, 2))


def _resampled(view: RenderView, rendered: NDArray[np.float64]) -> RenderView:
    """The view over all that the image needs, fine enough everywhere; rendered [h, w, 2] is where pixels lie in it."""
    pitch = min(float(np.nanmin(np.linalg.norm(np.diff(rendered, axis=k), axis=-1))) for k in (0, 1))
    scale = 1.0 if pitch > SHARP_PITCH else 1 / pitch
    if scale > MAX_SCALE:
        raise ValueError(
            f"lens: it would have to be rendered {scale:.1f} times as fine as the image, since its curve is far from "
            f"a polynomial of degree {DEGREE}; check its coefficients, or give a smaller lens.fov_deg"
        )
    low = np.floor(scale * np.nanmin(rendered, axis=(0, 1))) - MARGIN_PX
    width_px, height_px = np.ceil(scale * np.nanmax(rendered, axis=(0, 1)) + MARGIN_PX - low).astype(int)
    source = np.nan_to_num(scale * rendered - low - 0.5, nan=UNSEEN).astype(np.float32)
    axes = view.axes
    return RenderView(
        width_px=int(width_px),
        height_px=int(height_px),
        axes=Axes(scale * axes.fx, scale * axes.fy, scale * axes.cx - low[0], scale * axes.cy - low[1]),
        coefficients=view.coefficients,
        limit_rad=view.limit_rad + EXTRA_VIEW_RAD,
        error_px=view.error_px,
        source_xy=source,
    )


def _fit(lens: RadialLens, largest_rad: float) -> tuple[float, ...]:
    """The polynomial of the highest degree that does not turn back; a straight line never does."""
    fits = (_fit_degree(lens, largest_rad, degree) for degree in range(DEGREE, 0, -1))
    return next(coefficients for coefficients in fits if _is_rising(coefficients, largest_rad))


def _fit_degree(lens: RadialLens, largest_rad: float, degree: int) -> tuple[float, ...]:
    """Least squares over the radius, every angle's error weighed by the pixels that it makes."""
    angles = largest_rad * (1 - np.cos(np.linspace(0, np.pi, GRID))) / 2
    radii = lens.radius(angles)
    growth = np.gradient(radii, angles)
    weights = np.maximum(growth, 0.2 * growth[0])
    scale = radii[-1]
    powers = np.stack([(radii / scale) ** (k + 1) for k in range(degree)], axis=1)
    found, *_ = np.linalg.lstsq(powers * weights[:, None], angles * weights, rcond=None)
    padded = np.pad(found / scale ** np.arange(1, degree + 1), (0, DEGREE - degree))
    return tuple(float(value) for value in padded)


def _is_rising(coefficients: tuple[float, ...], largest_rad: float) -> bool:
    """Whether the angle grows with the radius, never much slower than on the axis, until it is the largest."""
    radii = _radii(coefficients, largest_rad)
    return bool((_slope(coefficients, radii) > 0.1 * coefficients[0]).all() and coefficients[0] > 0)


def _radii(coefficients: tuple[float, ...], largest_rad: float) -> NDArray[np.float64]:
    """Radii from 0 until the angle is the largest, or ten times as far as the slope on the axis asks for."""
    radii = np.linspace(0, 10 * largest_rad / abs(coefficients[0]), 10 * GRID)
    beyond = polynomial.polyval(radii, (0.0, *coefficients)) > 1.001 * largest_rad
    return radii[: int(np.argmax(beyond)) + 1] if beyond.any() else radii


def _slope(coefficients: tuple[float, ...], radii: NDArray[np.float64]) -> NDArray[np.float64]:
    return polynomial.polyval(radii, polynomial.polyder((0.0, *coefficients)))


def _project(
    directions: NDArray[np.float64], angles: NDArray[np.float64], coefficients: tuple[float, ...], axes: Axes
) -> NDArray[np.float64]:
    """[n, 3] camera-space unit vectors with their angles off axis [n] -> [n, 2] pixels of the rendered lens."""
    powers = (0.0, *coefficients)
    table = _radii(coefficients, float(angles.max()))
    radii = np.interp(angles, polynomial.polyval(table, powers), table)
    for _ in range(NEWTON_STEPS):
        radii = radii - (polynomial.polyval(radii, powers) - angles) / _slope(coefficients, radii)
    across = np.maximum(np.hypot(directions[:, 0], directions[:, 1]), 1e-12)
    return axes.to_pixels(radii * directions[:, 0] / across, -radii * directions[:, 1] / across)


def _pixel_centres(camera: Camera) -> NDArray[np.float64]:
    """[h * w, 2] in reading order."""
    x, y = np.meshgrid(np.arange(camera.width_px) + 0.5, np.arange(camera.height_px) + 0.5)
    return np.stack([x.ravel(), y.ravel()], axis=1)
