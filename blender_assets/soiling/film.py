"""Grease: a thin film that was wiped, which veils the scene."""

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.soiling.covering import threshold
from blender_assets.soiling.layers import Layer, shone
from blender_assets.soiling.noise import fractal_noise, streaks
from blender_assets.soiling.pane import Pane


class FilmConfig(BaseModel):
    """The film lets through T = exp(-absorption * thickness) (Beer and Lambert), so that alpha = 1 - T."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # for a thickness of 1, about that of a smear's middle
    absorption: float = Field(default=0.8, gt=0, le=20)
    streak_mm: float = Field(default=0.5, gt=0, le=20)  # width of what a cloth leaves between its strokes


def draw_film(pane: Pane, config: FilmConfig, share: float, rng: np.random.Generator) -> Layer:
    """A film over `share` of what is seen, before it is blurred."""
    shape, scale = pane.shape_hw, pane.blocks_per_mm
    angle = rng.uniform(0, np.pi)
    width = config.streak_mm * scale
    wiped = streaks(shape, (24 * width, width), angle, rng) + streaks(
        shape, (40 * width, 3 * width), angle + 0.12, rng
    )
    patches = fractal_noise(shape, 9 * scale, 2, rng)
    field = patches + np.float32(0.3) * wiped
    level = threshold(field, pane.seen_blocks, share)
    thickness = np.tanh(np.maximum(field - level, 0)) * (1 + 0.5 * np.tanh(wiped))
    alpha = (1 - np.exp(-config.absorption * thickness)).astype(np.float32)
    # It scatters what comes from nearly the same direction, and a little of bright light from anywhere.
    return Layer(alpha, shone(alpha, np.full(3, 0.25, np.float32), veil=0.7, glint=0.06))
