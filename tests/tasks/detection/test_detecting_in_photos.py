from pathlib import Path

import numpy as np
import pytest

from models.detection.data import Detections
from tasks.datasets.photo_folders import Photo
from tasks.detection.detecting_in_photos import detect_in_photo
from tasks.detection.opened_detectors import OpenDetector


def test_boxes_of_the_letterboxed_photo_come_back_in_its_own_pixels():
    # 200 x 50 px into 100 x 100: scaled by 1/2 to 100 x 25, with 37.5 px of grey above and below.
    photo = Photo(Path("a.png"), np.full((50, 200, 3), 255, np.uint8))
    boxes = np.array([[10, 40, 20, 60], [0, 0, 5, 5]], np.float32)
    given = []

    def find(image_hwc: np.ndarray) -> Detections:
        given.append(image_hwc)
        return Detections(boxes, np.array([0.8, 0.2]), np.array([0, 0]))

    detector = OpenDetector(100, 100, 0.5, find)
    found = detect_in_photo(detector, photo, threshold=0.5)
    assert given[0].shape == (100, 100, 3)
    assert given[0][30, 50].tolist() == [114] * 3 and given[0][50, 50].tolist() == [255] * 3
    assert found.boxes_xyxy.tolist() == [pytest.approx([20, 5, 40, 45])]
    assert found.scores.tolist() == [0.8]
