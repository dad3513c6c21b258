"""Scratches: thin lines in the glass that glare, as they send bright light to where it does not belong."""

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.soiling.covering import Coverage, seen_radius
from blender_assets.soiling.layers import Layer, shone
from blender_assets.soiling.pane import Pane

_MOST = 1_500
_POINTS = 24
_FIXED = 4


class ScratchesConfig(BaseModel):
    """Lengths are those on the pane."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    length_mm: float = Field(default=6.0, gt=0, le=500)  # a third to twice that are drawn
    width_mm: float = Field(default=0.045, gt=0, le=5)  # the median is two thirds of it
    bend_rad: float = Field(default=0.8, ge=0, le=6)  # by which a scratch turns from end to end
    bundle: float = Field(default=0.5, ge=0, le=1)  # share of scratches that run beside the one before
    # share of the scene's brightest light that they send to the camera
    glare: float = Field(default=0.7, ge=0, le=1)


def draw_scratches(pane: Pane, config: ScratchesConfig, share: float, rng: np.random.Generator) -> Layer:
    """Scratches over `share` of what is seen, before they are blurred."""
    scale = pane.blocks_per_mm
    alpha = np.zeros(pane.shape_hw, np.uint8)
    coverage = Coverage(pane)
    line = _line(pane, config, rng)
    for _ in range(_MOST):
        if coverage.reaches(share):
            break
        is_beside = rng.random() < config.bundle
        line = line + rng.normal(0, 0.5 * scale, 2) if is_beside else _line(pane, config, rng)
        width = config.width_mm * scale * float(rng.lognormal(-0.4, 0.6))
        opacity = rng.uniform(0.55, 0.95)
        _draw(alpha, line, width, opacity)
        coverage.add_line(line, 2 * _seen_half_width(width, opacity, pane.blur_blocks))
    hidden = alpha.astype(np.float32) / 255
    return Layer(hidden, shone(hidden, np.full(3, 0.3, np.float32), veil=0.15, glint=config.glare))


def _line(pane: Pane, config: ScratchesConfig, rng: np.random.Generator) -> NDArray[np.float64]:
    """[24, 2] x, y in blocks: a slow bend with a little trembling."""
    length = config.length_mm * pane.blocks_per_mm * rng.uniform(1 / 3, 2)
    bend = rng.uniform(-config.bend_rad, config.bend_rad)
    angle = rng.uniform(0, 2 * np.pi) + bend * np.linspace(0, 1, _POINTS) + rng.normal(0, 0.04, _POINTS)
    steps = length / (_POINTS - 1) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    start = rng.random(2) * pane.shape_hw[::-1]
    return start + np.cumsum(steps, axis=0) - steps.sum(axis=0) / 2


def _draw(alpha: NDArray[np.uint8], line: NDArray[np.float64], width: float, opacity: float) -> None:
    """Fades at its ends; a line thinner than a block hides as much of it as it covers. Drawn into `alpha`."""
    own = np.zeros_like(alpha)
    points = np.rint((line - 0.5) * 2**_FIXED).astype(int).tolist()
    fading = np.sin(np.linspace(0, np.pi, _POINTS + 1)[1:-1]) ** 0.5
    values = np.rint(255 * opacity * min(1.0, width) * fading).tolist()
    for start, end, value in zip(points, points[1:], values, strict=False):
        cv2.line(own, start, end, value, max(1, round(width)), cv2.LINE_AA, _FIXED)
    np.maximum(alpha, own, out=alpha)


def _seen_half_width(width: float, opacity: float, blur: float) -> float:
    """As that of a disc, but a line hides in its middle opacity * 4 width / (pi blur) under a disc of the blur."""
    if blur <= 1:
        return max(width, 1.0) / 2
    as_disc = blur / 2 * min(1.0, 4 * width / (np.pi * blur)) ** 0.5
    return seen_radius(as_disc, opacity, blur)
