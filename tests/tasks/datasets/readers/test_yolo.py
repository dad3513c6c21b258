"""Lines of labels: boxes in shares, outlines, keypoints, turned boxes, and what is none of them."""

from pathlib import Path

import numpy as np
import pytest

from tasks.datasets.annotations import AnnotatedImage
from tasks.datasets.readers.yolo import NO_CLASSES, Classes, read_classes, read_label_image
from tasks.images.files import write_png

PEOPLE = Classes({0: "person", 1: "Car", 2: "head"})


def read(folder: Path, text: str, classes: Classes = PEOPLE) -> AnnotatedImage:
    write_png(folder / "a.png", np.zeros((80, 100, 3), np.uint8))
    (folder / "a.txt").write_text(text, encoding="utf-8")
    return read_label_image(folder / "a.txt", "a.png", folder / "a.png", classes)


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("0 0.25 0.5 0.3 0.5", None),
        ("person 0.25 0.5 0.3 0.5", None),
        ("0\t0.25  0.5 0.3 0.5 ", None),
        ("0 0.1 0.25 0.4 0.25 0.4 0.75 0.1 0.75", None),  # an outline, or the corners of a turned box
        ("0 0.1 0.5 0.25 0.25 0.4 0.5 0.25 0.75", None),
        ("0 0.25 0.5 0.3 0.5" + " 0.2 0.4 2" * 17, (17, 3)),
        ("0 0.25 0.5 0.3 0.5" + " 0.2 0.4 2" * 2, None),  # flags after every keypoint
        ("0 0.25 0.5 0.3 0.5 0.2 0.4 2 0.3 0.8 1 0 0 0", None),  # one a little below the box
        ("0 0.25 0.5 0.3 0.5" + " 0.9 0.9" * 4, (4, 2)),  # no outline, as the shape says
        ("0 0.25 0.5 0.3 0.5" + " 0.9 0.9 2.0 0 0 0" * 2, (4, 3)),
    ],
)
def test_every_form_of_a_box_is_its_bounds(tmp_path, line, shape):
    (box,) = read(tmp_path, line, PEOPLE._replace(keypoint_shape=shape)).annotations
    assert box.target == "person" and box.box_xyxy == pytest.approx((10, 20, 40, 60))
    assert box.rotated_box is None


@pytest.mark.parametrize(
    "outline",
    [
        "0.2 0.5 0.1 0.55 0 0.6 0 1 0.4 1",
        "0.4 1 0.2 0.5 0.1 0.55 0 0.6 0 1",
        "0.1 0.55 0 0.6 0 1 0.4 1 0.2 0.5",
    ],
)
def test_an_outline_in_the_corner_of_the_image_is_none_of_keypoints(tmp_path, outline):
    (box,) = read(tmp_path, f"0 {outline}").annotations
    assert box.box_xyxy == pytest.approx((0, 40, 40, 80))


def test_a_turned_box_in_pixels_keeps_its_angle_and_gets_the_bounds_of_its_ellipse(tmp_path):
    for line in ("person 50 40 20 40 90", "0 50.0 40.0 20.0 40.0 90.0"):
        (box,) = read(tmp_path, line).annotations
        assert box.rotated_box == (50, 40, 20, 40, 90) and box.box_xyxy == pytest.approx((30, 30, 70, 50))


def test_other_classes_and_boxes_without_area_are_left_out_by_name(tmp_path):
    image = read(tmp_path, "1 0.5 0.5 0.1 0.1\ncar x y\n0 0.5 0.5 0 0.1\n2 0.5 0.5 0.2 0.2\n\n")
    assert [box.target for box in image.annotations] == ["head"]
    assert image.left_out == ("Car", "car", "less than a pixel wide or high")


@pytest.mark.parametrize("overhang_px", [0.0, 1.0, 1.9])
def test_shares_may_leave_0_to_1_by_two_pixels(tmp_path, overhang_px):
    share = 0.5 + overhang_px / 100
    (box,) = read(tmp_path, f"0 0.75 0.5 {share:.4f} 0.5").annotations
    assert box.box_xyxy[2] == 100 and box.box_xyxy[1] == 20
    with pytest.raises(ValueError, match=r"line 1 has the bbox .*, which reaches 2\.5 px outside its image"):
        read(tmp_path, "0 0.75 0.5 0.55 0.5")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 0.5 0.5 0.2 0.4 0.9", "has 6 values.*predictions with scores are no annotations"),
        ("0 0.5 0.5 0.2", "has 4 values, but a box has 5"),
        ("0", "has 1 values, but a box has 5"),
        ("0 0.1 0.2 0.3 0.4 0.5 0.6 0.7", "has 8 values"),
        (
            "0 nan 0.5 0.2 0.4",
            "has the values '0 nan 0.5 0.2 0.4'; a class number and four shares are needed",
        ),
        ("0 1e400 0.5 0.2 0.4", "a class number and four shares are needed"),
        ("9 0.5 0.5 0.2 0.4", r"has the class '9', but head and person have \[0, 2\] of 3 classes"),
        ("0.5 0.5 0.5 0.2 0.4", "has the class '0.5'"),
        ("-1 0.5 0.5 0.2 0.4", "has the class '-1'"),
        ("0 10 20 30 40", "shares of the image are from 0 to 1; divide by its size"),
        ("0 10 20 30 20 30 40", "shares of the image are from 0 to 1; divide by its size"),
    ],
)
def test_what_is_no_box_is_one_line_with_its_place(tmp_path, line, words):
    with pytest.raises(ValueError, match=rf"a\.txt: line 2 .*{words}|a\.txt: line 2 {words}"):
        read(tmp_path, f"\n{line}")


def test_numbers_without_their_meaning_are_refused_and_names_mean_themselves(tmp_path):
    with pytest.raises(ValueError, match=r"no file says what the numbers mean; write classes\.txt"):
        read(tmp_path, "0 0.5 0.5 0.2 0.4", NO_CLASSES)
    assert read(tmp_path, "Person 0.5 0.5 0.2 0.4\ndog 1 1 1 1 1", NO_CLASSES).left_out == ("dog",)


@pytest.mark.parametrize(
    ("name", "text", "names"),
    [
        ("classes.txt", "person\r\ncar\r\n\r\n", {0: "person", 1: "car"}),
        ("data.yaml", "names: [person, car]", {0: "person", 1: "car"}),
        ("data.yaml", "names: {0: person, '1': car}", {0: "person", 1: "car"}),
        ("data.yaml", "names:\n  3: Person\n  1.0: car", {3: "Person", 1: "car"}),
        ("obj.names", "\ufeffperson\n", {0: "person"}),
    ],
)
def test_classes_are_read_from_lists_and_mappings(tmp_path, name, text, names):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_classes(tmp_path / name).names == names
