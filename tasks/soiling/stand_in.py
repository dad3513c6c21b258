"""Steps: a stand-in for images of soiled lenses: drawn soiling over clean images, annotated as people do or exactly."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.soiling.compositing import soil
from blender_assets.soiling.config import SoilingConfig
from blender_assets.soiling.levels import CoarseConfig, coarsen
from blender_assets.soiling.mud import MudConfig
from blender_assets.soiling.pane import Pane, usual_lens
from blender_assets.soiling.pattern import SoilingPattern, draw_pattern
from tasks.building.steps import step
from tasks.class_tables.known import LEVELS_TABLE, known_table
from tasks.formats.label_maps import LabelMapSet, new_array, read_label_maps, write_records
from tasks.formats.level_masks import masks_of_label_maps
from tasks.formats.soiling_masks import write_masks
from tasks.soiling.soiled_image import pattern_seed
from tasks.soiling.soiled_names import renamed

_MASKS_SMALLER = 4  # a mask has few pixels, and smaller patterns are drawn faster
Amount = Annotated[float, Field(ge=0, le=0.95)]


class StandInConfig(BaseModel):
    """What the soiling of the stand-in is like, and how roughly it is annotated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # kinds and looks; its amount is one of `amounts`. Patches that people would outline, not grains, and no water, which a
    # CycleGAN cannot make, as the authors say: it shows the scene elsewhere
    soiling: SoilingConfig = SoilingConfig(kinds={"mud": 1.0}, mud=MudConfig(splash_radius_mm=7, ragged_mm=6))
    # shares of an image that are soiled, of which each pattern has one
    amounts: tuple[Amount, ...] = Field(default=(0.15, 0.3, 0.5), min_length=1)
    # to learn from: images of a sequence are taken through the same dirt, so that there are few patterns; the test has
    # another pattern in every image
    pattern_of: Literal["image", "sequence"] = "sequence"
    coarse: CoarseConfig = CoarseConfig()  # how roughly outlines are drawn for learning and validation
    # further patterns, outlined alike, of which there are no images: the VAE of masks learns from them too, and is
    # validated by a fifth as many others. They cost no rendering; 0 leaves it the annotated images alone
    further_masks: int = Field(default=500, ge=0)
    seed: int = Field(default=0, ge=0)  # another one draws other soiling


class StandInSetConfig(BaseModel):
    """One split of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    look: StandInConfig
    pattern_of: Literal["image", "sequence"]
    annotation: Literal["coarse", "exact"]  # of its label maps; a test is scored by what is there


class StandInMasksConfig(BaseModel):
    """Patterns without images, as the masks that the VAE reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    look: StandInConfig
    count: int = Field(ge=1)
    name: str  # of the split; another one has other patterns
    size_px: int = Field(ge=1)  # side of the masks
    smoothing_px: float = Field(ge=0)  # standard deviation of the gaussian over them


@step("label-maps", libraries=("torch", "numpy", "opencv-python-headless"))
def soil_stand_in(out: Path, config: StandInSetConfig, images: Path) -> None:
    """The images, soiled, with levels as label maps (WoodScape's table), and `masks.npy`: exact alpha as float32.

    ValueError where so much soiling cannot be drawn on images of this size.
    """
    data = read_label_maps(images)
    shape = data.images.shape[:3]
    soiled, levels = new_array(out / "images.npy", (*shape, 3)), new_array(out / "labels.npy", shape)
    masks = new_array(out / "masks.npy", shape, np.float32)
    for index, pattern in enumerate(_patterns(config, data)):
        soiled[index] = soil(np.asarray(data.images[index]), pattern)
        is_exact = config.annotation == "exact"
        levels[index] = pattern.levels if is_exact else coarsen(pattern.levels, config.look.coarse)
        masks[index] = pattern.alpha
    write_records(out, [renamed(record, "soiled") for record in data.records], known_table(LEVELS_TABLE))


@step("soiling-masks", libraries=("torch", "numpy", "opencv-python-headless"))
def draw_stand_in_masks(out: Path, config: StandInMasksConfig, images: Path) -> None:
    """`masks.npy`, float32 [count, s, s]: coarsely annotated patterns, drawn at a quarter of the images' size."""
    height, width = (side // _MASKS_SMALLER for side in read_label_maps(images).images.shape[1:3])
    pane = Pane(usual_lens(), width, height, config.look.soiling.pane)
    levels = [
        coarsen(_draw(pane, config.look, f"{config.name} {number}").levels, config.look.coarse)
        for number in range(config.count)
    ]
    size = (config.size_px, config.size_px)
    write_masks(out, masks_of_label_maps(np.stack(levels), size, smoothing_px=config.smoothing_px))


def _patterns(config: StandInSetConfig, data: LabelMapSet) -> Iterator[SoilingPattern]:
    """One an image; that of a sequence is kept while its images last."""
    height, width = data.images.shape[1:3]
    pane = Pane(usual_lens(), width, height, config.look.soiling.pane)
    owner, pattern = "", None
    for record in data.records:
        wanted = (record.sequence if config.pattern_of == "sequence" else "") or record.name
        if pattern is None or wanted != owner:
            owner, pattern = wanted, _draw(pane, config.look, wanted)
        yield pattern


def _draw(pane: Pane, look: StandInConfig, owner: str) -> SoilingPattern:
    seed = pattern_seed(look.seed, owner, 0)
    amount = look.amounts[int(np.random.default_rng(seed).integers(len(look.amounts)))]
    return draw_pattern(pane, look.soiling.model_copy(update={"amount": amount}), seed)
