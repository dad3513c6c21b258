import json
from contextlib import redirect_stdout
from io import StringIO

from pycocotools.coco import COCO

from tasks.annotations import AnnotatedImage, Annotation, read_coco, write_coco

IMAGES = [
    AnnotatedImage(
        "images/a.png",
        100,
        80,
        (50.0, 40.0),
        (
            Annotation("head", (10.0, 20.0, 30.5, 44.0), 1, visibility=0.75),
            Annotation("person", (5.0, 20.0, 40.0, 80.0), 1, is_crowd=True),
        ),
        mask_name="masks/a.png",
        camera="ceiling",
        clip="morning",
        extra={"seed": 7},
    ),
    AnnotatedImage("images/b.png", 100, 80, (50.0, 40.0)),
]


def test_annotations_come_back_as_they_were_written(tmp_path):
    write_coco(tmp_path / "a.json", IMAGES)
    assert read_coco(tmp_path / "a.json") == IMAGES


def test_pycocotools_reads_the_same_boxes(tmp_path):
    write_coco(tmp_path / "a.json", IMAGES)
    with redirect_stdout(StringIO()):
        coco = COCO(str(tmp_path / "a.json"))
    assert [category["name"] for category in coco.loadCats(coco.getCatIds())] == ["head", "person"]
    (head,) = coco.loadAnns(coco.getAnnIds(imgIds=[1], catIds=[1]))
    assert head["bbox"] == [10.0, 20.0, 20.5, 24.0] and head["area"] == 20.5 * 24.0
    ids = [record["id"] for record in json.loads((tmp_path / "a.json").read_text())["annotations"]]
    assert ids == [1, 2]
