"""The user's description of a place: its cameras, what stands in front of people, and photos of it empty."""

from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from blender_assets.both_sides.field_shapes import (
    booleans_for_numbers,
    endless_numbers,
    is_short,
    shape_words,
)
from blender_assets.both_sides.places import is_file
from blender_assets.both_sides.text_reading import printable, shown
from blender_assets.both_sides.yaml_reading import read_yaml
from blender_assets.lens.camera import Camera
from blender_assets.lens.models import Lens

PointPx = tuple[float, float]
# Outlines that are drawn along the rim of a lens circle may cross it by this much.
EDGE_SLACK_PX = 2.0


class Floor(BaseModel):
    """Where people may stand: a radius around the point below the camera, or a polygon of the floor."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    # around the point below the camera; enough for one that looks straight down
    radius_m: float | None = Field(default=None, gt=0)
    polygon_px: list[PointPx] | None = Field(default=None, min_length=3)  # outline of the floor in the image

    @model_validator(mode="after")
    def _exactly_one_form(self) -> "Floor":
        if (self.radius_m is None) == (self.polygon_px is None):
            raise ValueError(
                "floor has exactly one of radius_m and polygon_px; radius_m is enough for a camera "
                "that looks straight down, e.g. floor: {radius_m: 3.5}"
            )
        return self


class Occluder(BaseModel):
    """A table or the like: its flat top as seen in the image, and how high that top is.

    is_solid means closed down to the floor (a cupboard, a counter): nobody's legs fit under it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = "table"  # for messages
    height_m: float = Field(gt=0)  # of its top above the floor; lower than the camera
    polygon_px: list[PointPx] = Field(min_length=3)  # outline of its top in the image
    is_solid: bool = False  # closed down to the floor: nobody's legs fit under it


class Seat(BaseModel):
    """A seat of the photo: the middle of its surface as seen in the image.

    facing_deg is counter-clockwise from world +x: under an untilted camera 0 faces right in the image, 90 up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    position_px: PointPx  # middle of the seat's surface in the image
    height_m: float = Field(default=0.45, gt=0.2, lt=1.0)  # of the surface above the floor
    facing_deg: float = 0.0  # under a camera that looks straight down 0 faces right in the image, 90 up


class Zone(BaseModel):
    """A part of the floor as seen in the image; where a camera has zones, free-standing people are only there.

    weight compares the ground of zones with one another; 0 keeps people out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    polygon_px: list[PointPx] = Field(min_length=3)  # outline of this part of the floor in the image
    weight: float = Field(
        default=1.0, ge=0
    )  # how likely people are on a square metre of it; 0 keeps them out


class SiteCamera(BaseModel):
    """One camera of a site; every *_px is in pixels of that camera's background images.

    density_image is a grey image of the size of a photo, relative to the site file: brighter floor is likelier.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    lens: Lens  # how rays become pixels; its field `model` chooses one
    height_m: float = Field(gt=0)  # of the camera above the floor
    tilt_deg: float = Field(default=0.0, ge=0, le=90)  # 0 looks straight down, 90 along the floor
    roll_deg: float = Field(default=0.0, ge=-360, le=360)  # turns the camera about its axis
    floor: Floor  # where people may stand
    occluders: list[Occluder] = []  # what hides people and stands in their way: tables, counters
    seats: list[Seat] = []  # chairs of the photo that people may sit on
    zones: list[Zone] = []  # the only parts of the floor with free-standing people; without any all of it is
    density_image: str | None = (
        None  # a grey image over the photo, relative to the site file: brighter floor is likelier
    )

    def camera(self, width_px: int, height_px: int) -> Camera:
        """The camera for images of this size."""
        return Camera(
            lens=self.lens,
            width_px=width_px,
            height_px=height_px,
            height_m=self.height_m,
            tilt_deg=self.tilt_deg,
            roll_deg=self.roll_deg,
        )

    def check_against_image(self, width_px: int, height_px: int) -> None:
        """ValueError where the lens, a polygon or a seat does not fit an image of this size."""
        camera = self.camera(width_px, height_px)
        camera.check()
        if self.floor.polygon_px is not None:
            _check_points(camera, "floor.polygon_px", self.floor.polygon_px, 0.0)
        for k, occluder in enumerate(self.occluders):
            field = f"occluders.{k} ({occluder.name}): polygon_px"
            _check_points(camera, field, occluder.polygon_px, occluder.height_m)
        for k, zone in enumerate(self.zones):
            _check_points(camera, f"zones.{k}: polygon_px", zone.polygon_px, 0.0)
        for k, seat in enumerate(self.seats):
            _check_points(camera, f"seats.{k}: position_px", [seat.position_px], seat.height_m)


class Background(BaseModel):
    """A photo of the place without people; image is relative to the site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    image: str  # relative to the site file
    camera: str  # one of the names under `cameras`
    time: str | None = None  # when it was taken; a note for people


