"""Step: one split of images with label maps as arrays, at one size and as training ids."""

from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict

from tasks.artifacts.recipe import SourceFiles
from tasks.building.steps import step
from tasks.class_tables.conversion import convert_table
from tasks.class_tables.table import IGNORED, ClassTable
from tasks.formats.label_maps import LabelMapRecord, new_array, write_records
from tasks.images.files import read_image
from tasks.label_maps.annotated import Encoding, LabelledImage
from tasks.label_maps.reading import LabelReader, green_rows


class ImageFiles(BaseModel):
    """One image: the names of its files among the step's, and what is known of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str
    label: str | None = None
    annotations: str | None = None
    called: str = ""
    sequence: str = ""
    city: str = ""
    camera: str = ""
    condition: str = ""  # such as night


class LabelMapSplitConfig(BaseModel):
    """What decides the content of one split, beside the files themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    split: str
    images: tuple[ImageFiles, ...]
    size_px: tuple[int, int]  # width, height
    encoding: Encoding = "ids"
    has_green_strips: bool = False
    table: ClassTable | None = None
    convert_to: ClassTable | None = None


@step("label-maps", libraries=("numpy", "pillow", "opencv-python-headless", "pycocotools"))
def import_label_maps(out: Path, config: LabelMapSplitConfig, files: SourceFiles) -> None:
    """One split as arrays of images and training ids at one size, with a record of each and the class table."""
    shape = (len(config.images), *config.size_px[::-1])
    images = new_array(out / "images.npy", (*shape, 3))
    labels = None if config.table is None else new_array(out / "labels.npy", shape)
    read_labels = _label_reading(config)
    records = []
    for index, own in enumerate(config.images):
        image = read_image(files.files[own.image])
        images[index] = scaled(image, config.size_px, is_label=False)
        if labels is not None:
            labels[index] = scaled(
                read_labels(_labelled(own, files.files), image), config.size_px, is_label=True
            )
        records.append(_record(own, config.split, image.shape))
    write_records(out, records, config.convert_to or config.table)


def scaled(pixels: np.ndarray, size: tuple[int, int], *, is_label: bool) -> np.ndarray:
    """At `size` (width, height): images by areas where they shrink, label maps by the nearest pixel."""
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    if is_label:
        return cv2.resize(pixels, size, interpolation=cv2.INTER_NEAREST_EXACT)
    shrinks = size[0] < width or size[1] < height
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def _label_reading(config: LabelMapSplitConfig) -> Callable[[LabelledImage, np.ndarray], np.ndarray]:
    """From an image's files and its pixels to training ids of the table that is wanted, uint8 [h, w]."""
    table = config.table
    if table is None:
        return lambda image, pixels: np.full(pixels.shape[:2], IGNORED, np.uint8)
    reader = LabelReader(table, config.encoding)
    target = config.convert_to
    lookup = np.arange(256, dtype=np.uint8) if target is None else convert_table(table, target).lookup

    def read(image: LabelledImage, pixels: np.ndarray) -> np.ndarray:
        labels = lookup[reader.read(image, (pixels.shape[1], pixels.shape[0]))]
        if config.has_green_strips:
            labels[green_rows(pixels)] = IGNORED
        return labels

    return read


def _labelled(own: ImageFiles, files: Mapping[str, Path]) -> LabelledImage:
    return LabelledImage(
        own.image,
        files[own.image],
        None if own.label is None else files[own.label],
        None if own.annotations is None else files[own.annotations],
        own.called,
    )


def _record(own: ImageFiles, split: str, shape: tuple[int, ...]) -> LabelMapRecord:
    return LabelMapRecord(
        name=own.image,
        split=split,
        sequence=own.sequence,
        city=own.city,
        camera=own.camera,
        has_label=own.label is not None or own.annotations is not None,
        width_px=shape[1],
        height_px=shape[0],
        condition=own.condition,
    )
