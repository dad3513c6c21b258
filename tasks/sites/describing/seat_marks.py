"""Chairs of the photo that people may sit on, as two clicks: the middle of the seat, and a point that it faces."""

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.lens.camera import Camera
from blender_assets.site import PointPx, Seat


class SeatMark(BaseModel):
    """`ahead_px` is any point at the seat's own height that the sitter looks towards."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    position_px: PointPx
    ahead_px: PointPx
    height_m: float = Field(default=0.45, gt=0.2, lt=1.0)


def find_seat(mark: SeatMark, number: int, camera: Camera) -> Seat:
    """ValueError where one of its points is above the horizon, or both are one."""
    middle, ahead = camera.pixels_to_plane([mark.position_px, mark.ahead_px], mark.height_m)[:, :2]
    way = ahead - middle
    if not np.isfinite(way).all() or np.hypot(*way) < 0.01:
        raise ValueError(f"seat {number} faces nowhere; click its middle and then a point before it")
    facing_deg = round(float(np.degrees(np.arctan2(way[1], way[0]))), 1)
    return Seat(position_px=mark.position_px, height_m=mark.height_m, facing_deg=facing_deg)
