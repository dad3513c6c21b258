import json
from dataclasses import asdict

import numpy as np
import pytest

from tasks.detection.label_check import LabelCheckConfig, LabelCheckRun, check_labels
from tasks.formats.detection_sets import SetImage

RUN = LabelCheckRun(check=LabelCheckConfig(), split="R_test")
SMALL, LARGE, HIDDEN = (0.0, 0.0, 10.0, 10.0), (50.0, 50.0, 90.0, 90.0), (100.0, 0.0, 120.0, 20.0)
FORGOTTEN = (150.0, 150.0, 170.0, 170.0)


def write_set(folder):
    folder.mkdir()
    np.save(folder / "images.npy", np.zeros((2, 8, 8, 3), np.uint8))
    records = [
        SetImage("a.png", "", 1.0, 0.0, 0.0, (SMALL, LARGE), (HIDDEN,), (1.0, 1.0)),
        SetImage("b.png", "", 1.0, 0.0, 0.0, (LARGE,), (), (1.0,)),
    ]
    (folder / "images.json").write_text(json.dumps([asdict(record) for record in records]))
    return folder


def write_detections(folder, first, second, *, threshold=0.5):
    """`first` and `second`: (box, score) of what is found in each image, best first."""
    folder.mkdir()
    images = [
        {
            "name": name,
            "boxes_xyxy": [box for box, _ in found],
            "scores": [score for _, score in found],
        }
        for name, found in (("a.png", first), ("b.png", second))
    ]
    content = {"threshold": threshold, "checkpoint_step": 1, "val_f1": 0.5, "images": images}
    (folder / "detections.json").write_text(json.dumps(content))
    return folder


@pytest.fixture
def detections(tmp_path):
    """Four detectors: nobody finds the boxes of a.png, one finds that of b.png, three see what has no box."""
    three = [(FORGOTTEN, 0.9), (HIDDEN, 0.8)]
    return [
        write_detections(tmp_path / "one", three, [(LARGE, 0.6)]),
        write_detections(tmp_path / "two", three, []),
        write_detections(tmp_path / "three", [((151.0, 150.0, 171.0, 170.0), 0.6)], []),
        write_detections(tmp_path / "four", [(SMALL, 0.4)], [(FORGOTTEN, 0.99)]),
    ]


def check(tmp_path, detections, run=RUN):
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    check_labels.build(out, run, detections=detections, images=write_set(tmp_path / "set"))
    return json.loads((out / "label_check.json").read_text())


def test_boxes_that_no_detector_finds_come_largest_first(tmp_path, detections):
    content = check(tmp_path, detections)
    assert [(item["image"], tuple(item["box_xyxy"])) for item in content["unfound"]] == [
        ("a.png", LARGE),
        ("a.png", SMALL),  # found by one detector below its threshold only
    ]
    assert (content["num_detectors"], content["num_images"], content["split"]) == (4, 2, "R_test")


def test_what_most_detectors_see_without_a_box_is_listed_but_not_what_may_be_ignored(tmp_path, detections):
    (item,) = check(tmp_path, detections)["unlabelled"]
    assert item["image"] == "a.png" and tuple(item["box_xyxy"]) == FORGOTTEN
    assert item["num_detectors"] == 3 and item["mean_score"] == pytest.approx((0.9 + 0.9 + 0.6) / 3)


def test_a_half_of_the_detectors_is_not_most(tmp_path, detections):
    stricter = RUN.model_copy(update={"check": LabelCheckConfig(least_share=0.75)})
    assert check(tmp_path, detections, stricter)["unlabelled"] == []


def test_two_detectors_contradict_nobody(tmp_path, detections):
    content = check(tmp_path, detections[:2])
    assert content["unfound"] == [] and content["unlabelled"] == [] and content["num_detectors"] == 2
