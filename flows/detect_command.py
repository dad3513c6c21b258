"""`python -m flows detect ...`: what a trained detector finds in photos, as JSON lines and as pictures."""

import json
from pathlib import Path

from flows.detector_choice import choose_detector
from tasks.artifacts.opening import StorePlace
from tasks.detector_files import open_detector
from tasks.drawing import GREEN, draw_findings
from tasks.images import write_png
from tasks.photo_detection import PhotoDetections, detect_in_photos, list_photos, name_drawings


def detect(place: StorePlace, model: str, images: Path, *, to: Path | None, threshold: float | None) -> int:
    """One line of JSON a photo; with `to` also the photos with their boxes, as PNG files in that folder.

    `model`: as `choose_detector` has it, or an .onnx file. `threshold` None is the one that validation chose.
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise ValueError(f"--threshold must be in 0..1, but was {threshold}")
    photos = list_photos(images)
    if to is not None and to.resolve() == photos[0].parent.resolve():
        raise ValueError(
            f"--to is {to}, where the photos are, which drawings would replace; give another folder"
        )
    detector = open_detector(choose_detector(place, model).path)
    least = detector.threshold if threshold is None else threshold
    found = detect_in_photos(detector, photos, threshold=least)
    for each, name in zip(found, name_drawings(photos), strict=True):
        print(_line(each))
        if to is not None:
            write_png(to / name, draw_findings(each.pixels, each.boxes_xyxy, GREEN))
    return 0


def _line(found: PhotoDetections) -> str:
    content = {
        "image": found.path.name,
        "boxes_xyxy": found.boxes_xyxy.astype(float).round(1).tolist(),
        "scores": [round(float(score), 4) for score in found.scores],
    }
    return json.dumps(content)
