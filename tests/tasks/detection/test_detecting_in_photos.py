from pathlib import Path

import numpy as np
import pytest

from models.detection.data import Detections
from tasks.detection.detecting_in_photos import PhotoDetections, detect_in_photos, name_drawings
from tasks.detection.opened_detectors import OpenDetector
from tasks.images.files import write_png


def test_a_drawing_keeps_its_photos_name_unless_two_photos_share_it():
    photos = [Path("in/a.jpg"), Path("in/b.png"), Path("in/c.png"), Path("in/c.jpg")]
    assert name_drawings(photos) == ["a.png", "b.png", "c.png.png", "c.jpg.png"]
    assert name_drawings([Path("a.jpg"), Path("a.png"), Path("a.png.jpg")]) == [
        "a.jpg.png",
        "a.png.png",
        "a.png.jpg.png",
    ]


def test_no_two_drawings_have_one_name_however_the_photos_are_called():
    photos = [Path(name) for name in ("a.jpg", "a.png", "a.jpg.png", "a.jpg.png.gif")]
    assert len(set(name_drawings(photos))) == 4


def test_boxes_of_the_letterboxed_photo_come_back_in_its_own_pixels(tmp_path):
    # 200 x 50 px into 100 x 100: scaled by 1/2 to 100 x 25, with 37.5 px of grey above and below.
    write_png(tmp_path / "a.png", np.full((50, 200, 3), 255, np.uint8))
    boxes = np.array([[10, 40, 20, 60], [0, 0, 5, 5]], np.float32)
    given = []

    def find(image_hwc: np.ndarray) -> Detections:
        given.append(image_hwc)
        return Detections(boxes, np.array([0.8, 0.2]), np.array([0, 0]))

    detector = OpenDetector(100, 100, 0.5, find)
    found = next(detect_in_photos(detector, [tmp_path / "a.png"], threshold=0.5))
    assert isinstance(found, PhotoDetections) and given[0].shape == (100, 100, 3)
    assert given[0][30, 50].tolist() == [114] * 3 and given[0][50, 50].tolist() == [255] * 3
    assert found.boxes_xyxy.tolist() == [pytest.approx([20, 5, 40, 45])]
    assert found.scores.tolist() == [0.8]
