"""From a label image to training ids, by lookup tables."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from blender_assets.both_sides.text_reading import shown
from tasks.class_tables.table import (
    UNKNOWN,
    ClassTable,
    train_ids_of_colors,
    train_ids_of_ids,
    train_ids_of_train_ids,
)
from tasks.label_maps.label_files import LabelPixels, read_label_pixels

PixelEncoding = Literal["ids", "train_ids", "colors"]
_SAID = 5
_LOOKUPS = {"ids": train_ids_of_ids, "train_ids": train_ids_of_train_ids, "colors": train_ids_of_colors}


@dataclass(frozen=True)
class LabelDecoder:
    """Decodes the label maps of one table and encoding; made once for many of them."""

    table: ClassTable
    encoding: PixelEncoding

    @functools.cached_property
    def lookup(self) -> np.ndarray:
        return _LOOKUPS[self.encoding](self.table)

    def read(self, path: Path) -> np.ndarray:
        """uint8 [h, w] of training ids, 255 ignored. ValueError names the file and the values that are unknown."""
        return self.decode(read_label_pixels(path), path)

    def decode(self, pixels: LabelPixels, path: Path) -> np.ndarray:
        """The same of pixels that are read; `path` is named in messages."""
        values = packed(colors_of(pixels, path)) if self.encoding == "colors" else indices_of(pixels, path)
        labels = np.take(self.lookup, values, mode="clip")
        is_unknown = labels == UNKNOWN
        if values.dtype == np.uint16 and int(values.max(initial=0)) >= len(self.lookup):
            is_unknown |= values >= len(self.lookup)
        if is_unknown.any():
            raise ValueError(self._unknown(values[is_unknown], path))
        return labels

    def _unknown(self, values: np.ndarray, path: Path) -> str:
        found, counts = np.unique(values, return_counts=True)
        most = found[np.argsort(-counts, kind="stable")][:_SAID].tolist()
        more = f" and {len(found) - _SAID} more" if len(found) > _SAID else ""
        if self.encoding == "colors":
            names = ", ".join(str(unpacked(value)) for value in most)
            return (
                f"{path} has the colours {names}{more} in {len(values)} pixels, which {self.table.name} does not have; "
                "add them to the class table (classes), or export the label maps without smoothing or JPEG"
            )
        return (
            f"{path} has the {self.encoding.replace('_', ' ')} {', '.join(map(str, most))}{more} in {len(values)} "
            f"pixels, but {self.table.name} has {self._allowed()} (255 is ignored); name the right class table "
            "(classes), or another encoding: ids, train_ids or colors"
        )

    def _allowed(self) -> str:
        if self.encoding == "train_ids":
            return f"0 to {self.table.num_classes - 1}"
        ids = sorted(label.id for label in self.table.labels)
        return f"0 to {ids[-1]}" if ids == list(range(len(ids))) else shown(ids, most=60)


def colors_of(pixels: LabelPixels, path: Path) -> np.ndarray:
    """uint8 [h, w, 3]; ValueError for a grey image."""
    if pixels.colors is None:
        raise ValueError(
            f"{path} is grey, but colours are to be read; set encoding to ids or train_ids, or export the maps in colour"
        )
    return pixels.colors


def indices_of(pixels: LabelPixels, path: Path) -> np.ndarray:
    """[h, w]; also of RGB whose channels are equal, as some programs write grey. ValueError for real colours."""
    if pixels.indices is not None:
        return pixels.indices
    colors = colors_of(pixels, path)
    if (colors[..., :1] != colors[..., 1:]).any():
        raise ValueError(
            f"{path} is in colour, but numbers are to be read; set encoding to colors, or name a class table with colours"
        )
    return colors[..., 0]


def packed(colors: np.ndarray) -> np.ndarray:
    """uint32 [h, w] of uint8 [h, w, 3]: red << 16 | green << 8 | blue."""
    wide = colors.astype(np.uint32)
    return wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]


def unpacked(value: int) -> tuple[int, int, int]:
    """(red, green, blue) of one packed colour."""
    return value >> 16, value >> 8 & 255, value & 255
