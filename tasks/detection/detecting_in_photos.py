"""Finds objects in photos of any size with a trained detector: what remains to be done once a run has ended."""

from dataclasses import dataclass

import numpy as np

from tasks.datasets.photo_folders import Photo
from tasks.detection.opened_detectors import OpenDetector
from tasks.detection.preparing_sets import letterbox
from tasks.formats.detection_sets import SetImage


@dataclass(frozen=True)
class PhotoDetections:
    """What was found in a photo, best first: boxes [k, 4] in its pixels, scores [k]."""

    boxes_xyxy: np.ndarray
    scores: np.ndarray


def detect_in_photo(detector: OpenDetector, photo: Photo, *, threshold: float) -> PhotoDetections:
    """What scores at least `threshold`."""
    fitted, scale, left, top = letterbox(photo.pixels, detector.width_px, detector.height_px)
    found = detector.find(fitted)
    placed = SetImage(photo.path.name, "", scale, left, top, (), (), ())
    is_counted = found.scores >= threshold
    return PhotoDetections(placed.to_source(found.boxes_xyxy[is_counted]), found.scores[is_counted])
