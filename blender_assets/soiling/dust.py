"""Dust: grains apart from one another, many small and few large, brighter where light falls on them."""

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from blender_assets.soiling.covering import Coverage, fixed, fixed_length, seen_radius, spread_points
from blender_assets.soiling.layers import Layer, shone
from blender_assets.soiling.noise import fractal_noise
from blender_assets.soiling.pane import Pane

# Numbers of grains fall with the power 3.5 of their size by Junge's law for settled and airborne mineral dust
# (Junge, Air Chemistry and Radioactivity, 1963: dN / d log r ~ r^-3, so that dN / dr ~ r^-4; coarse dust is flatter).
JUNGE_POWER = 3.5
ALBEDO = np.array([0.45, 0.41, 0.35], np.float32)  # of mineral dust, linear sRGB
_MOST_GRAINS = 12_000


class DustConfig(BaseModel):
    """Lengths are those on the pane."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # of a grain, least and most; small ones are more frequent, and clumps count as grains
    radius_mm: tuple[float, float] = (0.05, 0.5)
    # share of the scene's brightest light that grains send back
    back_scatter: float = Field(default=0.25, ge=0, le=1)
    clumps: float = Field(default=0.7, ge=0, le=1)  # 0 spreads grains evenly, 1 leaves bare places

    @field_validator("radius_mm")
    @classmethod
    def _ascends(cls, ends: tuple[float, float]) -> tuple[float, float]:
        if not 0 < ends[0] <= ends[1] <= 10:
            raise ValueError(f"must be (least, most) with 0 < least <= most <= 10, but was {ends}")
        return ends


def draw_dust(pane: Pane, config: DustConfig, share: float, rng: np.random.Generator) -> Layer:
    """Grains over `share` of what is seen, before they are blurred."""
    scale = pane.blocks_per_mm
    alpha = np.zeros(pane.shape_hw, np.uint8)
    coverage = Coverage(pane)
    density = fractal_noise(pane.shape_hw, 6 * scale, 3, rng)
    radii = _radii(config, rng) * scale
    opacity = rng.uniform(0.45, 0.95, _MOST_GRAINS)
    keep = rng.random(_MOST_GRAINS)
    points = spread_points(pane.shape_hw, 0.0, rng, most=_MOST_GRAINS)
    for middle, radius, own, chance in zip(points, radii, opacity, keep, strict=True):
        if coverage.reaches(share):
            break
        x, y = int(middle[0]), int(middle[1])
        # a grain keeps away from what lies there already: Poisson discs by throwing darts
        if alpha[y, x] or chance < config.clumps * (0.5 - 0.5 * density[y, x]):
            continue
        cv2.circle(alpha, fixed(middle), fixed_length(radius), (int(255 * own),), -1, cv2.LINE_AA, 4)
        coverage.add_disc(middle, seen_radius(float(radius), float(own), pane.blur_blocks))
    hidden = alpha.astype(np.float32) / 255
    return Layer(hidden, shone(hidden, ALBEDO, veil=0.25, glint=config.back_scatter))


def _radii(config: DustConfig, rng: np.random.Generator) -> np.ndarray:
    """In mm, from the power law between its least and most by the inverse of its distribution."""
    power = 1 - JUNGE_POWER
    least, most = np.array(config.radius_mm) ** power
    return (least + rng.random(_MOST_GRAINS) * (most - least)) ** (1 / power)
