"""Finds objects in photos of any size with a trained detector: what remains to be done once a run has ended."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.detection_sets import SetImage, letterbox
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
    checkpoint: Path, photos: list[Path], *, threshold: float | None
) -> Iterator[PhotoDetections]:
    """Photo by photo; `threshold` None is the one that validation chose. ValueError for a file that is no detector."""
    # Importing torch takes seconds: only who detects something pays for it.
    from models.checkpoints import load_checkpoint
    from models.detection.detecting import find_objects, load_detector

    state = load_checkpoint(checkpoint, kind="detector")
    detector = load_detector(state)
    least = state["best"]["threshold"] if threshold is None else threshold
    height, width = detector.image_hw
    for path in photos:
        pixels = read_image(path)
        fitted, scale, left, top = letterbox(pixels, width, height)
        found = find_objects(detector, fitted[None], batch_size=1)[0]
        placed = SetImage(path.name, "", scale, left, top, (), (), ())
        is_counted = found.scores >= least
        boxes = placed.to_source(found.boxes_xyxy[is_counted])
        yield PhotoDetections(path, pixels, boxes, found.scores[is_counted])
