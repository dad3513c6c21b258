"""Photos that a person gives to a trained network: which there are, their pixels, and names for what is made of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.datasets.layouts.dataset_files import is_litter
from tasks.images.files import IMAGE_SUFFIXES, read_image


@dataclass(frozen=True)
class FoundPhotos:
    """Photos by name, and why what else lies there is left out."""

    photos: list[Path]
    left_out: list[str]


@dataclass(frozen=True)
class Photo:
    """A photo as viewers show it: uint8 [height, width, 3]."""

    path: Path
    pixels: np.ndarray


def list_photos(path: Path) -> FoundPhotos:
    """The photo at `path`, or those in that folder. ValueError where there is none."""
    if path.is_file() or (path.is_symlink() and not path.exists()):
        return FoundPhotos([path], [])
    if not path.exists():
        raise ValueError(f"there is no photo and no folder {path}; check the path")
    entries = sorted(each for each in path.glob("*") if not is_litter(each.name))
    folders = [each.name for each in entries if each.is_dir()]
    files = [each for each in entries if not each.is_dir()]
    photos = [each for each in files if each.suffix.lower() in IMAGE_SUFFIXES]
    others = [each.name for each in files if each.suffix.lower() not in IMAGE_SUFFIXES]
    left_out = [
        f"{_some(names)} ({len(names)} in all; {why})"
        for names, why in ((others, "no images by their endings"), (folders, "folders are not entered"))
        if names
    ]
    if not photos:
        there = f"; there are {' and '.join(left_out)}" if left_out else ""
        raise ValueError(
            f"{path} is neither an image nor a folder with {', '.join(IMAGE_SUFFIXES)} files{there}"
        )
    return FoundPhotos(photos, left_out)


def _some(names: list[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (", .." if len(names) > most else "")


def read_photos(photos: list[Path]) -> Iterator[Photo | ValueError]:
    """Photo by photo, or why one cannot be read."""
    for path in photos:
        try:
            pixels = read_image(path, turns_as_viewers_do=True)
        except ValueError as error:
            yield error
        else:
            yield Photo(path, pixels)


def name_pictures(photos: list[Path]) -> list[str]:
    """Names without an ending for pictures of the photos: a.jpg gives a, but a.jpg where another would give a as well.

    All are as long where even these are not told apart.
    """
    stems = Counter(photo.stem for photo in photos)
    names = [photo.name if stems[photo.stem] > 1 else photo.stem for photo in photos]
    return [photo.name for photo in photos] if len(set(names)) < len(names) else names
