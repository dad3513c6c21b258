import json
import math

import pytest

from tasks.coco_reading import read_user_coco
from tasks.foreign_boxes import ellipse_box

IMAGE = {"id": 1, "file_name": "a.jpg", "width": 100, "height": 80}
HEAD = {"id": 7, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]}
CATEGORIES = [{"id": 1, "name": "Head"}, {"id": 5, "name": "person"}]


def read(tmp_path, *, images=(IMAGE,), annotations=(HEAD,), categories=CATEGORIES):
    path = tmp_path / "coco.json"
    content = {"images": list(images), "annotations": list(annotations), "categories": categories}
    path.write_text(json.dumps(content))
    return read_user_coco(path)


def test_heads_and_persons_are_known_by_their_category_names(tmp_path):
    person = {"id": 8, "image_id": 1, "category_id": 5, "bbox": [0, 0, 100, 80], "person_id": 7, "iscrowd": 1}
    (image,) = read(tmp_path, annotations=[HEAD | {"person_id": 7}, person])
    head, body = image.annotations
    assert (head.target, head.box_xyxy, head.person_id) == ("head", (10, 20, 40, 60), 7)
    assert (body.target, body.is_crowd, body.person_id) == ("person", True, 7)


def test_a_head_belongs_to_the_smallest_person_around_it_where_the_file_does_not_say(tmp_path):
    large = {"image_id": 1, "category_id": 5, "bbox": [0, 0, 100, 80]}
    small = {"image_id": 1, "category_id": 5, "bbox": [8, 15, 40, 60]}
    lonely = {"image_id": 1, "category_id": 1, "bbox": [90, 70, 5, 5]}
    (image,) = read(tmp_path, annotations=[large, small, HEAD, lonely])
    owner = {box.box_xyxy: box.person_id for box in image.annotations}
    assert owner[(10, 20, 40, 60)] == owner[(8, 15, 48, 75)] != owner[(0, 0, 100, 80)]
    assert owner[(90, 70, 95, 75)] == owner[(0, 0, 100, 80)]


def test_string_ids_and_annotations_without_ids_are_fine(tmp_path):
    rotated = {"image_id": "x", "category_id": 1, "bbox": [50, 40, 20, 40, 0]}
    (image,) = read(tmp_path, images=[IMAGE | {"id": "x"}], annotations=[rotated], categories=None)
    assert image.annotations[0].target == "person"
    assert image.annotations[0].box_xyxy == (40, 20, 60, 60)


def test_a_rotated_box_becomes_the_upright_box_of_its_ellipse():
    # 2a = 20, 2b = 40, by 30 degrees: half extents sqrt((a cos)^2 + (b sin)^2) and sqrt((a sin)^2 + (b cos)^2)
    half_x = math.sqrt((10 * math.cos(math.pi / 6)) ** 2 + (20 * 0.5) ** 2)
    half_y = math.sqrt((10 * 0.5) ** 2 + (20 * math.cos(math.pi / 6)) ** 2)
    assert ellipse_box(50, 40, 20, 40, 30) == pytest.approx(
        (50 - half_x, 40 - half_y, 50 + half_x, 40 + half_y)
    )
    assert ellipse_box(50, 40, 20, 40, 90) == pytest.approx((30, 30, 70, 50))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": []}, "lists no images"),
        ({"images": [IMAGE, IMAGE | {"file_name": "b.jpg"}]}, "two images have the same id"),
        ({"images": [IMAGE, IMAGE | {"id": 2}]}, "lists the image 'a.jpg' twice; merge its records"),
        ({"images": [IMAGE | {"width": "wide"}]}, "the image 1 has the width 'wide', but a whole number"),
        (
            {"annotations": [HEAD | {"visibility": None}]},
            "annotation 7 has the person_id -1 and visibility None",
        ),
        ({"images": [{"id": 1, "file_name": "a.jpg", "width": 100}]}, "the image 1 has no height; add it"),
        ({"annotations": [HEAD | {"image_id": 99}]}, "annotation 7 belongs to the unknown image id 99"),
        (
            {"annotations": [HEAD | {"category_id": 99}]},
            "annotation 7 has the category id 99, but head and person have",
        ),
        (
            {"annotations": [HEAD | {"bbox": [1, 2, 3]}]},
            r"annotation 7 has the bbox \[1, 2, 3\]; allowed are 4 numbers",
        ),
        ({"annotations": [HEAD | {"bbox": [1, 2, -1, 3]}]}, "width -1 and height 3; both must be positive"),
        (
            {"annotations": [HEAD | {"bbox": [90, 20, 30, 40]}]},
            "reaches 20.0 px outside its image of 100 x 80; clip it",
        ),
        ({"annotations": [HEAD | {"bbox": [500, 20, 30, 40, 10]}]}, "lies outside its image"),
        (
            {"categories": [{"id": 1, "name": "chair"}]},
            r"categories \['chair'\], but `head` or `person` is needed",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_its_mend(tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, **change)


def test_boxes_that_overhang_by_a_rounding_are_clipped(tmp_path):
    (image,) = read(tmp_path, annotations=[HEAD | {"bbox": [-1, 20, 30, 61]}])
    assert image.annotations[0].box_xyxy == (0, 20, 29, 80)


def test_a_missing_or_broken_file_is_one_clear_line(tmp_path):
    with pytest.raises(ValueError, match="there is no annotation file"):
        read_user_coco(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(ValueError, match="is not valid JSON"):
        read_user_coco(tmp_path / "bad.json")
