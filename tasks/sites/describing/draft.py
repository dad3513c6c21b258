"""A site in the making: what was found in the photo, what was marked on it, and the camera that follows."""

from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from blender_assets.lens.camera import Camera
from blender_assets.lens.fisheye import Fisheye, FisheyeEquidistant
from blender_assets.lens.models import Lens
from blender_assets.lens.pinhole import Perspective
from blender_assets.site import Background, Floor, Occluder, PointPx, Site, SiteCamera, check_photo
from tasks.images.files import read_image
from tasks.sites.describing.camera_pose import CameraPose, Mark, Mount, PoseEstimate, estimate_pose
from tasks.sites.describing.focal_length import FoundFocalLength, find_focal_length
from tasks.sites.describing.image_circle import FoundCircle, find_circle
from tasks.sites.describing.lens_doubt import EXIF_SD_DEG, FISHEYE_SD_DEG, PINHOLE_SD_DEG, lens_doubt
from tasks.sites.describing.seat_marks import SeatMark, find_seat
from tasks.sites.describing.seen_floor import circle_on_floor, seen_floor

CAMERA = "ceiling"
USUAL_FOV_DEG, USUAL_HFOV_DEG = 180.0, 90.0
USUAL_HEIGHT_M, USUAL_TILT_DEG, USUAL_REACH_M = 2.8, 45.0, 3.5
POSSIBLE_HEIGHTS_M = (0.2, 500.0)
STEEP_DEG = 15.0  # up to which a radius says where the floor is
FAR_HEIGHTS = 3.0  # heights of a tilted camera within which people are large enough


class TypedPose(BaseModel):
    """A pose that the user knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    height_m: float = Field(gt=0, le=100)
    tilt_deg: float = Field(default=0.0, ge=0, le=90)
    roll_deg: float = Field(default=0.0, ge=-360, le=360)


class Photo(BaseModel):
    """The photo that a draft is of, and what it says by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    width_px: int
    height_px: int
    circle: FoundCircle | None = None
    focal_length: FoundFocalLength | None = None


class Draft(BaseModel):
    """All that the user has said so far; marks count where no pose is typed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    photo: Photo
    name: str = Field(min_length=1, max_length=100)
    lens: Lens
    is_lens_known: bool = False  # its angle or numbers were typed, not assumed
    mount: Mount = "auto"
    marks: tuple[Mark, ...] = Field(default=(), max_length=50)
    typed_pose: TypedPose | None = None
    floor_px: tuple[PointPx, ...] = ()  # none: as far as people are seen well
    occluders: tuple[Occluder, ...] = Field(default=(), max_length=200)
    seats: tuple[SeatMark, ...] = Field(default=(), max_length=200)
    saved_digest: str | None = None  # of the site file as it was last written

    @model_validator(mode="after")
    def _points_fit_the_photo(self) -> "Draft":
        if len(self.floor_px) in (1, 2):
            raise ValueError("floor_px needs three points or none")
        width, height = self.size_px
        outlines = {f"occluders.{k}.polygon_px": item.polygon_px for k, item in enumerate(self.occluders)}
        marks = {f"marks.{k}": (item.start_px, item.end_px) for k, item in enumerate(self.marks)}
        seats = {f"seats.{k}": (item.position_px, item.ahead_px) for k, item in enumerate(self.seats)}
        for field, points in {**marks, "floor_px": self.floor_px, **outlines, **seats}.items():
            for x, y in points:
                if not (0 <= x <= width and 0 <= y <= height):
                    raise ValueError(
                        f"{field} has the point [{x:g}, {y:g}], but the photo is {width} x {height} pixels"
                    )
        return self

    @property
    def size_px(self) -> tuple[int, int]:
        return self.photo.width_px, self.photo.height_px


Origin = Literal["found", "assumed", "clicked", "typed"]


class Described(BaseModel):
    """What a draft comes to: the camera, and how its pose is known."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    camera: SiteCamera
    estimate: PoseEstimate | None  # None: typed or assumed
    lens_doubt: float  # what not knowing the lens adds to the estimate's error, as a share of the height
    pose_origin: Origin
    floor_outline_px: list[PointPx]

    @property
    def height_error(self) -> float:
        """One standard deviation of an estimated height, as a share of it."""
        assert self.estimate is not None
        return float(np.hypot(self.estimate.height_error, self.lens_doubt))


