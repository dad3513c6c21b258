"""A soiled version of a set of images: whole or not at all, with the labels that came with them and a card."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from blender_assets.lens.models import Lens
from blender_assets.soiling.config import SoilingConfig
from blender_assets.soiling.pane import Pane, usual_lens
from tasks.datasets.split_names import SplitName
from tasks.exporting.whole_folder import written_whole
from tasks.images.files import read_image
from tasks.label_maps.annotated import LabelledImage
from tasks.soiling.clean_images import CleanSet
from tasks.soiling.dirty_card import Lineage, lineage_of, write_dirty_card
from tasks.soiling.dirty_labels import open_labels
from tasks.soiling.soiled_image import SoiledImage, left_clean, pattern_seed, soil_image, write_soiled

# by which published data sets know their own images, and soiled ones are none of them
_FOREIGN_END = re.compile(r"(_leftImg8bit|_rgb_anon)$")


class DirtySetConfig(BaseModel):
    """What is drawn on every image, how often, and what becomes of label maps under it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    soiling: SoilingConfig = SoilingConfig()  # kinds, amount and looks
    seed: int = Field(default=0, ge=0)  # another one draws other soiling on every image
    variants: int = Field(default=1, ge=1, le=10_000)  # soiled versions of each image
    # sequence: its images have the same soiling, as those of one drive do
    pattern_of: Literal["image", "sequence"] = "image"
    # images of these splits are soiled, the others stay clean; left out: all are soiled
    splits: tuple[SplitName, ...] | None = None
    # alpha from which on the pixel of a label map is ignored
    ignore_from_alpha: float = Field(default=0.8, gt=0, le=1)


@dataclass(frozen=True)
class _Variant:
    name: str
    source: LabelledImage
    number: int
    lens: Lens | None
    soiled: SoiledImage


def write_dirty_set(
    clean: CleanSet, lenses: Sequence[Lens | None], to: Path, config: DirtySetConfig
) -> list[Lineage]:
    """Every image in each variant; `lenses` has one an image, None where it is not known.

    ValueError, and no folder, where an image or its labels cannot be read, so much soiling cannot be drawn, or no image is
    of the splits that are to be soiled.
    """
    _check_splits(clean, config)
    records = []
    with written_whole(to) as out:
        labels = open_labels(clean, out, config.ignore_from_alpha)
        for each in _variants(clean, lenses, config):
            write_soiled(out, each.name, each.soiled)
            labels.add(each.source, each.name, each.soiled.alpha)
            records.append(lineage_of(each.name, each.source, each.number, each.soiled, each.lens))
        labels.close()
        write_dirty_card(out, clean, config.model_dump(mode="json"), records)
    return records


def _variants(clean: CleanSet, lenses: Sequence[Lens | None], config: DirtySetConfig) -> Iterator[_Variant]:
    panes: dict[tuple[object, ...], Pane] = {}
    for image, name, lens in zip(clean.images, soiled_names(clean.images), lenses, strict=True):
        pixels = read_image(image.image, turns_as_viewers_do=not clean.has_labels)
        size = (pixels.shape[1], pixels.shape[0])
        if config.splits is not None and clean.split_of(image) not in config.splits:
            yield _Variant(name, image, 0, lens, left_clean(pixels))
            continue
        pane = panes.setdefault((lens and repr(lens), size), _pane(image, lens, size, config))
        for number in range(config.variants):
            own = name if config.variants == 1 else f"{name}_v{number}"
            seed = pattern_seed(config.seed, _owner(image, config), number)
            yield _Variant(own, image, number, lens, soil_image(pixels, pane, config.soiling, seed))


def _check_splits(clean: CleanSet, config: DirtySetConfig) -> None:
    found = {clean.split_of(image) for image in clean.images}
    if config.splits is not None and found.isdisjoint(config.splits):
        said = ", ".join(sorted(filter(None, found))) or "none is said"
        raise ValueError(
            f"splits is {', '.join(config.splits)}, but no image is of these (splits: {said}); leave it out to soil all"
        )


def _owner(image: LabelledImage, config: DirtySetConfig) -> str:
    """Of a pattern; an image without a sequence has its own."""
    return (image.sequence if config.pattern_of == "sequence" else "") or image.name


def _pane(image: LabelledImage, lens: Lens | None, size: tuple[int, int], config: DirtySetConfig) -> Pane:
    if lens is not None:
        try:
            lens.check(*size)
        except ValueError as error:
            raise ValueError(f"{image.name}: {error}") from None
    return Pane(lens or usual_lens(), *size, config.soiling.pane)


def soiled_names(images: Sequence[LabelledImage]) -> list[str]:
    """Without endings, and without folders where the last part of each path says which image it is."""
    paths = [PurePosixPath(image.name).with_suffix("") for image in images]
    stems = [_FOREIGN_END.sub("", path.name) for path in paths]
    names = stems if len(set(stems)) == len(stems) else ["_".join(path.parts) for path in paths]
    twice, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise ValueError(f"{count} images would be called {twice}; soil their folders one by one")
    return names
