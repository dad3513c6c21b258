"""Photos of grey squares, and a detector that finds them by their grey: what it scores is in the photo's pixels."""

import json
from pathlib import Path

import numpy as np

from models.detection.data import Detections
from tasks.detection.opened_detectors import OpenDetector
from tasks.images.files import write_png

SIDE_PX = 64
Box = tuple[int, int, int, int]


def find_squares(image_hwc: np.ndarray) -> Detections:
    """A box for every grey level but black, the brightest first; its score is the level's part of 255."""
    grey = image_hwc[..., 0]
    levels = sorted(set(np.unique(grey)) - {0}, reverse=True)
    boxes = []
    for level in levels:
        rows, columns = np.nonzero(grey == level)
        boxes.append((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(levels, np.float32) / 255,
        np.zeros(len(levels), int),
    )


def squares_detector(*, threshold: float = 0.5, **known: object) -> OpenDetector:
    return OpenDetector(SIDE_PX, SIDE_PX, threshold, find_squares, **known)  # type: ignore[arg-type]


def write_photos(folder: Path, photos: dict[str, tuple[dict[Box, int], list[Box]]], **fields: object) -> Path:
    """Each photo's squares with their grey levels, and its annotated person boxes; returns the COCO file."""
    images, annotations = [], []
    for number, (name, (squares, boxes)) in enumerate(photos.items()):
        pixels = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
        for (left, top, right, bottom), level in squares.items():
            pixels[top:bottom, left:right] = level
        write_png(folder / "images" / name, pixels)
        images.append({"id": number, "file_name": name, "width": SIDE_PX, "height": SIDE_PX})
        for left, top, right, bottom in boxes:
            box = {"bbox": [left, top, right - left, bottom - top], "image_id": number, "category_id": 1}
            annotations.append({"id": len(annotations), **box, **fields})
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "person"}],
    }
    (folder / "boxes.json").write_text(json.dumps(content))
    return folder / "boxes.json"
