"""Frost: needles of ice that grow over the pane from its rim, in the three directions of a hexagonal crystal."""

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.soiling.covering import threshold
from blender_assets.soiling.layers import Layer, shone
from blender_assets.soiling.noise import fractal_noise, streaks
from blender_assets.soiling.pane import Pane

# dendrites of ice branch at 60 degrees (Libbrecht, The physics of snow crystals, 2005)
BRANCH_RAD = np.pi / 3
# Of snow and hoar frost, .8 to .9 in the visible (Warren, Optical properties of snow, 1982): half of it is the light of all
# that the lens sees, the rest that of the bright sky; what goes through is scattered, and shows the scene blurred.
ALBEDO = np.array([0.36, 0.38, 0.40], np.float32)
_SKY, _VEIL = 0.32, 0.25
_GRAIN = 0.15  # deviation of its lightness
_RIM = 1.1  # how much sooner the rim freezes than the middle, in deviations of the patches


class FrostConfig(BaseModel):
    """Lengths are those on the pane."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    needle_mm: float = Field(default=0.45, ge=0.02, le=20)  # width of a needle; it is ten times as long
    density: float = Field(default=2.2, gt=0, le=20)  # how fast it thickens from where it has grown to
    # how unlike needles and what is between them are; 0 is even ice
    needles: float = Field(default=0.6, ge=0, le=1)


def draw_frost(pane: Pane, config: FrostConfig, share: float, rng: np.random.Generator) -> Layer:
    """Frost over `share` of what is seen, before it is blurred."""
    patches = fractal_noise(pane.shape_hw, 8 * pane.blocks_per_mm, 3, rng)
    needles = _needles(pane, config, rng)
    field = patches + np.float32(_RIM) * _from_middle(pane) + np.float32(0.5) * needles
    level = threshold(field, pane.seen_blocks, share)
    grown = np.tanh(np.maximum(field - level, 0)) * (1 + config.needles * np.tanh(needles))
    alpha = (1 - np.exp(-config.density * grown)).astype(np.float32)
    grain = 1 + _GRAIN * fractal_noise(pane.shape_hw, config.needle_mm * pane.blocks_per_mm, 2, rng)
    return Layer(alpha, shone(alpha, ALBEDO * grain[..., None], veil=_VEIL, glint=0.0, sky=_SKY))


def _needles(pane: Pane, config: FrostConfig, rng: np.random.Generator) -> NDArray[np.float32]:
    """[b] of deviation about 1: the strongest of three directions, each in regions of its own."""
    shape, width = pane.shape_hw, config.needle_mm * pane.blocks_per_mm
    first = rng.uniform(0, np.pi)
    fields = []
    for branch in range(3):
        angle = first + branch * BRANCH_RAD
        fine = streaks(shape, (10 * width, width), angle, rng)
        fields.append(fine + fractal_noise(shape, 12 * width, 1, rng))
    strongest = np.max(fields, axis=0)
    return ((strongest - strongest.mean()) / max(float(strongest.std()), 1e-6)).astype(np.float32)


def _from_middle(pane: Pane) -> NDArray[np.float32]:
    """[b] the square of the distance from the middle of what is seen, 1 at its farther edges."""
    rows, columns = np.nonzero(pane.seen_blocks)
    if not len(rows):
        return np.zeros(pane.shape_hw, np.float32)
    y, x = np.mgrid[: pane.shape_hw[0], : pane.shape_hw[1]]
    middle = (rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2
    reach = max(np.ptp(rows), np.ptp(columns), 1) / 2
    return (((y - middle[0]) ** 2 + (x - middle[1]) ** 2) / reach**2).astype(np.float32)
