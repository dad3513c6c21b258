"""VOC and YOLO come in: what our own export wrote comes back, and every mistake is one line."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from tasks.datasets.annotations import AnnotatedImage, Annotation, read_coco
from tasks.datasets.layouts.annotation_layouts import find_dataset
from tasks.datasets.real_images import import_split, plan_splits
from tasks.datasets.splits import RealImagesConfig
from tasks.exporting.card import Origin
from tasks.exporting.export import ExportConfig, export_dataset
from tasks.exporting.selection import Source
from tasks.images.files import write_png
from tests.tasks.datasets.test_real_images import SITE

HEAD = Annotation("head", (12.0, 20.0, 22.0, 28.0), 1)
PERSON = Annotation("person", (10.0, 20.0, 30.0, 61.0), 1)
CROWD = Annotation("person", (60.0, 2.0, 99.0, 30.0), 2, is_crowd=True)


@pytest.fixture
def sources(tmp_path) -> list[Source]:
    """a.png with a person and a crowd, b.png with nobody."""
    images = [
        AnnotatedImage("a.png", 100, 80, (0.0, 0.0), (HEAD, PERSON, CROWD)),
        AnnotatedImage("b.png", 100, 80, (0.0, 0.0)),
    ]
    for number, image in enumerate(images):
        write_png(tmp_path / "store" / image.file_name, np.full((80, 100, 3), 60 * number, np.uint8))
    return [Source(tmp_path / "store", image, image.file_name) for image in images]


def export(sources, to: Path, form) -> Path:
    export_dataset(sources, to, ExportConfig(form), Origin("test"))
    return to


def boxes(image: AnnotatedImage) -> list[tuple]:
    return sorted((box.target, *box.box_xyxy, box.is_crowd) for box in image.annotations)


def test_voc_comes_back_as_it_was_exported(sources, tmp_path):
    folder = export(sources, tmp_path / "voc", "voc")
    found = find_dataset(folder / "Annotations", folder / "JPEGImages")
    first, second = found.images
    assert found.source.form == "voc" and (first.width_px, first.height_px) == (100, 80)
    assert boxes(first) == boxes(sources[0].image) and second.annotations == ()
    head, person = first.boxes("head")[0], first.boxes("person")[0]
    assert head.person_id == person.person_id  # linked anew, by who is around whom


@pytest.mark.parametrize("place", ["data.yaml", "labels", "."])
def test_yolo_comes_back_without_its_crowd_however_it_is_named(sources, tmp_path, place):
    folder = export(sources, tmp_path / "yolo", "yolo")
    first, second = find_dataset(folder / place, folder / "images").images
    assert [image.file_name for image in (first, second)] == ["a.png", "b.png"]
    found = boxes(first)
    assert [box[0] for box in found] == ["head", "person"] and second.annotations == ()
    # Seven digits of a share of 100 px: a hundred-thousandth of a pixel.
    np.testing.assert_allclose([box[1:5] for box in found], [HEAD.box_xyxy, PERSON.box_xyxy], atol=2e-5)


def test_yolo_s_folders_within_folders_and_classes_txt_are_understood(tmp_path):
    write_png(tmp_path / "images/train/a.png", np.zeros((50, 100, 3), np.uint8))
    (tmp_path / "labels/train").mkdir(parents=True)
    (tmp_path / "labels/train/a.txt").write_text("1 0.5 0.5 0.2 0.4\n\n")
    (tmp_path / "classes.txt").write_text("dog\nPerson\n")
    (image,) = find_dataset(tmp_path / "labels", tmp_path / "images").images
    assert image.file_name == "train/a.png"
    assert image.annotations[0].box_xyxy == pytest.approx((40, 15, 60, 35))


@pytest.mark.parametrize("form", ["voc", "yolo"])
def test_splits_of_either_form_hold_their_own_boxes_alone(sources, tmp_path, form):
    folder = export(sources, tmp_path / form, form)
    images, annotations = ("JPEGImages", "Annotations") if form == "voc" else ("images", "labels")
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(SITE))
    write_png(tmp_path / "empty.png", np.zeros((80, 100, 3), np.uint8))
    config = RealImagesConfig(annotations=annotations, images=images, split={"train": ["a*"], "val": ["b*"]})
    (train, train_files), (val, val_files) = plan_splits(config, folder, tmp_path / "site.yaml")
    assert (train.form, train.file_names, val.file_names) == (form, ("a.png",), ("b.png",))
    suffix = "xml" if form == "voc" else "txt"
    assert {"a.png", f"a.png.{suffix}"} <= set(train_files.files) <= {"a.png", f"a.png.{suffix}", "classes"}
    for split, files in ((train, train_files), (val, val_files)):
        (tmp_path / split.split).mkdir()
        import_split.build(tmp_path / split.split, split, files=files)
    (image,) = read_coco(tmp_path / "train/annotations.json")
    assert image.nadir_px == pytest.approx((50, 40)) and len(image.boxes("head")) == 1
    assert read_coco(tmp_path / "val/annotations.json")[0].annotations == ()


LABELS = {"a": "0 0.5 0.5 0.2 0.4", "b": ""}


@pytest.mark.parametrize(
    ("labels", "names", "words"),
    [
        ({"a": "0 0.5 0.5 0.2"}, ["head"], r"a\.txt: line 1 has 4 values, but a box has 5"),
        ({"a": "0 0.5 0.5 0.2 0.4 0.9"}, ["head"], "predictions with scores are no annotations"),
        ({"a": "0 x 0.5 0.2 0.4"}, ["head"], "a class number and four shares are needed"),
        ({"a": "x 0.5 0.5 0.2 0.4"}, ["head"], r"has the class 'x', but head and person have \[0\] of 1"),
        ({"a": "0 50 40 20 30"}, ["head"], "shares of the image are from 0 to 1; divide by its size"),
        ({"a": "7 0.5 0.5 0.2 0.4"}, ["head"], r"has the class '7', but head and person have \[0\] of 1"),
        ({"a": "0 0.5 0.5 -0.001 0.4"}, ["head"], "both must be positive"),
        ({"a": "0 0.95 0.5 0.4 0.4"}, ["head"], "px outside its image of 100 x 50"),
        ({}, ["dog"], r"has the classes \['dog'\], but `head` or `person` is needed"),
        ({}, None, "has no list of `names`"),
        ({"c": ""}, ["head"], r"c\.txt is of no image in .*images \(1 such files of 3\); add the image"),
        ({"b": None}, ["head"], r"'b\.png' has no annotation file \(1 such images\); add one, an empty one"),
    ],
)
def test_mistakes_in_yolo_s_files_are_one_clear_line(tmp_path, labels, names, words):
    for name in ("a", "b"):
        write_png(tmp_path / f"images/{name}.png", np.zeros((50, 100, 3), np.uint8))
    (tmp_path / "labels").mkdir()
    for name, text in (LABELS | labels).items():
        if text is not None:
            (tmp_path / f"labels/{name}.txt").write_text(text)
    (tmp_path / "data.yaml").write_text(yaml.safe_dump({"names": names} if names else {"nc": 1}))
    with pytest.raises(ValueError, match=words):
        find_dataset(tmp_path, tmp_path / "images")


VOC = (
    "<annotation><size><width>100</width><height>50</height></size><object><name>head</name><bndbox>"
    "<xmin>1</xmin><ymin>2</ymin><xmax>10</xmax><ymax>20</ymax></bndbox></object></annotation>"
)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("</annotation>", "", r"a\.xml is not valid XML"),
        ("<xmin>1</xmin>", "", "object 1 has the bndbox/xmin None, but a number is needed"),
        ("<width>100</width>", "<width>wide</width>", "has the size/width 'wide'"),
        ("<xmax>10<", "<xmax>-3<", "both must be positive"),
        ("<annotation>", "<annotations><image/>", "is not valid XML"),
        ("<xmax>10<", "<xmax>300<", "px outside its image of 100 x 50"),
    ],
)
def test_mistakes_in_voc_s_files_are_one_clear_line(tmp_path, old, new, words):
    write_png(tmp_path / "images/a.png", np.zeros((50, 100, 3), np.uint8))
    (tmp_path / "xml").mkdir()
    (tmp_path / "xml/a.xml").write_text(VOC)
    (image,) = find_dataset(tmp_path / "xml", tmp_path / "images").images
    assert image.annotations[0].box_xyxy == (0, 1, 10, 20)  # the 1st to 10th column, the 2nd to 20th row
    (tmp_path / "xml/a.xml").write_text(VOC.replace(old, new))
    with pytest.raises(ValueError, match=words):
        find_dataset(tmp_path / "xml", tmp_path / "images")


def test_a_folder_without_annotations_is_refused_with_the_forms(tmp_path):
    with pytest.raises(
        ValueError, match=r"holds no annotations: allowed are a COCO file.*YOLO.*classes\.txt"
    ):
        find_dataset(tmp_path)
    (tmp_path / "data.yaml").write_text("names: [head]")
    with pytest.raises(ValueError, match="holds no text files"):
        find_dataset(tmp_path / "data.yaml")


def test_two_images_of_one_stem_are_refused(tmp_path):
    for name in ("a.png", "a.jpg"):
        write_png(tmp_path / "images" / name, np.zeros((50, 100, 3), np.uint8))
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "classes.txt").write_text("head")
    with pytest.raises(ValueError, match=r"'a\.jpg' and 'a\.png' share one annotation file"):
        find_dataset(tmp_path, tmp_path / "images")
