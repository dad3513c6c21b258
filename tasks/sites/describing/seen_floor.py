"""The floor as a camera sees it, where nobody has drawn it yet."""

import numpy as np
from numpy.typing import NDArray

from blender_assets.lens.camera import Camera
from blender_assets.site import PointPx

_ANGLES, _STEPS, _GRID = 32, 200, 41
_MARGIN_PX = 1.0  # to the image's border and the lens circle


def circle_on_floor(camera: Camera, radius_m: float) -> list[PointPx]:
    """The outline of `floor: {radius_m}` in pixels, without the part that is not seen; empty where nothing is."""
    turns = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    rim = np.stack([radius_m * np.cos(turns), radius_m * np.sin(turns), np.zeros(96)], axis=1)
    pixels = camera.project(rim)
    return _rounded(pixels[camera.sees(pixels)])


def seen_floor(camera: Camera, *, reach_m: float) -> list[PointPx]:
    """The outline in pixels of the floor within `reach_m` of the point below the camera, as far as it is seen.

    ValueError where no floor is seen.
    """
    xs, ys = (np.linspace(0.5, size - 0.5, _GRID) for size in (camera.width_px, camera.height_px))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    on_floor = grid[_is_floor(camera, grid, reach_m)]
    if not len(on_floor):
        raise ValueError(
            f"the camera sees no floor within {reach_m:.1f} m with a height of {camera.height_m:.2f} m and a tilt of "
            f"{camera.tilt_deg:.0f} degrees; check both and the lens"
        )
    middle = on_floor[np.linalg.norm(on_floor - on_floor.mean(axis=0), axis=1).argmin()]
    ways = np.linspace(0, np.hypot(camera.width_px, camera.height_px), _STEPS)
    outline = []
    for turn in np.linspace(0, 2 * np.pi, _ANGLES, endpoint=False):
        pixels = middle + ways[:, None] * [np.cos(turn), np.sin(turn)]
        is_floor = _is_floor(camera, pixels, reach_m)
        outline.append(pixels[max((int(is_floor.argmin()) if not is_floor.all() else _STEPS) - 1, 0)])
    return _rounded(np.array(outline))


def _is_floor(camera: Camera, pixels: NDArray[np.float64], reach_m: float) -> NDArray[np.bool_]:
    places = camera.pixels_to_plane(pixels, 0.0)
    size = np.array([camera.width_px, camera.height_px])
    is_inside = ((pixels >= _MARGIN_PX) & (pixels <= size - _MARGIN_PX)).all(axis=1)
    with np.errstate(invalid="ignore"):
        is_near = np.hypot(places[:, 0], places[:, 1]) <= reach_m
    return is_inside & is_near & camera.sees(pixels, slack_px=-_MARGIN_PX)


def _rounded(pixels: NDArray[np.float64]) -> list[PointPx]:
    return [(round(float(x), 1), round(float(y), 1)) for x, y in pixels]
