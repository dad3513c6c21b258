"""The small inputs of tests/cases, each after a fault that users of other tools met: read, or refused in one line."""

from pathlib import Path

import pytest

from tasks.datasets.annotations import AnnotatedImage
from tasks.datasets.layouts.annotation_layouts import find_dataset

CASES = Path(__file__).parents[2] / "cases"
BOX = (10.0, 20.0, 40.0, 60.0)  # of every case, of 100 x 80 px


def read(place: str) -> AnnotatedImage:
    (image,) = find_dataset(CASES / place).images
    return image


@pytest.mark.parametrize(
    "place",
    [
        "coco_bom/bom.json",
        "coco_bom/yolo_bom",
        "coco_bom/yolo_classes_bom",
        "coco_float_numbers/float_ids.json",
        "coco_float_numbers/float_wh.json",
        "coco_iscrowd_text/iscrowd_str0.json",
        "coco_other_categories/many_categories.json",
        "voc_size_0",
        "yolo_roboflow",
        "yolo_roboflow/data.yaml",
        "yolo_roboflow/train",
    ],
)
def test_a_person_is_read_from_what_others_wrote(place):
    image = read(place)
    (box,) = image.annotations
    assert (image.width_px, image.height_px) == (100, 80)
    assert (box.target, box.is_crowd, box.box_xyxy) == ("person", False, pytest.approx(BOX))


def test_boxes_of_other_categories_are_left_out_and_named():
    assert read("coco_other_categories/many_categories.json").left_out == ("car",)


def test_habbof_s_turned_box_is_read_with_and_without_its_classes(tmp_path):
    expected = (1024.5, 600.2, 90.1, 210.4, 12.0)
    assert read("rotated_txt").annotations[0].rotated_box == expected
    for name in ("000001.jpg", "000001.txt"):
        (tmp_path / name).write_bytes((CASES / "rotated_txt" / name).read_bytes())
    (image,) = find_dataset(tmp_path).images
    assert image.annotations[0].rotated_box == expected and image.annotations[0].target == "person"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bbox_bigint", r"annotation 1 has the bbox \[100000.*\.\.\.; allowed are 4 numbers"),
        ("categories_dict", r"has the categories \{'1': 'person'\}, but a list of ids with names is needed"),
        (
            "categories_list_of_str",
            r"has the categories \['person'\], but a list of ids with names is needed",
        ),
        ("category_list", r"annotation 1 has the category id \[1\], but head and person have 1; remove"),
        ("image_id_list", r"annotation 1 belongs to the unknown image id \[1\]"),
        ("img_list_str", r"number 1 of images is 'a\.jpg', but \{\.\.\} with its fields is needed"),
        ("nadir_one", r"the image 1 has the nadir_px \[3\]; give \[x, y\] in pixels"),
    ],
)
def test_a_foreign_structure_is_one_line_with_its_place(name, words):
    with pytest.raises(ValueError, match=words) as error:
        read(f"coco_malformed/{name}.json")
    assert f"{name}.json" in str(error.value) and "\n" not in str(error.value)
