import json
import math

import pytest

from tasks.datasets.annotations import read_coco, write_coco
from tasks.datasets.left_out import describe_left_out
from tasks.datasets.readers.coco import read_user_coco
from tasks.datasets.readers.foreign_boxes import ellipse_box

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


def test_a_person_id_of_null_is_a_person_whom_nobody_told_apart(tmp_path):
    """A set may have nothing but null there: each person is another one, and heads are linked by who is around them."""
    person = {"image_id": 1, "category_id": 5, "person_id": None}
    bodies = [person | {"bbox": box} for box in ([0, 0, 60, 70], [70, 10, 20, 20])]
    (image,) = read(tmp_path, annotations=[*bodies, HEAD | {"person_id": None}])
    owner = {box.box_xyxy: box.person_id for box in image.annotations}
    assert owner[(10, 20, 40, 60)] == owner[(0, 0, 60, 70)] != owner[(70, 10, 90, 30)]


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


@pytest.mark.parametrize(
    ("value", "is_crowd"),
    [
        (0, False),
        (1, True),
        ("0", False),
        ("1", True),
        (False, False),
        (True, True),
        (0.0, False),
        (None, False),
    ],
)
def test_a_crowd_is_what_the_file_means_by_it(tmp_path, value, is_crowd):
    (image,) = read(tmp_path, annotations=[HEAD | {"iscrowd": value}])
    assert image.annotations[0].is_crowd is is_crowd


@pytest.mark.parametrize("value", [2, -1, 0.5, "x", "", [0], {}, "nan"])
def test_a_crowd_that_means_nothing_is_refused(tmp_path, value):
    with pytest.raises(
        ValueError, match=r"annotation 7 has the iscrowd .*; allowed are 0 and 1, or leave it out"
    ):
        read(tmp_path, annotations=[HEAD | {"iscrowd": value}])


@pytest.mark.parametrize(
    "number", [lambda v: float(v), lambda v: str(v), lambda v: v + 0.0004, lambda v: f"{v}.0"]
)
def test_numbers_are_what_they_mean(tmp_path, number):
    image = {"id": number(1), "file_name": "a.jpg", "width": number(100), "height": number(80)}
    head = {"id": 7, "image_id": 1, "category_id": number(1), "bbox": [number(v) for v in (10, 20, 30, 40)]}
    (read_image,) = read(tmp_path, images=[image], annotations=[head | {"person_id": number(3)}])
    (box,) = read_image.annotations
    assert (read_image.width_px, read_image.height_px, box.person_id) == (100, 80, 3)
    assert box.box_xyxy == pytest.approx((10, 20, 40, 60), abs=0.001)


@pytest.mark.parametrize(
    "value", [True, "1_0", "0x1f", "1,5", float("nan"), float("inf"), 10**400, "1e400", [], {}]
)
@pytest.mark.parametrize("place", ["width", "bbox"])
def test_what_is_no_number_is_refused(tmp_path, value, place):
    images = [IMAGE | {"width": value}] if place == "width" else [IMAGE]
    annotations = [HEAD | {"bbox": [10, value, 30, 40]}] if place == "bbox" else [HEAD]
    with pytest.raises(ValueError, match=f"has the {place}|has no {place}") as error:
        read(tmp_path, images=images, annotations=annotations)
    assert len(str(error.value)) < 400


def test_ids_that_only_look_like_numbers_are_names(tmp_path):
    images = [IMAGE | {"id": "007"}, IMAGE | {"id": "7", "file_name": "b.jpg"}]
    first, second = read(tmp_path, images=images, annotations=[HEAD | {"image_id": "007"}])
    assert len(first.annotations) == 1 and second.annotations == ()


def test_what_is_none_of_ours_or_has_no_area_is_left_out_by_name(tmp_path):
    categories = [*CATEGORIES, {"id": 3, "name": "car"}]
    others = [
        HEAD | {"category_id": 3, "bbox": "whatever a car's box is"},
        HEAD | {"category_id": 3},
        HEAD | {"bbox": [10, 20, 0, 40]},
        HEAD | {"bbox": [10, 20, 0.3, 40]},
        HEAD | {"bbox": [101, 20, 1, 40]},
    ]
    (image,) = read(tmp_path, annotations=[HEAD, *others], categories=categories)
    small = "less than a pixel wide or high"
    assert len(image.annotations) == 1 and image.left_out == ("car", "car", small, small, small)
    assert describe_left_out([image]) == (
        f"5 annotated boxes are left out, as they are no heads and persons: {small} 3, car 2"
    )
    write_coco(tmp_path / "stored.json", [image])
    assert read_coco(tmp_path / "stored.json")[0].left_out == image.left_out


@pytest.mark.parametrize("overhang", [0.5, 1, 2])
def test_an_overhang_of_two_pixels_is_clipped_without_a_word(tmp_path, overhang):
    box = [100 - 30, 80 - 40, 30 + overhang, 40 + overhang]
    (image,) = read(tmp_path, annotations=[HEAD | {"bbox": box}])
    assert image.annotations[0].box_xyxy == (70, 40, 100, 80) and image.left_out == ()
    with pytest.raises(ValueError, match=r"reaches 2\.5 px outside its image"):
        read(tmp_path, annotations=[HEAD | {"bbox": [70, 40, 32.5, 40]}])


def test_boxes_that_overhang_by_a_rounding_are_clipped(tmp_path):
    (image,) = read(tmp_path, annotations=[HEAD | {"bbox": [-1, 20, 30, 61]}])
    assert image.annotations[0].box_xyxy == (0, 20, 29, 80)


def test_a_missing_or_broken_file_is_one_clear_line(tmp_path):
    with pytest.raises(ValueError, match="there is no annotation file"):
        read_user_coco(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(ValueError, match="is not valid JSON"):
        read_user_coco(tmp_path / "bad.json")
