"""A ceiling camera drawn for a random room: fisheye or not, straight down or tilted."""

from typing import Any

import numpy as np

from blender_assets.lens.camera import Camera
from blender_assets.lens.fisheye import FisheyeEquidistant, LensCircle
from blender_assets.lens.pinhole import Perspective
from blender_assets.random_rooms.layout import Room
from blender_assets.random_rooms.solids import TOPS_M
from blender_assets.sample_site.cameras import MountedCamera, describe_view, looked_at

_MARGIN_M = 0.6
_TRIES = 200


def draw_camera(room: Room, width_px: int, height_px: int, rng: np.random.Generator) -> MountedCamera:
    """Under the ceiling and looking at the floor inside the room."""
    low, high = np.full(2, _MARGIN_M), np.array(room.size_m) - _MARGIN_M
    for _ in range(_TRIES):
        camera = _draw(room, width_px, height_px, rng)
        mounted = MountedCamera(camera, tuple(rng.uniform(low, high).tolist()), reach_m=0.0)
        middle = looked_at(mounted)
        if (middle > low).all() and (middle < high).all():
            return mounted
    return MountedCamera(
        Camera(Perspective(model="perspective", hfov_deg=90.0), width_px, height_px, room.ceiling_m - 0.05),
        (room.size_m[0] / 2, room.size_m[1] / 2),
        reach_m=0.0,
    )


def describe(room: Room, mounted: MountedCamera) -> dict[str, Any]:
    """The camera's entry in a site file: floor, table tops and what is closed down to the floor."""
    tops = []
    for piece in room.pieces:
        height, is_solid = TOPS_M.get(piece.kind, (None, False))
        if height is not None and height < mounted.camera.height_m - 0.1:
            corners = np.column_stack([piece.corners(), np.full(4, height)])
            tops.append((piece.kind, corners, is_solid))
    return describe_view(mounted, room.size_m, tops)


def _draw(room: Room, width_px: int, height_px: int, rng: np.random.Generator) -> Camera:
    height_m = float(rng.uniform(2.5, room.ceiling_m - 0.05))
    if rng.random() < 0.5:
        radius = float(rng.uniform(0.42, 0.62)) * width_px
        circle = LensCircle(cx=width_px / 2, cy=height_px / 2, radius=round(radius, 1))
        fov_deg = float(rng.uniform(150, 185))
        fisheye = FisheyeEquidistant(model="fisheye_equidistant", fov_deg=round(fov_deg, 1), circle_px=circle)
        return Camera(fisheye, width_px, height_px, height_m, tilt_deg=float(rng.choice([0.0, 5.0, 15.0])))
    lens = Perspective(model="perspective", hfov_deg=round(float(rng.uniform(65, 110)), 1))
    return Camera(lens, width_px, height_px, height_m, tilt_deg=round(float(rng.uniform(0, 50)), 1))
