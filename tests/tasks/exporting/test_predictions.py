import json

import pytest
import yaml
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from tasks.datasets.annotations import AnnotatedImage, Annotation
from tasks.exporting.predictions import export_predictions, read_predictions

BOX = (10.0, 20.0, 30.0, 60.0)
IMAGES = [
    AnnotatedImage("images/a.png", 100, 80, (50.0, 40.0), (Annotation("person", BOX, 1),)),
    AnnotatedImage("images/b.png", 100, 80, (50.0, 40.0), (Annotation("person", BOX, 1),)),
]


@pytest.fixture
def predictions(tmp_path):
    """The box of the first image found exactly, the second's missed, and one false, sure detection there."""
    entries = [
        {"name": "images/a.png", "boxes_xyxy": [BOX], "scores": [0.5]},
        {"name": "images/b.png", "boxes_xyxy": [[60.25, 0, 100, 30], [1, 1, 3, 3]], "scores": [0.75, 0.125]},
    ]
    (tmp_path / "detections.json").write_text(json.dumps({"images": entries, "threshold": 0.4}))
    return read_predictions(tmp_path, IMAGES)


def test_coco_s_results_are_scored_by_pycocotools(predictions, tmp_path):
    assert export_predictions(predictions, tmp_path / "out", form="coco", target="person") == 3
    truth = COCO(str(tmp_path / "out/annotations.json"))
    evaluation = COCOeval(truth, truth.loadRes(str(tmp_path / "out/results.json")), "bbox")
    evaluation.params.catIds = [2]
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    # One of two boxes found, after one false detection: precision 1/2 up to recall 1/2, i.e. 51 of 101 levels.
    assert evaluation.stats[1] == pytest.approx(0.5 * 51 / 101)


def test_yolo_s_lines_are_shares_with_the_score_last(predictions, tmp_path):
    assert export_predictions(predictions, tmp_path / "out", form="yolo", target="person", min_score=0.4) == 2
    assert (
        tmp_path / "out/labels/a.txt"
    ).read_text() == "0 0.2000000 0.5000000 0.2000000 0.5000000 0.5000000\n"
    values = [float(word) for word in (tmp_path / "out/labels/b.txt").read_text().split()]
    assert values == pytest.approx([0, 0.80125, 0.1875, 0.3975, 0.375, 0.75])
    assert yaml.safe_load((tmp_path / "out/data.yaml").read_text()) == {"names": {0: "person"}}


def test_voc_s_result_file_counts_pixels_from_1(predictions, tmp_path):
    export_predictions(predictions, tmp_path / "out", form="voc", target="head", min_score=0.4)
    assert (tmp_path / "out/Main/comp4_det_test_head.txt").read_text().splitlines() == [
        "a 0.500000 11.000 21.000 30.000 60.000",
        "b 0.750000 61.250 1.000 100.000 30.000",
    ]


def test_a_score_beyond_1_and_a_full_folder_are_refused(predictions, tmp_path):
    with pytest.raises(ValueError, match=r"--min-score must be from 0 to 1, but was 1\.5"):
        export_predictions(predictions, tmp_path / "out", form="yolo", target="person", min_score=1.5)
    with pytest.raises(ValueError, match="not an empty folder"):
        export_predictions(predictions, tmp_path, form="yolo", target="person")
