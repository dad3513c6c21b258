import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from blender_assets.coco_keypoints import KEYPOINT_NAMES
from tasks.datasets.annotations import (
    AnnotatedImage,
    Annotation,
    Rle,
    copy_maps,
    person_boxes,
    read_coco,
    write_coco,
)


def run_lengths(left: int, top: int, right: int, bottom: int) -> Rle:
    mask = np.zeros((80, 100), dtype=np.uint8, order="F")
    mask[top:bottom, left:right] = 1
    return Rle(80, 100, coco_mask.encode(mask)["counts"].decode())


def person(number: int, left: int, top: int) -> tuple[Annotation, Annotation]:
    """A head and a person with all that a rendered scene knows."""
    keypoints = np.column_stack([left + np.arange(17), top + 2 * np.arange(17), np.arange(17) % 3])
    keypoints[keypoints[:, 2] == 0] = 0
    right, bottom = left + 20, top + 40
    return (
        Annotation(
            "head",
            (left, top, left + 10.0, top + 8.0),
            number,
            0.5,
            distance_m=1.8,
            segmentation=run_lengths(left, top, left + 10, top + 8),
        ),
        Annotation(
            "person",
            (left, top, right, bottom),
            number,
            0.9,
            rotated_box=(left + 10.0, top + 20.0, 20.0, 40.0, -12.5),
            distance_m=2.25,
            segmentation=run_lengths(left, top, right, bottom),
            keypoints=tuple(keypoints.astype(float).ravel().tolist()),
        ),
    )


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
RENDERED = [
    AnnotatedImage(
        f"images/{name}.png",
        100,
        80,
        (50.0, 40.0),
        (*person(1, 5 + 10 * k, 10), *person(2, 60, 35 - 9 * k)),
        mask_name=f"masks/{name}.png",
        parts_name=f"parts/{name}.png",
        depth_name=f"depth/{name}.png",
    )
    for k, name in enumerate("cd")
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


def test_everything_that_a_scene_knows_comes_back(tmp_path):
    write_coco(tmp_path / "a.json", RENDERED)
    assert read_coco(tmp_path / "a.json") == RENDERED
    assert RENDERED[0].maps() == {
        "mask_name": "masks/c.png",
        "parts_name": "parts/c.png",
        "depth_name": "depth/c.png",
    }


def test_the_area_is_that_of_the_segmentation_and_keypoints_are_counted(tmp_path):
    write_coco(tmp_path / "a.json", RENDERED)
    head, person_record, *_ = json.loads((tmp_path / "a.json").read_text())["annotations"]
    assert (head["area"], person_record["area"]) == (80, 800)
    # Every third keypoint has the flag 0.
    assert (head["num_keypoints"], person_record["num_keypoints"]) == (0, 11)


@pytest.mark.parametrize("kind", ["bbox", "segm", "keypoints"])
def test_cocoeval_of_a_dataset_with_itself_gives_an_average_precision_of_1(tmp_path, kind):
    write_coco(tmp_path / "a.json", RENDERED)
    with redirect_stdout(StringIO()):
        truth = COCO(str(tmp_path / "a.json"))
        found = truth.loadRes([{**record, "score": 0.9} for record in truth.dataset["annotations"]])
        scored = COCOeval(truth, found, kind)
        scored.evaluate()
        scored.accumulate()
        scored.summarize()
    assert scored.stats[0] == pytest.approx(1.0)
    (category,) = truth.loadCats([2])
    assert category["keypoints"] == list(KEYPOINT_NAMES)


def test_maps_are_copied_under_their_names(tmp_path):
    for name in RENDERED[0].maps().values():
        (tmp_path / "from" / name).parent.mkdir(parents=True)
        (tmp_path / "from" / name).write_text(name)
    copy_maps(RENDERED[0], tmp_path / "from", tmp_path / "to")
    assert (tmp_path / "to" / "depth" / "c.png").read_text() == "depth/c.png"
    assert len(list(Path(tmp_path / "to").rglob("*.png"))) == 3


@pytest.mark.parametrize(
    ("head_box", "head_visibility", "targets"),
    [
        ((10.0, 10.0, 20.0, 20.0), 0.5, ["head", "person"]),
        ((10.0, 10.0, 20.0, 20.0), 0.0, ["person"]),
        ((10.0, 79.1, 20.0, 80.0), 0.1, ["person"]),  # less than a pixel of it is in the image
    ],
)
def test_a_rendered_person_has_boxes_of_what_is_in_the_image_and_seen(head_box, head_visibility, targets):
    record = {"person_id": 3, "keypoints": None}
    for target, box, visibility in (("head", head_box, head_visibility), ("person", (5, 5, 30, 60), 1.0)):
        record |= {f"{target}_box_xyxy": box, f"{target}_visibility": visibility}
        record |= {f"{target}_rotated_box": None, f"{target}_rle": None, f"{target}_distance_m": 2.0}
    assert [box.target for box in person_boxes(record)] == targets
