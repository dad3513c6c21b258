"""How high a camera hangs and how it is tilted, from marks of known size on its photo.

All is reckoned in the camera's own axes (right, up, backward), where the floor is a plane below: a mark's foot lies where
its ray meets that plane, and its top a known way above it. Height and tilt are those for which tops come nearest to where
they were marked (least squares in pixels, with weak priors for what the marks leave open).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.lens.fisheye import Fisheye
from blender_assets.lens.models import Lens
from blender_assets.site import PointPx
from tasks.sites.describing.least_squares import minimize

Mount = Literal["auto", "down", "tilted"]

CLICK_ERROR_SHARE, LEAST_CLICK_ERROR_PX = 0.002, 1.0  # of the longer side: how well people click
SIZE_ERROR = 0.02  # how well people know a person's or a door's height
_AGREES = 3.0  # click errors (rms) up to which the marks fit a camera that looks straight down
_MOST_CLICK_ERRORS, _LEANING = 4.0, 0.1  # what a mark may be off; the latter is a share of its length
_USUAL_HEIGHT_M, _HEIGHT_SD = 2.8, 0.6  # prior; the deviation is of the logarithm
_LEAST_DESCENT = 1e-3  # rays nearer to the horizon meet the floor too far away
_MISSED_PX = 1e3  # where a point cannot be projected


class Mark(BaseModel):
    """Something of known size: from its foot on the floor to its top, or between two points of the floor."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["person", "door", "distance"]
    start_px: PointPx  # the feet, or one end
    end_px: PointPx  # the top, or the other end
    size_m: float = Field(gt=0, le=100)

    @property
    def is_upright(self) -> bool:
        return self.kind != "distance"


@dataclass(frozen=True)
class CameraPose:
    height_m: float
    tilt_deg: float = 0.0
    roll_deg: float = 0.0


@dataclass(frozen=True)
class PoseEstimate:
    """A pose, one standard deviation of it, and by how many pixels each mark's end misses it."""

    pose: CameraPose
    height_error: float  # as a share of the height
    tilt_error_deg: float
    errors_px: tuple[float, ...]
    allowed_px: tuple[float, ...]  # what a mark may be off: people lean, and nobody clicks exactly

    @property
    def is_agreed(self) -> bool:
        return all(error <= allowed for error, allowed in zip(self.errors_px, self.allowed_px, strict=True))


@dataclass(frozen=True)
class _View:
    """The marks as rays, in one image."""

    lens: Lens
    width_px: int
    height_px: int
    marks: tuple[Mark, ...]

    @property
    def click_error_px(self) -> float:
        return max(LEAST_CLICK_ERROR_PX, CLICK_ERROR_SHARE * max(self.width_px, self.height_px))

    @property
    def allowed_px(self) -> tuple[float, ...]:
        lengths = (np.hypot(*np.subtract(mark.end_px, mark.start_px)) for mark in self.marks)
        return tuple(
            max(_MOST_CLICK_ERRORS * self.click_error_px, _LEANING * float(length)) for length in lengths
        )

    @cached_property
    def rays(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """[marks, 3] unit vectors to the starts, and to the ends."""
        points = np.array([(mark.start_px, mark.end_px) for mark in self.marks], dtype=float)
        rays = self.lens.directions(points.reshape(-1, 2), self.width_px, self.height_px).reshape(-1, 2, 3)
        return rays[:, 0], rays[:, 1]

    def misses(self, height_m: float, down: NDArray[np.float64]) -> NDArray[np.float64]:
        """[marks, 2] pixels between where each end should be and where it was marked."""
        starts, ends = (_on_floor(rays, height_m, down) for rays in self.rays)
        sizes = np.array([[mark.size_m] for mark in self.marks])
        ways = ends - starts
        along = starts + ways / np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-9) * sizes
        is_upright = np.array([[mark.is_upright] for mark in self.marks])
        points = np.where(is_upright, starts - down * sizes, along)
        seen = self.lens.project_directions(points, self.width_px, self.height_px)
        return np.nan_to_num(seen - [mark.end_px for mark in self.marks], nan=_MISSED_PX)


def estimate_pose(
    lens: Lens, size_px: tuple[int, int], marks: Sequence[Mark], *, mount: Mount = "auto"
) -> PoseEstimate:
    """The pose that one or more marks give. `size_px`: width and height of the photo.

    One person is enough below a camera that looks straight down; a tilted one wants two at different distances, and the
    estimate's error says so. `auto` keeps to straight down where that explains the marks.
    """
    assert marks
    view = _View(lens, *size_px, tuple(marks))
    if mount == "tilted" or (mount == "auto" and not _may_be_straight(view)):
        return _fit_tilted(view)
    straight = _fit_straight(view)
    is_explained = _rms(straight) <= _AGREES * view.click_error_px
    if mount == "down" or is_explained or _uprights(view) < 2:
        return straight
    return _fit_tilted(view)


