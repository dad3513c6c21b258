"""Finds objects in photos of any size with a trained detector: what remains to be done once a run has ended."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.detection_sets import SetImage, letterbox
from tasks.detector_files import OpenDetector
from tasks.images import read_image

ENDINGS = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class PhotoDetections:
    """A photo, uint8 [height, width, 3], and what was found in it: boxes [k, 4] in its pixels, scores [k], best first."""

    path: Path
    pixels: np.ndarray
    boxes_xyxy: np.ndarray
    scores: np.ndarray


def list_photos(path: Path) -> list[Path]:
    """The photo at `path`, or those in that folder by name. ValueError where there is none."""
    if path.is_file():
        return [path]
    found = sorted(each for each in path.glob("*") if each.suffix.lower() in ENDINGS)
    if not found:
        raise ValueError(f"{path} is neither an image nor a folder with {', '.join(ENDINGS)} files")
    return found


def detect_in_photos(
    detector: OpenDetector, photos: list[Path], *, threshold: float
) -> Iterator[PhotoDetections]:
    """What scores at least `threshold`, photo by photo."""
    for path in photos:
        pixels = read_image(path)
        fitted, scale, left, top = letterbox(pixels, detector.width_px, detector.height_px)
        found = detector.find(fitted)
        placed = SetImage(path.name, "", scale, left, top, (), (), ())
        is_counted = found.scores >= threshold
        boxes = placed.to_source(found.boxes_xyxy[is_counted])
        yield PhotoDetections(path, pixels, boxes, found.scores[is_counted])


def name_drawings(photos: list[Path]) -> list[str]:
    """PNG names for pictures of the photos: a.jpg gives a.png, but a.jpg.png where there are two photos a."""
    stems = Counter(photo.stem for photo in photos)
    return [f"{photo.stem if stems[photo.stem] == 1 else photo.name}.png" for photo in photos]
