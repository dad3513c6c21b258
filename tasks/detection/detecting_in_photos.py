"""Finds objects in photos of any size with a trained detector: what remains to be done once a run has ended."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.datasets.layouts.dataset_files import is_litter
from tasks.detection.opened_detectors import OpenDetector
from tasks.detection.preparing_sets import letterbox
from tasks.formats.detection_sets import SetImage
from tasks.images.files import IMAGE_SUFFIXES, read_image


@dataclass(frozen=True)
class FoundPhotos:
    """Photos by name, and why what else lies there is left out."""

    photos: list[Path]
    left_out: list[str]


@dataclass(frozen=True)
class PhotoDetections:
    """A photo as viewers show it, uint8 [height, width, 3], and what was found in it, best first.

    boxes [k, 4] are in its pixels, scores [k].
    """

    path: Path
    pixels: np.ndarray
    boxes_xyxy: np.ndarray
    scores: np.ndarray


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


def detect_in_photos(
    detector: OpenDetector, photos: list[Path], *, threshold: float
) -> Iterator[PhotoDetections | ValueError]:
    """What scores at least `threshold`, photo by photo, or why a photo cannot be read."""
    for path in photos:
        try:
            pixels = read_image(path, turns_as_viewers_do=True)
        except ValueError as error:
            yield error
        else:
            yield _detect(detector, path, pixels, threshold)


def _detect(detector: OpenDetector, path: Path, pixels: np.ndarray, threshold: float) -> PhotoDetections:
    fitted, scale, left, top = letterbox(pixels, detector.width_px, detector.height_px)
    found = detector.find(fitted)
    placed = SetImage(path.name, "", scale, left, top, (), (), ())
    is_counted = found.scores >= threshold
    boxes = placed.to_source(found.boxes_xyxy[is_counted])
    return PhotoDetections(path, pixels, boxes, found.scores[is_counted])


def name_drawings(photos: list[Path]) -> list[str]:
    """PNG names for pictures of the photos: a.jpg gives a.png, but a.jpg.png where another would give a.png as well.

    All are as long where even these are not told apart.
    """
    stems = Counter(photo.stem for photo in photos)
    names = [photo.name if stems[photo.stem] > 1 else photo.stem for photo in photos]
    if len(set(names)) < len(names):
        names = [photo.name for photo in photos]
    return [f"{name}.png" for name in names]
