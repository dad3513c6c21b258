"""The label map of an image, whatever form it has, as training ids."""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blender_assets.both_sides.json_reading import read_json
from tasks.class_tables.table import IGNORED, ClassTable
from tasks.label_maps.annotated import Encoding, LabelledImage
from tasks.label_maps.coco_records import CocoMaps, coco_maps, read_panoptic, read_stuff
from tasks.label_maps.decoding import LabelDecoder, PixelEncoding

_MOST_RED_BLUE, _LEAST_GREEN = (
    70,
    90,
)  # a strip is what YUV of zeros becomes, (0, 135, 0), give or take compression
_SHARE = 0.98


@dataclass(frozen=True)
class LabelReader:
    """Reads the label maps of one dataset; its tables and JSON files are read once."""

    table: ClassTable
    encoding: Encoding

    def read(self, image: LabelledImage, size: tuple[int, int]) -> np.ndarray:
        """uint8 [h, w] of training ids, 255 ignored, of an image of `size` (width, height). ValueError in one line."""
        if not image.has_label:
            return np.full(size[::-1], IGNORED, np.uint8)
        labels = self._read(image, size)
        if labels.shape != size[::-1]:
            raise ValueError(wrong_size(image.label or image.image, labels.shape[::-1], image.image, size))
        return labels

    def _read(self, image: LabelledImage, size: tuple[int, int]) -> np.ndarray:
        if image.annotations is None:
            assert image.label is not None
            return self._decoder.read(image.label)
        maps = self._coco(image.annotations)
        if image.label is None:
            return read_stuff(maps, image.called, size, self.table)
        return read_panoptic(maps, image.called, image.label, self.table)

    def _coco(self, path: Path) -> CocoMaps:
        if path not in self._files:
            self._files[path] = coco_maps(read_json(path), path)
        return self._files[path]

    @functools.cached_property
    def _files(self) -> dict[Path, CocoMaps]:
        return {}

    @functools.cached_property
    def _decoder(self) -> LabelDecoder:
        assert self.encoding in ("ids", "train_ids", "colors")
        encoding: PixelEncoding = self.encoding
        return LabelDecoder(self.table, encoding)


def wrong_size(label: Path, label_size: tuple[int, ...], image: Path, size: tuple[int, int]) -> str:
    """The sizes as (width, height)."""
    return (
        f"the label map {label} has {label_size[0]} x {label_size[1]} pixels, but its image {image} has {size[0]} x "
        f"{size[1]}; export both at one size (maps are never scaled to fit by guess)"
    )


def green_rows(image: np.ndarray) -> np.ndarray:
    """bool [h] of uint8 [h, w, 3]: rows at the top and the bottom that are plain green, which show nothing."""
    red, green, blue = (image[..., channel] for channel in range(3))
    is_green = (red <= _MOST_RED_BLUE) & (blue <= _MOST_RED_BLUE) & (green >= _LEAST_GREEN)
    rows = is_green.mean(axis=1) >= _SHARE
    from_top = np.logical_and.accumulate(rows)
    from_bottom = np.logical_and.accumulate(rows[::-1])[::-1]
    return from_top | from_bottom