def first_draft(path: Path) -> Draft:
    """What the photo says without anybody's help. ValueError for a file that is no usable photo."""
    image = read_image(path)
    height_px, width_px = image.shape[:2]
    circle = find_circle(image)
    focal_length = None if circle else find_focal_length(path, width_px, height_px)
    photo = Photo(
        name=path.name, width_px=width_px, height_px=height_px, circle=circle, focal_length=focal_length
    )
    return Draft(photo=photo, name=path.stem.replace("_", " ")[:100], lens=_first_lens(photo))


def _first_lens(photo: Photo) -> Lens:
    if photo.circle is not None:
        return FisheyeEquidistant(
            model="fisheye_equidistant", fov_deg=USUAL_FOV_DEG, circle_px=photo.circle.circle
        )
    found = photo.focal_length
    return Perspective(model="perspective", hfov_deg=found.hfov_deg if found else USUAL_HFOV_DEG)


def describe(draft: Draft) -> Described:
    """The camera that follows from a draft. ValueError where the lens does not fit the photo or no floor is seen."""
    draft.lens.check(*draft.size_px)
    pose, estimate, origin = _pose(draft)
    camera = Camera(draft.lens, *draft.size_px, pose.height_m, pose.tilt_deg, pose.roll_deg)
    floor, outline = _floor(draft, camera)
    described = SiteCamera(
        lens=draft.lens,
        height_m=pose.height_m,
        tilt_deg=pose.tilt_deg,
        roll_deg=pose.roll_deg,
        floor=floor,
        occluders=list(draft.occluders),
        seats=[find_seat(mark, number, camera) for number, mark in enumerate(draft.seats, start=1)],
    )
    return Described(
        camera=described,
        estimate=estimate,
        lens_doubt=_lens_doubt(draft) if estimate else 0.0,
        pose_origin=origin,
        floor_outline_px=outline,
    )


def check_described(draft: Draft, described: Described) -> None:
    """ValueError where the project's own reader of site files would refuse it: a point outside the lens .."""
    background = Background(image=draft.photo.name, camera=CAMERA)
    site = Site(name=draft.name, cameras={CAMERA: described.camera}, backgrounds=[background])
    check_photo(site, background, *draft.size_px)


def _pose(draft: Draft) -> tuple[CameraPose, PoseEstimate | None, Origin]:
    if draft.typed_pose is not None:
        return CameraPose(**draft.typed_pose.model_dump()), None, "typed"
    if draft.marks:
        estimate = estimate_pose(draft.lens, draft.size_px, draft.marks, mount=draft.mount)
        _check_estimate(estimate)
        return _rounded(estimate.pose), estimate, "clicked"
    is_down = draft.mount == "down" or (draft.mount == "auto" and isinstance(draft.lens, Fisheye))
    return CameraPose(USUAL_HEIGHT_M, 0.0 if is_down else USUAL_TILT_DEG), None, "assumed"


def _lens_doubt(draft: Draft) -> float:
    if draft.is_lens_known:
        return 0.0
    angle_sd_deg = FISHEYE_SD_DEG if isinstance(draft.lens, Fisheye) else PINHOLE_SD_DEG
    if isinstance(draft.lens, Perspective) and draft.photo.focal_length is not None:
        angle_sd_deg = EXIF_SD_DEG
    return lens_doubt(draft.lens, draft.size_px, draft.marks, mount=draft.mount, angle_sd_deg=angle_sd_deg)


def _check_estimate(estimate: PoseEstimate) -> None:
    height_m = estimate.pose.height_m
    if not np.isfinite([height_m, estimate.height_error, *estimate.errors_px]).all():
        raise ValueError("no height follows from the marks with this lens; check the lens's numbers")
    if not POSSIBLE_HEIGHTS_M[0] <= height_m <= POSSIBLE_HEIGHTS_M[1]:
        raise ValueError(
            f"a height of {height_m:.2g} m follows from the marks; check where they are, their sizes and the lens"
        )


def _rounded(pose: CameraPose) -> CameraPose:
    """As the site file has it."""
    return CameraPose(round(pose.height_m, 3), round(pose.tilt_deg, 2), round(pose.roll_deg, 2))


def _floor(draft: Draft, camera: Camera) -> tuple[Floor, list[PointPx]]:
    """As drawn; else a radius below a camera that looks down, and for others the floor that they see."""
    if draft.floor_px:
        return Floor(polygon_px=list(draft.floor_px)), list(draft.floor_px)
    if camera.tilt_deg <= STEEP_DEG:
        circle = circle_on_floor(camera, USUAL_REACH_M)
        if len(circle) >= 3:
            return Floor(radius_m=USUAL_REACH_M), circle
    outline = seen_floor(camera, reach_m=FAR_HEIGHTS * camera.height_m)
    return Floor(polygon_px=outline), outline
