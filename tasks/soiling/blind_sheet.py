"""A sheet of numbered crops, real and generated in a drawn order, for people to tell apart; the key is another file."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from tasks.formats.label_maps import LabelMapSet
from tasks.images.files import write_png

_CROP_PX = 160  # side of a crop as it is shown
_COLUMNS, _CAPTION_PX = 6, 22
_SOILED_LEVEL = 2  # a crop is laid over what has at least this level


@dataclass(frozen=True)
class Crop:
    """Square, uint8 [s, s, 3]; `origin` is real, or the way in which it was soiled."""

    pixels: np.ndarray
    origin: str
    name: str


def draw_crops(sets: Mapping[str, LabelMapSet], *, count: int, rng: np.random.Generator) -> list[Crop]:
    """As many of each origin as there are soiled images, `count` at most, in a drawn order."""
    crops = [crop for origin, data in sets.items() for crop in soiled_crops(origin, data, count, rng)]
    return [crops[index] for index in rng.permutation(len(crops))]


def soiled_crops(origin: str, data: LabelMapSet, count: int, rng: np.random.Generator) -> list[Crop]:
    """One of each soiled image, `count` at most, in a drawn order."""
    assert data.labels is not None, "soiled images have their levels"
    crops = []
    for index in rng.permutation(len(data.records)):
        is_soiled = (np.asarray(data.labels[index]) >= _SOILED_LEVEL) & (data.labels[index] != 255)
        if is_soiled.any() and len(crops) < count:
            pixels = _around(np.asarray(data.images[index]), is_soiled)
            crops.append(Crop(pixels, origin, data.records[index].name))
    return crops


def _around(image: np.ndarray, is_soiled: np.ndarray) -> np.ndarray:
    """The largest square that is inside of the image and as near as it can be to the middle of the soiling."""
    height, width = is_soiled.shape
    side = min(height, width)
    middle = np.argwhere(is_soiled).mean(axis=0)
    top, left = (
        int(np.clip(round(at - side / 2), 0, size - side))
        for at, size in zip(middle, (height, width), strict=True)
    )
    return image[top : top + side, left : left + side]


def write_blind_sheet(out: Path, crops: list[Crop]) -> None:
    """`blind_sheet.png` with numbers from 1, and `blind_key.csv` that says what each is."""
    rows = -(-len(crops) // _COLUMNS)
    cell = _CROP_PX + _CAPTION_PX
    sheet = np.full((max(rows, 1) * cell, _COLUMNS * _CROP_PX, 3), 255, np.uint8)
    for number, crop in enumerate(crops):
        top, left = number // _COLUMNS * cell, number % _COLUMNS * _CROP_PX
        shown = cv2.resize(crop.pixels, (_CROP_PX, _CROP_PX), interpolation=cv2.INTER_CUBIC)
        sheet[top + _CAPTION_PX : top + cell, left : left + _CROP_PX] = shown
        place = (left + 4, top + _CAPTION_PX - 6)
        cv2.putText(sheet, str(number + 1), place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    write_png(out / "blind_sheet.png", sheet)
    with (out / "blind_key.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("number", "origin", "image"))
        table.writerows((number, crop.origin, crop.name) for number, crop in enumerate(crops, start=1))
