"""Step: the photos of some sample streets as a set of images with label maps."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict

from tasks.building.steps import step
from tasks.class_tables.known import known_table
from tasks.formats.label_maps import LabelMapRecord, new_array, write_records
from tasks.images.files import read_image, read_mask


class StreetImportConfig(BaseModel):
    """Which streets become which split."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    split: str
    sequences: tuple[int, ...]


@step("label-maps", libraries=("numpy", "pillow", "opencv-python-headless"))
def import_streets(out: Path, config: StreetImportConfig, shots: list[Path]) -> None:
    """As the import of a user's folder leaves it; each street is a sequence, its time of day the condition."""
    photos = list(_photos(config, shots))
    first = read_image(photos[0][0] / photos[0][1]["files"]["image"])
    shape = (len(photos), *first.shape[:2])
    images, labels = new_array(out / "images.npy", (*shape, 3)), new_array(out / "labels.npy", shape)
    depth = new_array(out / "depth.npy", shape, np.uint16)
    records = []
    for index, (folder, photo) in enumerate(photos):
        images[index] = read_image(folder / photo["files"]["image"])
        labels[index] = read_mask(folder / photo["files"]["labels"])
        depth[index] = _read_depth(folder / photo["files"]["depth"])
        records.append(_record(config, photo, shape))
    write_records(out, records, known_table("cityscapes"))


def _read_depth(path: Path) -> np.ndarray:
    """uint16 [h, w], in centimetres; 0 for the sky."""
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found is not None and found.dtype == np.uint16, f"{path} is no depth that the street wrote"
    return found


def _photos(config: StreetImportConfig, shots: list[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The folder and the record of each photo of the wanted streets, in their order."""
    for folder in shots:
        for photo in json.loads((folder / "street.json").read_text(encoding="utf-8"))["photos"]:
            if photo["sequence"] in config.sequences:
                yield folder, photo


def _record(config: StreetImportConfig, photo: dict[str, Any], shape: tuple[int, ...]) -> LabelMapRecord:
    return LabelMapRecord(
        name=photo["name"],
        split=config.split,
        sequence=f"street {photo['sequence']}",
        city="",
        camera="",
        has_label=True,
        width_px=shape[2],
        height_px=shape[1],
        condition=photo["time"],
    )
