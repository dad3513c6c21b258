import numpy as np
import pytest

from models.detection.data import Detections
from tasks.formats.detection_sets import SetImage
from tasks.formats.detections import count_matches, read_found
from tests.tasks.found_files import write_detections


def record(*boxes, ignore=()):
    return SetImage("a", "c", 1.0, 0.0, 0.0, tuple(boxes), tuple(ignore), (1.0,) * len(boxes))


def found(*rows):
    values = np.array(rows, np.float32).reshape(-1, 5)
    return Detections(values[:, :4], values[:, 4], np.zeros(len(values), np.int64))


def test_counts_follow_threshold_overlap_and_ignored_regions():
    image = record((0, 0, 10, 10), (20, 0, 30, 10), ignore=((50, 0, 60, 10),))
    detections = found((0, 0, 10, 9, 0.9), (40, 0, 50, 10, 0.8), (50, 0, 60, 10, 0.7), (20, 0, 30, 10, 0.2))
    result = count_matches([detections], [image], threshold=0.5, iou=0.5)
    # one true (IoU 0.9), one false, one ignored; the last is below the threshold
    assert result.tolist() == [[[1, 2, 2]]]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("a", "z"), "the image 'z', which is not among the 2 images to be scored"),
        (("a",), "1 images, but not 'b', one of the 2 to be scored"),
        (("b", "a"), "in another order"),
    ],
)
def test_detections_of_other_images_are_refused(tmp_path, names, words):
    images = [{"name": name, "boxes_xyxy": [], "scores": []} for name in names]
    folder = write_detections(tmp_path / "found", images)
    records = [SetImage(name, "c", 1.0, 0.0, 0.0, (), (), ()) for name in ("a", "b")]
    with pytest.raises(ValueError, match=words):
        read_found(folder, records)
