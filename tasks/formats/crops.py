"""Crops of people as a step leaves them: `crops.npy`, `regions.npy`, `crops.json`, and PNGs to look at."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Bits of a pixel of a crop's regions: inside the person's outline, inside the head's box.
PERSON, HEAD = 1, 2
# What translators call them: changes are to stay in the outline, and edges in what is kept.
REGION_BITS = {"outline": PERSON, "kept": HEAD}


@dataclass(frozen=True)
class Crop:
    """Where a crop lies: `crop_to_image` (2x3) maps a crop's pixel centres to its image's pixel centres."""

    name: str
    image_name: str
    person_id: int
    crop_to_image: tuple[tuple[float, ...], ...]

    @property
    def matrix(self) -> np.ndarray:
        """float64 [2, 3] of `crop_to_image`."""
        return np.asarray(self.crop_to_image, dtype=np.float64)


def read_crops(folder: Path) -> list[Crop]:
    """The crops of one artifact, in the order of its pixels."""
    records = json.loads((folder / "crops.json").read_text(encoding="utf-8"))
    return [
        Crop(**{**record, "crop_to_image": tuple(map(tuple, record["crop_to_image"]))}) for record in records
    ]


def read_crop_pixels(folders: list[Path]) -> np.ndarray:
    """uint8 [n, size, size, 3] of all crops of several artifacts."""
    return np.concatenate([np.load(folder / "crops.npy") for folder in folders])


def read_crop_regions(folders: list[Path]) -> np.ndarray:
    """uint8 [n, size, size] of all crops of several artifacts, with the bits of `tasks.crops.crop_regions`."""
    return np.concatenate([np.load(folder / "regions.npy") for folder in folders])
