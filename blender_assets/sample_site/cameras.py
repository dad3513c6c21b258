"""The two ceiling cameras of the office, and the site file that describes them to a user's eyes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from blender_assets.lens.camera import Camera
from blender_assets.lens.fisheye import FisheyeEquidistant, LensCircle
from blender_assets.lens.pinhole import Perspective
from blender_assets.sample_site.furniture import SEAT_HEIGHT_M
from blender_assets.sample_site.room import DEPTH_M, TIMES, WIDTH_M, list_seats, list_surfaces
from blender_assets.sample_site.settings import SampleSiteSettings

CameraName = Literal["fisheye", "perspective"]
CAMERA_HEIGHT_M = 2.8
WALL_CLEARANCE_M = 0.25
FISHEYE_RADIUS_WIDTHS = 0.6  # the lens circle reaches beyond the image, as on most of these cameras


@dataclass(frozen=True)
class MountedCamera:
    """A camera and the point of the office floor below it, which is the origin of the camera's own world."""

    camera: Camera
    xy: tuple[float, float]
    reach_m: float  # people farther from the point below are too small to be worth a box

    def to_camera_world(self, points: np.ndarray) -> np.ndarray:
        """Office metres [n, 3] -> the camera's world (both have the same axes)."""
        return points - np.array([*self.xy, 0.0])


def mount_camera(name: CameraName, settings: SampleSiteSettings) -> MountedCamera:
    """The camera of that name at the settings' image size."""
    if name == "fisheye":
        width, height = settings.width_px, settings.height_px
        circle = LensCircle(cx=width / 2, cy=height / 2, radius=round(FISHEYE_RADIUS_WIDTHS * width, 1))
        lens = FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180.0, circle_px=circle)
        return MountedCamera(Camera(lens, width, height, CAMERA_HEIGHT_M), (3.45, 3.2), reach_m=3.1)
    lens = Perspective(model="perspective", hfov_deg=100.0)
    return MountedCamera(
        Camera(lens, settings.width_px, settings.height_px, CAMERA_HEIGHT_M, tilt_deg=32.0),
        (6.1, 1.3),
        reach_m=4.6,
    )


def outline_px(mounted: MountedCamera, corners: np.ndarray, *, step_m: float) -> list[list[float]]:
    """The visible part of a flat polygon [n, 3] (office metres) as seen in the image; empty if none is.

    Edges are followed in steps where they leave the image, so that the outline ends at the image's border.
    """
    pixels = mounted.camera.project(mounted.to_camera_world(corners))
    if not mounted.camera.sees(pixels).all():
        ends = np.roll(corners, -1, axis=0)
        counts = np.maximum(np.ceil(np.linalg.norm(ends - corners, axis=1) / step_m), 1).astype(int)
        dense = [a + (b - a) * k / n for a, b, n in zip(corners, ends, counts, strict=True) for k in range(n)]
        pixels = mounted.camera.project(mounted.to_camera_world(np.array(dense)))
    seen = pixels[mounted.camera.sees(pixels)]
    return [[round(float(x), 1), round(float(y), 1)] for x, y in seen]


def looked_at(mounted: MountedCamera) -> np.ndarray:
    """The point of the floor in the middle of the image, metres [2] of the room."""
    middle = [[mounted.camera.width_px / 2, mounted.camera.height_px / 2]]
    return mounted.camera.pixels_to_plane(middle, 0.0)[0, :2] + np.array(mounted.xy)


def describe_floor(mounted: MountedCamera, size_m: tuple[float, float]) -> list[list[float]]:
    """The floor of a room as seen: the walls' foot, cut at the image's border by a fan of marches outward.

    What the camera looks at lies inside the room.
    """
    office = looked_at(mounted)
    low, high = np.full(2, WALL_CLEARANCE_M), np.array(size_m) - WALL_CLEARANCE_M
    reach = np.arange(0.1, 12, 0.04)
    outline = []
    for angle in np.linspace(0, 2 * np.pi, 48, endpoint=False):
        points = office + reach[:, None] * [np.cos(angle), np.sin(angle)]
        world = mounted.to_camera_world(np.column_stack([points, np.zeros(len(points))]))
        pixels = mounted.camera.project(world)
        inside = mounted.camera.sees(pixels) & ((points > low) & (points < high)).all(axis=1)
        last = int(np.argmin(inside)) - 1 if not inside.all() else len(inside) - 1
        outline.append([round(float(value), 1) for value in pixels[max(last, 0)]])
    return outline


def describe_seats(mounted: MountedCamera) -> list[dict[str, Any]]:
    seats = []
    for seat in list_seats():
        point = mounted.to_camera_world(np.array([[*seat.xy, SEAT_HEIGHT_M]]))
        pixel = mounted.camera.project(point)
        if mounted.camera.sees(pixel)[0]:
            position = [round(float(value), 1) for value in pixel[0]]
            seats.append({"position_px": position, "height_m": SEAT_HEIGHT_M, "facing_deg": seat.facing_deg})
    return seats


def describe_camera(name: CameraName, settings: SampleSiteSettings) -> dict[str, Any]:
    """One entry of `cameras` in a site file."""
    mounted = mount_camera(name, settings)
    tops = [(surface.name, surface.corners(), False) for surface in list_surfaces()]
    described = describe_view(mounted, (WIDTH_M, DEPTH_M), tops)
    return described | {"seats": describe_seats(mounted)}


def describe_view(
    mounted: MountedCamera, size_m: tuple[float, float], tops: Sequence[tuple[str, np.ndarray, bool]]
) -> dict[str, Any]:
    """A camera of a site file without seats. `tops`: name, corners [4, 3] in metres of the room, is_solid."""
    outlines = [
        (name, corners, outline_px(mounted, corners, step_m=0.05), solid) for name, corners, solid in tops
    ]
    occluders = [
        {"name": name, "height_m": float(corners[0, 2]), "polygon_px": outline}
        | ({"is_solid": True} if solid else {})
        for name, corners, outline, solid in outlines
        if len(outline) >= 3
    ]
    return {
        "lens": mounted.camera.lens.model_dump(exclude_none=True),
        "height_m": mounted.camera.height_m,
        "tilt_deg": mounted.camera.tilt_deg,
        "roll_deg": mounted.camera.roll_deg,
        "floor": {"polygon_px": describe_floor(mounted, size_m)},
        "occluders": occluders,
    }


def site_description(settings: SampleSiteSettings) -> dict[str, Any]:
    """The content of the office's site file, as a careful user would write it.

    Its images are named {camera}_{time}.jpg and have the size of the settings.
    """
    names: tuple[CameraName, ...] = ("fisheye", "perspective")
    return {
        "name": "sample office",
        "cameras": {name: describe_camera(name, settings) for name in names},
        "backgrounds": [
            {"image": f"{name}_{time}.jpg", "camera": name, "time": time} for name in names for time in TIMES
        ],
    }
