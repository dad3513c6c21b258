"""The soiled pane as the camera sees it: a dome about the entrance pupil, in millimetres and in pixels.

Soiling near a lens is out of focus, so that it is drawn in blocks of `step` pixels that the blur does not resolve.
"""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.lens.fisheye import Fisheye
from blender_assets.lens.pinhole import Perspective
from blender_assets.lens.radial import RadialLens

USUAL_HFOV_DEG = 64.0  # of a camera of which nothing is known
BLUR_BLOCKS = 4.0  # a blur of that many blocks hides them
MOST_STEP_PX = 12
_NEAR_AXIS_RAD = 1e-3
_AZIMUTHS = 256


class PaneConfig(BaseModel):
    """Where the soiled pane is, and how wide the lens is open: both decide how blurred soiling is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # from the entrance pupil to the soiling; None: 8 on a fisheye, whose front lens is soiled, else 20
    distance_mm: float | None = Field(default=None, gt=0, le=1000)
    # diameter of the entrance pupil: focal length / f-number; 0 draws soiling sharp
    aperture_mm: float = Field(default=0.4, ge=0, le=50)


@dataclass(frozen=True)
class Pane:
    """A pane before a lens that takes images of `width_px` x `height_px`."""

    lens: RadialLens | Perspective
    width_px: int
    height_px: int
    config: PaneConfig

    @property
    def distance_mm(self) -> float:
        usual = 8.0 if isinstance(self.lens, Fisheye) else 20.0
        return self.config.distance_mm or usual

    @cached_property
    def focal_px(self) -> float:
        """Pixels a radian on the axis."""
        ray = np.array([[np.sin(_NEAR_AXIS_RAD), 0.0, -np.cos(_NEAR_AXIS_RAD)], [0.0, 0.0, -1.0]])
        aside, middle = self.lens.project_directions(ray, self.width_px, self.height_px)
        return float(np.hypot(*(aside - middle)) / _NEAR_AXIS_RAD)

    @property
    def px_per_mm(self) -> float:
        return self.focal_px / self.distance_mm

    @property
    def blur_px(self) -> float:
        """Diameter of the disc that a point of the pane becomes where the lens is focused far away: f D / d."""
        return self.px_per_mm * self.config.aperture_mm

    @cached_property
    def step(self) -> int:
        """Pixels a block."""
        return int(np.clip(round(self.blur_px / BLUR_BLOCKS), 1, MOST_STEP_PX))

    @cached_property
    def shape_hw(self) -> tuple[int, int]:
        """In blocks; the last ones may reach beyond the image."""
        return -(-self.height_px // self.step), -(-self.width_px // self.step)

    @cached_property
    def blocks_per_mm(self) -> float:
        return self.px_per_mm / self.step

    @cached_property
    def blur_blocks(self) -> float:
        return self.blur_px / self.step

    @cached_property
    def axis_px(self) -> NDArray[np.float64]:
        """[2] where the axis meets the image."""
        return self.lens.project_directions(np.array([[0.0, 0.0, -1.0]]), self.width_px, self.height_px)[0]

    @cached_property
    def edge_px(self) -> NDArray[np.float64]:
        """[256] distance from the axis to the edge of what is seen, by azimuth from -pi on; the image may cut it."""
        azimuth = np.linspace(-np.pi, np.pi, _AZIMUTHS, endpoint=False)
        away = np.arange(1.0, np.hypot(self.width_px, self.height_px), 2.0)
        ways = np.stack([np.cos(azimuth), np.sin(azimuth)], axis=-1)[:, None] * away[:, None] + self.axis_px
        inside = ((ways > 0) & (ways < [self.width_px, self.height_px])).all(axis=2)
        inside &= self.lens.sees(ways.reshape(-1, 2), self.width_px, self.height_px, slack_px=0.0).reshape(
            inside.shape
        )
        return np.maximum(away[np.maximum(np.logical_and.accumulate(inside, axis=1).sum(axis=1) - 1, 0)], 1.0)

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        """[h, w] pixels to which the lens sends light: the circle of a fisheye."""
        if not isinstance(self.lens, Fisheye):
            return np.ones((self.height_px, self.width_px), bool)
        y, x = np.mgrid[: self.height_px, : self.width_px] + 0.5
        pixels = np.stack([x.ravel(), y.ravel()], axis=1)
        return self.lens.sees(pixels, self.width_px, self.height_px, slack_px=0.0).reshape(x.shape)

    @cached_property
    def seen_blocks(self) -> NDArray[np.bool_]:
        """`seen` at the middle of every block."""
        rows, columns = (self.step // 2 + self.step * np.arange(count) for count in self.shape_hw)
        rows, columns = np.minimum(rows, self.height_px - 1), np.minimum(columns, self.width_px - 1)
        return self.seen[np.ix_(rows, columns)]

    def rays(self, blocks_xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """[n, 2] in blocks, the middle of the first at 0.5 -> [n, 3] unit vectors: right, up, backward."""
        return self.lens.directions(blocks_xy * self.step, self.width_px, self.height_px)

    def where_seen(self, directions: NDArray[np.float64]) -> NDArray[np.float32]:
        """[n, 3] -> [n, 2] pixels in which that part of the scene is, or the nearest on the way to the axis.

        So the surroundings go on outside the frame as they are at its edge: sky above, road below.
        """
        pixels = self.lens.project_directions(_before_the_camera(directions), self.width_px, self.height_px)
        offset = pixels - self.axis_px
        azimuth = np.arctan2(offset[:, 1], offset[:, 0])
        number = ((azimuth + np.pi) * (_AZIMUTHS / (2 * np.pi))).astype(np.intp) % _AZIMUTHS
        away = np.maximum(np.hypot(offset[:, 0], offset[:, 1]), 1e-9)
        nearer = np.minimum(1.0, self.edge_px[number] / away)
        within = self.axis_px + offset * nearer[:, None]
        return np.clip(within, 0, [self.width_px, self.height_px]).astype(np.float32)

    def to_pixels(self, blocks: NDArray[np.float32]) -> NDArray[np.float32]:
        """[hb, wb, ...] in blocks -> [h, w, ...], between the blocks' middles; alpha and what it weighs alike."""
        if self.step == 1:
            return blocks
        rows, columns = blocks.shape[:2]
        size = (columns * self.step, rows * self.step)
        pixels = np.asarray(cv2.resize(blocks, size, interpolation=cv2.INTER_LINEAR), np.float32)
        return pixels[: self.height_px, : self.width_px]


def usual_lens() -> Perspective:
    """Of a camera of which nothing is known."""
    return Perspective(model="perspective", hfov_deg=USUAL_HFOV_DEG)


def _before_the_camera(directions: NDArray[np.float64], least: float = 0.05) -> NDArray[np.float64]:
    """A pinhole has no image of what lies behind it: such directions are turned to 87 degrees off axis."""
    forward = np.maximum(-directions[:, 2], least * np.hypot(directions[:, 0], directions[:, 1]))
    return np.stack([directions[:, 0], directions[:, 1], -np.maximum(forward, 1e-9)], axis=1)