class Site(BaseModel):
    """The whole site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str  # of the place
    cameras: dict[str, SiteCamera] = Field(min_length=1)  # by names of your own
    backgrounds: list[Background] = Field(min_length=1)  # photos of the place without people

    @model_validator(mode="after")
    def _backgrounds_name_known_cameras(self) -> "Site":
        for k, background in enumerate(self.backgrounds):
            if background.camera not in self.cameras:
                raise ValueError(
                    f"backgrounds.{k}.camera is {background.camera!r}, but the site has the cameras "
                    f"{sorted(self.cameras)}; name one of these or add it under cameras"
                )
        return self


def load_site(path: Path) -> Site:
    """Reads a site file; ValueError says what to mend. Photos are not opened: see `check_photo`."""
    if not is_file(path):
        raise ValueError(
            f"there is no site file {path}; set `site` to a YAML or JSON file that describes the place"
        )
    return parse_site(read_yaml(path), source=str(path))


def check_photo(site: Site, background: Background, width_px: int, height_px: int) -> None:
    """ValueError where the polygons or seats of the background's camera do not fit a photo of this size."""
    try:
        site.cameras[background.camera].check_against_image(width_px, height_px)
    except ValueError as error:
        raise ValueError(f"{background.image}: cameras.{background.camera}.{error}") from None


def background_path(site_path: Path, background: Background) -> Path:
    """Where the photo lies: relative to the folder of the site file, unless it is absolute."""
    return Path(site_path).parent / background.image


def parse_site(content: Any, *, source: str) -> Site:
    """Parsed YAML -> Site; ValueError names the field in the user's terms."""
    if not isinstance(content, dict):
        raise ValueError(f"{source}: a site file is a mapping with name, cameras and backgrounds")
    try:
        site = Site.model_validate(content)
    except ValidationError as error:
        raise ValueError(f"{source}: " + "; ".join(map(_explain, error.errors()))) from None
    if wrong := [*booleans_for_numbers(content, site), *endless_numbers(site)]:
        raise ValueError(f"{source}: " + "; ".join(wrong))
    return site


_FIXES = {
    "lens": "give {model: fisheye_equidistant, fov_deg: 180} or {model: perspective, hfov_deg: 90}",
    "height_m": "give the height above the floor in metres, e.g. height_m: 2.9",
    "floor": "say where people may stand, e.g. floor: {radius_m: 3.5}",
    "cameras": "describe at least one camera",
    "backgrounds": "list at least one photo, e.g. - {image: empty_room.jpg, camera: ceiling}",
}


def _explain(mistake: ErrorDetails) -> str:
    place, kind, value = mistake["loc"], mistake["type"], mistake["input"]
    field = printable(".".join(str(part) for part in place)) or "site"
    if kind == "missing":
        return f"{field} is missing; {_FIXES.get(str(place[-1]), 'add it')}"
    if kind == "union_tag_not_found":
        return f"{field} has no model; {_FIXES.get(str(place[-1]), 'add it')}"
    if kind == "extra_forbidden":
        return f"{field} is not a known field; check its spelling or remove it"
    if shape := shape_words(kind, mistake.get("ctx", {})):
        return f"{field} {shape}" + (f", but was {shown(value)}" if is_short(value) else "")
    message = mistake["msg"].removeprefix("Value error, ")
    if not is_short(value):
        return message if kind == "value_error" and not place else f"{field}: {message}"
    return f"{field}: {message}, but was {shown(value)}"


def _check_points(camera: Camera, field: str, points_px: list[PointPx], height_m: float) -> None:
    if height_m >= camera.height_m:
        raise ValueError(
            f"{field} has height_m {height_m}, but the camera hangs at {camera.height_m} m; "
            "only things below the camera can be described by their top"
        )
    for x, y in points_px:
        if not (0 <= x <= camera.width_px and 0 <= y <= camera.height_px):
            raise ValueError(
                f"{field} has the point [{x:g}, {y:g}], but the image is "
                f"{camera.width_px} x {camera.height_px} pixels; give pixels of the background image"
            )
    is_dark = ~camera.sees(points_px, slack_px=EDGE_SLACK_PX)
    if is_dark.any():
        x, y = points_px[int(np.argmax(is_dark))]
        raise ValueError(
            f"{field} has the point [{x:g}, {y:g}], which lies outside what the lens shows; keep the polygon inside "
            "the bright part of the image, or check lens.circle_px and lens.fov_deg"
        )
    above = np.isnan(camera.pixels_to_plane(points_px, height_m)[:, 2])
    if above.any():
        x, y = points_px[int(np.argmax(above))]
        raise ValueError(
            f"{field} has the point [{x:g}, {y:g}], which the camera sees above the horizon, never at "
            f"{height_m:g} m; check the polygon, tilt_deg and the lens"
        )
