"""A site's floor, occluders and seats lifted from the photo's pixels into the world."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blender_assets.lens.camera import Camera
from blender_assets.polygons import signed_area
from blender_assets.site import Occluder, SiteCamera
from blender_assets.spread import Spread, ZonePlace, spread_over

SLAB_THICKNESS_M = 0.04


@dataclass(frozen=True)
class OccluderBody:
    """A prism: top_xy [n, 2] counter-clockwise, from bottom_m up to top_m."""

    name: str
    top_xy: NDArray[np.float64]
    bottom_m: float
    top_m: float

    @property
    def is_solid(self) -> bool:
        return self.bottom_m == 0.0


@dataclass(frozen=True)
class SeatPlace:
    """A seat of the photo in the world; facing_rad counter-clockwise from +x."""

    xy: NDArray[np.float64]
    height_m: float
    facing_rad: float


@dataclass(frozen=True)
class Surroundings:
    """Everything of the place that people must respect; floor_xy [n, 2] is a polygon in metres."""

    camera: Camera
    floor_xy: NDArray[np.float64]
    occluders: tuple[OccluderBody, ...]
    seats: tuple[SeatPlace, ...]
    spread: Spread


def lift_surroundings(
    site_camera: SiteCamera, width_px: int, height_px: int, *, density: NDArray[np.uint8] | None = None
) -> Surroundings:
    """ValueError if something of the site does not fit an image of this size."""
    site_camera.check_against_image(width_px, height_px)
    camera = site_camera.camera(width_px, height_px)
    seats = tuple(
        SeatPlace(
            xy=camera.pixels_to_plane([seat.position_px], seat.height_m)[0, :2],
            height_m=seat.height_m,
            facing_rad=float(np.radians(seat.facing_deg)),
        )
        for seat in site_camera.seats
    )
    occluders = tuple(_lift_occluder(camera, occluder) for occluder in site_camera.occluders)
    floor_xy = _lift_floor(camera, site_camera)
    zones = [ZonePlace(camera.pixels_to_plane(z.polygon_px, 0.0)[:, :2], z.weight) for z in site_camera.zones]
    spread = spread_over(floor_xy, camera, zones=zones, density=density)
    return Surroundings(camera, floor_xy, occluders, seats, spread)


def _lift_occluder(camera: Camera, occluder: Occluder) -> OccluderBody:
    top_xy = camera.pixels_to_plane(occluder.polygon_px, occluder.height_m)[:, :2]
    if signed_area(top_xy) < 0:
        top_xy = top_xy[::-1]
    bottom_m = 0.0 if occluder.is_solid else max(occluder.height_m - SLAB_THICKNESS_M, 0.01)
    return OccluderBody(occluder.name, top_xy, bottom_m, occluder.height_m)


def _lift_floor(camera: Camera, site_camera: SiteCamera) -> NDArray[np.float64]:
    floor = site_camera.floor
    if floor.polygon_px is not None:
        return camera.pixels_to_plane(floor.polygon_px, 0.0)[:, :2]
    assert floor.radius_m is not None
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    return floor.radius_m * np.stack([np.cos(angles), np.sin(angles)], axis=1)
