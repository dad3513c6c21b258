"""Mud: splashes with tails and ragged edges, thick in the middle, lit by the scene's mean light."""

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.soiling.covering import fixed, fixed_length, threshold
from blender_assets.soiling.layers import Layer, shone
from blender_assets.soiling.noise import fractal_noise
from blender_assets.soiling.pane import Pane

# Linear sRGB reflectance of soils: dry loam about .25 to .35 in red and half of that in blue, wet about half of dry
# (Stoner and Baumgardner, Characteristic variations in reflectance of surface soils, 1981).
DRY_ALBEDO, WET_ALBEDO = np.array([0.35, 0.25, 0.15]), np.array([0.16, 0.105, 0.06])
_DROPLETS = 14  # of a tail
_SHARE_OF_SPLASHES = 1.6  # splashes for each unit of coverage and mm of their radius, on a pane of 1 cm2


class MudConfig(BaseModel):
    """Lengths are those on the pane."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # of a splash's middle; half to twice that are drawn
    splash_radius_mm: float = Field(default=1.3, ge=0.1, le=50)
    ragged_mm: float = Field(default=0.9, gt=0, le=50)  # of the bays of its edge
    edge: float = Field(default=0.5, gt=0, le=5)  # how slowly it thickens inwards; larger is softer
    dryness: float = Field(default=0.6, ge=0, le=1)  # 0 is wet and dark, 1 dry and light


def draw_mud(pane: Pane, config: MudConfig, share: float, rng: np.random.Generator) -> Layer:
    """Mud over `share` of what is seen, before it is blurred."""
    shape, scale = pane.shape_hw, pane.blocks_per_mm
    ragged = fractal_noise(shape, config.ragged_mm * 2.5 * scale, 5, rng, gain=0.6)
    field = splashes(pane, config, share, rng) + np.float32(0.42) * ragged
    level = threshold(field, pane.seen_blocks, share)
    thickness = np.maximum(field - level, 0) / config.edge
    alpha = (1 - np.exp(-4.5 * thickness)).astype(np.float32)
    return Layer(alpha, shone(alpha, _albedo(pane, config, thickness, rng), veil=0.06, glint=0.0))


def splashes(pane: Pane, config: MudConfig, share: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """[b] about 1 in splashes and on the droplets of their tails, 0 elsewhere, soft between."""
    shape, scale = pane.shape_hw, pane.blocks_per_mm
    radius = config.splash_radius_mm * scale
    count = 2 + round(_SHARE_OF_SPLASHES * share * shape[0] * shape[1] / radius**2 / np.pi)
    drawn, droplets = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    toward = rng.uniform(0, 2 * np.pi)
    for _ in range(count):
        middle = rng.random(2) * shape[::-1]
        own = radius * float(np.clip(rng.lognormal(-0.25, 0.5), 0.3, 2.0))
        _disc(drawn, middle, own)
        _tails(droplets, middle, own, toward, rng)
    large, small = (
        cv2.GaussianBlur(mask, (0, 0), max(share * radius, 0.4))
        for mask, share in ((drawn, 0.22), (droplets, 0.06))
    )
    return np.maximum(large, small).astype(np.float32) / 255


def _tails(
    drawn: NDArray[np.uint8],
    middle: NDArray[np.float64],
    radius: float,
    toward: float,
    rng: np.random.Generator,
) -> None:
    """Droplets that flew on from a splash, ever smaller, most of them where it was thrown to; drawn into `drawn`."""
    for _ in range(int(rng.integers(1, 4))):
        angle = toward + rng.normal(0, 0.7)
        away = radius * (0.8 + np.sort(rng.exponential(0.8, _DROPLETS)))
        sideways = rng.normal(0, 0.12, _DROPLETS) * away
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        sizes = 0.38 * radius * np.exp(-0.5 * away / radius) * rng.uniform(0.5, 1.2, _DROPLETS)
        for distance, side, size in zip(away, sideways, sizes, strict=True):
            _disc(drawn, middle + distance * along + side * across, float(size))


def _disc(drawn: NDArray[np.uint8], middle: NDArray[np.float64], radius: float) -> None:
    cv2.circle(drawn, fixed(middle), fixed_length(radius), (255,), -1, cv2.LINE_AA, 4)


def _albedo(
    pane: Pane, config: MudConfig, thickness: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """[b, 3]: crumbs lighter and darker; thick mud is darker, as less light comes through it."""
    grain = fractal_noise(pane.shape_hw, 1.6 * pane.blocks_per_mm, 4, rng, gain=0.8)
    color = config.dryness * DRY_ALBEDO + (1 - config.dryness) * WET_ALBEDO
    light = (1.5 - 0.75 * np.minimum(thickness, 1)) * np.clip(1 + 0.28 * grain, 0.4, 1.8)
    return light[..., None] * color.astype(np.float32)
