"""Blends synthetic people with random textures: the control S_style of the thesis (Section 5.6, Table 5.1).

Its texture varies extremely and resembles nothing real: a refiner whose S+ trains better detectors than S_style does
more than vary textures.
"""

import hashlib
import shutil
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tasks.building.steps import step
from tasks.crops.textures import draw_texture
from tasks.formats.crops import PERSON, read_crops
from tasks.images.files import write_png


class StylingConfig(BaseModel):
    """How much of a person's own look is replaced by a texture, and which textures are drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # part of a person's look that gives way to a texture; 1 leaves nothing but the outline
    texture_share: float = Field(default=0.7, gt=0, le=1)
    seed: int = Field(default=0, ge=0)  # another one draws other textures


def style(crop: np.ndarray, is_person: np.ndarray, config: StylingConfig) -> np.ndarray:
    """uint8 [size, size, 3]: `crop` with its person [size, size] blended with a texture of its own.

    The texture follows from the seed and the crop's pixels alone: crops that are named alike have different ones.
    """
    content = hashlib.sha256(crop.tobytes()).digest()[:8]
    rng = np.random.default_rng([config.seed, int.from_bytes(content, "big")])
    texture = draw_texture(len(crop), rng)
    blended = config.texture_share * texture + (1 - config.texture_share) * crop
    return np.where(is_person[..., None], np.rint(blended).astype(np.uint8), crop)


@step("styled-crops", libraries=("numpy", "opencv-python-headless"))
def style_crops(out: Path, config: StylingConfig, crops: Path) -> None:
    """`crops.npy` with the styled pixels in the order of the crops, as refined crops have it, and PNGs to look at."""
    original, regions = np.load(crops / "crops.npy"), np.load(crops / "regions.npy")
    styled = np.empty_like(original)
    for index, (pixels, region) in enumerate(zip(original, regions, strict=True)):
        styled[index] = style(pixels, (region & PERSON) > 0, config)
    np.save(out / "crops.npy", styled)
    shutil.copyfile(crops / "crops.json", out / "crops.json")
    for crop, pixels in zip(read_crops(out), styled, strict=True):
        write_png(out / "images" / crop.name, pixels)
