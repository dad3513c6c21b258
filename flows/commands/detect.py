"""`python -m flows detect ...`: what a trained detector finds in photos, as JSON lines and as pictures."""

import json
from pathlib import Path

from flows.commands.detector_choice import choose_detector
from flows.commands.photo_answers import answer_photos, require_place
from tasks.artifacts.opening import StorePlace
from tasks.datasets.photo_folders import Photo, list_photos
from tasks.detection.detecting_in_photos import PhotoDetections, detect_in_photo
from tasks.detection.opened_detectors import open_detector
from tasks.images.drawing import GREEN, draw_findings
from tasks.images.files import write_png_at_once


def detect(place: StorePlace, model: str, images: Path, *, to: Path | None, threshold: float | None) -> int:
    """One line of JSON a photo; with `to` also the photos with their boxes, as PNG files in that folder.

    A photo of a folder that cannot be read costs its own line, and the exit code is then 1. `model`: as
    `choose_network` has it, or an .onnx file. `threshold` None is the one that validation chose.
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise ValueError(f"--threshold must be in 0..1, but was {threshold}")
    found = list_photos(images)
    if to is not None:
        require_place(to, found)
    detector = open_detector(choose_detector(place, model).path)
    least = detector.threshold if threshold is None else threshold

    def answer(photo: Photo, name: str) -> None:
        detections = detect_in_photo(detector, photo, threshold=least)
        if to is not None:
            drawing = draw_findings(photo.pixels, detections.boxes_xyxy, GREEN)
            write_png_at_once(to / f"{name}.png", drawing)
        print(_line(photo, detections), flush=True)

    return answer_photos(images, found, answer)


def _line(photo: Photo, found: PhotoDetections) -> str:
    content = {
        "image": photo.path.name,
        "boxes_xyxy": found.boxes_xyxy.astype(float).round(1).tolist(),
        "scores": [round(float(score), 4) for score in found.scores],
    }
    return json.dumps(content)