def _may_be_straight(view: _View) -> bool:
    """One mark tells nothing of the tilt: then fisheyes hang as most do, straight down, and others look ahead."""
    return isinstance(view.lens, Fisheye) or _uprights(view) > 1


def _uprights(view: _View) -> int:
    return sum(mark.is_upright for mark in view.marks)


def _rms(estimate: PoseEstimate) -> float:
    return float(np.sqrt(np.mean(np.square(estimate.errors_px)) / 2))


def _fit_straight(view: _View) -> PoseEstimate:
    def residuals(values: NDArray[np.float64]) -> NDArray[np.float64]:
        missed = view.misses(np.exp(values[0]), _down(0.0, 0.0)) / (view.click_error_px * np.sqrt(2))
        return np.concatenate([missed.ravel(), [(values[0] - np.log(_USUAL_HEIGHT_M)) / _HEIGHT_SD]])

    fit = minimize(residuals, [np.log([height]) for height in (1.5, 2.8, 5.0, 10.0)])
    return _estimate(view, np.array([fit.values[0], 0.0, 0.0]), np.array([fit.errors[0], 0.0, 0.0]))


def _fit_tilted(view: _View) -> PoseEstimate:
    """Also over the way in which the camera leans, in radians right and up."""
    usual, spread = _usual_leaning(view.lens)

    def residuals(values: NDArray[np.float64]) -> NDArray[np.float64]:
        missed = view.misses(np.exp(values[0]), _down(values[1], values[2])) / (
            view.click_error_px * np.sqrt(2)
        )
        prior = (values - [np.log(_USUAL_HEIGHT_M), *usual]) / [_HEIGHT_SD, *spread]
        return np.concatenate([missed.ravel(), prior])

    fit = minimize(residuals, _starts(view.lens))
    return _estimate(view, fit.values, fit.errors)


def _usual_leaning(lens: Lens) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Prior mean and deviation: fisheyes hang straight down, leaning any way; others look ahead, upright."""
    if isinstance(lens, Fisheye):
        return np.zeros(2), np.radians([40.0, 40.0])
    return np.radians([0.0, -45.0]), np.radians([10.0, 30.0])


def _starts(lens: Lens) -> list[NDArray[np.float64]]:
    turns = np.radians(np.arange(0, 360, 60)) if isinstance(lens, Fisheye) else np.zeros(1)
    return [
        np.array([np.log(height_m), -tilt * np.sin(turn), -tilt * np.cos(turn)])
        for height_m in (2.0, 4.0)
        for tilt in np.radians([10.0, 35.0, 60.0, 80.0])
        for turn in turns
    ]


def _down(right: float, up: float) -> NDArray[np.float64]:
    """[3] straight down in the camera's axes, for one whose axis is that far from it, in radians."""
    tilt = float(np.hypot(right, up))
    scale = float(np.sinc(tilt / np.pi))
    return np.array([right * scale, up * scale, -np.cos(tilt)])


def _on_floor(rays: NDArray[np.float64], height_m: float, down: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n, 3] unit vectors -> [n, 3] metres from the camera."""
    return rays * (height_m / np.maximum(rays @ down, _LEAST_DESCENT))[:, None]


def _estimate(view: _View, values: NDArray[np.float64], errors: NDArray[np.float64]) -> PoseEstimate:
    height_m = float(np.exp(values[0]))
    missed_px = np.linalg.norm(view.misses(height_m, _down(*values[1:])), axis=1)
    # Marks that agree worse than clicks should are known worse.
    worse = max(1.0, float(np.sqrt(np.mean(missed_px**2) / 2)) / view.click_error_px)
    tilt_deg = float(np.degrees(np.hypot(*values[1:])))
    # Below a quarter of a degree its direction is noise.
    roll_deg = float(np.degrees(np.arctan2(-values[1], -values[2]))) if tilt_deg > 0.25 else 0.0
    return PoseEstimate(
        pose=CameraPose(height_m, min(tilt_deg, 90.0), roll_deg),
        height_error=float(np.hypot(errors[0] * worse, SIZE_ERROR / np.sqrt(len(view.marks)))),
        tilt_error_deg=float(np.degrees(np.hypot(*errors[1:]))) * worse,
        errors_px=tuple(float(error) for error in missed_px),
        allowed_px=view.allowed_px,
    )
