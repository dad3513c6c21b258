"""One soiled image with its masks, and how they are stored: in WoodScape's folders, with exact opacity beside them."""

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blender_assets.soiling.compositing import soil
from blender_assets.soiling.config import SoilingConfig
from blender_assets.soiling.pane import Pane
from blender_assets.soiling.pattern import draw_pattern
from tasks.exporting.woodscape import IMAGES, write_alpha, write_levels
from tasks.images.files import write_png

TYPES = "types"  # the folder beside WoodScape's


@dataclass(frozen=True)
class SoiledImage:
    """image uint8 RGB [h, w, 3], alpha float32 [h, w] in 0..1, types and levels uint8 [h, w]; of one pattern's seed.

    `amount`: share of the pixels that the lens lights up in which alpha is above 0.02.
    """

    image: NDArray[np.uint8]
    alpha: NDArray[np.float32]
    types: NDArray[np.uint8]
    levels: NDArray[np.uint8]
    amount: float
    seed: int


def soil_image(image: NDArray[np.uint8], pane: Pane, config: SoilingConfig, seed: int) -> SoiledImage:
    """uint8 RGB [h, w, 3] of the pane's size -> the same with soiling before it. ValueError as `draw_pattern` has it."""
    pattern = draw_pattern(pane, config, seed)
    soiled = soil(image, pattern)
    return SoiledImage(soiled, pattern.alpha, pattern.types, pattern.levels, pattern.amount, seed)


def left_clean(image: NDArray[np.uint8]) -> SoiledImage:
    """uint8 RGB [h, w, 3] as it is, with masks of no soiling."""
    clear = np.zeros(image.shape[:2], np.uint8)
    return SoiledImage(image, clear.astype(np.float32), clear, clear, amount=0.0, seed=0)


def pattern_seed(seed: int, name: str, variant: int) -> int:
    """Of one image's variant: depends on the image's name, not on the other images of a set."""
    stream = np.random.SeedSequence([seed, zlib.crc32(name.encode()), variant])
    return int(stream.generate_state(1, np.uint32)[0])


def write_soiled(out: Path, name: str, soiled: SoiledImage) -> None:
    """PNG files called `name` in the five folders; alpha has 16 bits."""
    write_png(out / IMAGES / f"{name}.png", soiled.image)
    write_levels(out, name, soiled.levels)
    write_alpha(out, name, soiled.alpha)
    write_png(out / TYPES / f"{name}.png", soiled.types)
