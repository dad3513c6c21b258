"""`python -m flows detect ...`: what a trained detector finds in photos, as JSON lines and as pictures."""

import json
import sys
from pathlib import Path

from flows.commands.detector_choice import choose_detector
from tasks.artifacts.opening import StorePlace
from tasks.detection.detecting_in_photos import PhotoDetections, detect_in_photos, list_photos, name_drawings
from tasks.detection.opened_detectors import open_detector
from tasks.images.drawing import GREEN, draw_findings
from tasks.images.files import write_png_at_once


def detect(place: StorePlace, model: str, images: Path, *, to: Path | None, threshold: float | None) -> int:
    """One line of JSON a photo; with `to` also the photos with their boxes, as PNG files in that folder.

    A photo of a folder that cannot be read costs its own line, and the exit code is then 1. `model`: as
    `choose_detector` has it, or an .onnx file. `threshold` None is the one that validation chose.
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise ValueError(f"--threshold must be in 0..1, but was {threshold}")
    folder = list_photos(images)
    photos = folder.photos
    if to is not None and to.resolve() == photos[0].parent.resolve():
        raise ValueError(
            f"--to is {to}, where the photos are, which drawings would replace; give another folder"
        )
    if to is not None and to.exists() and not to.is_dir():
        raise ValueError(f"--to is {to}, which is a file; give a folder for the drawings")
    detector = open_detector(choose_detector(place, model).path)
    least = detector.threshold if threshold is None else threshold
    found = detect_in_photos(detector, photos, threshold=least)
    num_unread = 0
    for each, name in zip(found, name_drawings(photos), strict=True):
        if isinstance(each, ValueError):
            if not images.is_dir():
                raise each
            num_unread += 1
            print(f"error: {each}", file=sys.stderr, flush=True)
            continue
        if to is not None:
            write_png_at_once(to / name, draw_findings(each.pixels, each.boxes_xyxy, GREEN))
        print(_line(each), flush=True)
    _say_what_is_missing(folder.left_out, num_unread, len(photos))
    return 1 if num_unread else 0


def _say_what_is_missing(left_out: list[str], num_unread: int, num_photos: int) -> None:
    for what in left_out:
        print(f"left out: {what}", file=sys.stderr)
    if num_unread:
        print(f"{num_unread} of {num_photos} photos could not be read", file=sys.stderr)


def _line(found: PhotoDetections) -> str:
    content = {
        "image": found.path.name,
        "boxes_xyxy": found.boxes_xyxy.astype(float).round(1).tolist(),
        "scores": [round(float(score), 4) for score in found.scores],
    }
    return json.dumps(content)
