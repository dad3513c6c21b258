"""Every form is read back by an independent reader or by our own import."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import yaml
from torchvision.datasets import CocoDetection, VOCDetection

from tasks.datasets.annotations import AnnotatedImage, Annotation, read_coco
from tasks.datasets.readers.coco import read_user_coco
from tasks.exporting.card import Origin
from tasks.exporting.export import FORMATS, ExportConfig, export_dataset
from tasks.exporting.selection import Source
from tasks.images.files import write_png

PERSON = Annotation(
    "person", (10.4, 20.0, 30.0, 60.6), 1, 0.97, rotated_box=(20.0, 40.0, 18.0, 42.0, -30.0), distance_m=2.0
)
HEAD = Annotation("head", (12.0, 20.0, 22.0, 28.0), 1, 0.4, rotated_box=(17.0, 24.0, 10.0, 8.0, -30.0))
CROWD = Annotation("person", (60.0, 2.0, 99.0, 30.0), 2, is_crowd=True)
GUESS = Annotation("head", (61.0, 2.0, 70.0, 10.0), 2, is_estimated=True)


@pytest.fixture
def sources(tmp_path: Path) -> list[Source]:
    folder = tmp_path / "store"
    images = [
        AnnotatedImage(
            "images/a.png", 100, 80, (50.0, 40.0), (HEAD, PERSON, GUESS), mask_name="masks/00.png"
        ),
        AnnotatedImage("images/b.png", 100, 80, (50.0, 40.0), (CROWD,)),
    ]
    for k, image in enumerate(images):
        write_png(folder / image.file_name, np.full((80, 100, 3), 60 * k, np.uint8))
    write_png(folder / "masks/00.png", np.ones((80, 100), np.uint8))
    return [Source(folder, image, Path(image.file_name).name) for image in images]


def export(sources: list[Source], to: Path, form, targets=("head", "person"), **more) -> int:
    return export_dataset(sources, to, ExportConfig(form, targets, **more), Origin("test"))


def test_coco_is_read_by_torchvision_and_by_the_own_reader(sources, tmp_path):
    assert export(sources, tmp_path / "out", "coco") == 3
    dataset = CocoDetection(str(tmp_path / "out"), str(tmp_path / "out/annotations.json"))
    image, boxes = dataset[0]
    assert image.size == (100, 80)
    assert [box["bbox"] for box in boxes] == [[12, 20, 10, 8], pytest.approx([10.4, 20, 19.6, 40.6])]
    again = read_coco(tmp_path / "out/annotations.json")
    assert again[0].annotations == (HEAD, PERSON)
    assert again[0].mask_name == "masks/a.png"
    assert (tmp_path / "out/masks/a.png").is_file()


def test_yolo_lines_are_shares_of_the_image_and_crowds_are_left_out(sources, tmp_path):
    export(sources, tmp_path / "out", "yolo", targets=("person",))
    content = yaml.safe_load((tmp_path / "out/data.yaml").read_text())
    assert content["names"] == {0: "person"}
    assert (tmp_path / "out" / content["train"] / "a.png").is_file()
    (line,) = (tmp_path / "out/labels/a.txt").read_text().splitlines()
    number, x, y, width, height = map(float, line.split())
    assert number == 0
    corners = [(x - width / 2) * 100, (y - height / 2) * 80, (x + width / 2) * 100, (y + height / 2) * 80]
    assert corners == pytest.approx(PERSON.box_xyxy, abs=1e-4)
    assert (tmp_path / "out/labels/b.txt").read_text() == ""


def test_voc_is_read_by_torchvision_and_counts_pixels_from_1(sources, tmp_path):
    root = tmp_path / "VOCdevkit" / "VOC2012"
    export(sources, root, "voc")
    (root / "ImageSets/Main/train.txt").write_text((root / "ImageSets/Main/all.txt").read_text())
    # torchvision expects .jpg names, which it never opens for the annotations.
    dataset = VOCDetection(str(tmp_path), year="2012", image_set="train")
    assert len(dataset) == 2
    record = dataset.parse_voc_xml(ElementTree.parse(root / "Annotations/a.xml").getroot())["annotation"]
    assert record["filename"] == "a.png" and record["size"] == {"width": "100", "height": "80", "depth": "3"}
    person = next(entry for entry in record["object"] if entry["name"] == "person")
    # 10.4 .. 30 holds the 11th to 30th column, 20 .. 60.6 the 21st to 61st row.
    assert person["bndbox"] == {"xmin": "11", "ymin": "21", "xmax": "30", "ymax": "61"}
    crowd = ElementTree.parse(root / "Annotations/b.xml").getroot().find("object")
    assert crowd is not None and crowd.findtext("difficult") == "1"


def test_rotated_boxes_come_back_through_the_own_import(sources, tmp_path):
    export(sources, tmp_path / "out", "rotated", targets=("person",))
    (first, second) = read_user_coco(tmp_path / "out/annotations.json")
    (box,) = first.annotations
    assert box.rotated_box == PERSON.rotated_box and box.person_id == 1
    assert first.nadir_px == (50.0, 40.0) and second.annotations == ()
    assert (tmp_path / "out/labels/a.txt").read_text() == "person 20.00 40.00 18.00 42.00 -30.00\n"
    assert json.loads((tmp_path / "out/annotations.json").read_text())["images"][0]["id"] == "a"


def test_boxes_that_are_hardly_seen_can_be_left_out(sources, tmp_path):
    assert export(sources, tmp_path / "out", "coco", min_visibility=0.5) == 2


@pytest.mark.parametrize("form", FORMATS)
def test_a_failed_export_leaves_nothing(sources, tmp_path, form):
    (sources[1].folder / "images/b.png").unlink()
    with pytest.raises(FileNotFoundError):
        export(sources, tmp_path / "deep" / "out", form)
    assert list((tmp_path / "deep").iterdir()) == []


def test_a_folder_that_holds_something_is_refused_and_an_empty_one_is_filled(sources, tmp_path):
    (tmp_path / "out").mkdir()
    export(sources, tmp_path / "out", "yolo")
    before = sorted((tmp_path / "out").rglob("*"))
    with pytest.raises(ValueError, match="not an empty folder"):
        export(sources, tmp_path / "out", "coco")
    assert sorted((tmp_path / "out").rglob("*")) == before


def test_boxes_that_are_only_upright_cannot_be_exported_as_rotated(sources, tmp_path):
    image = AnnotatedImage(
        "images/a.png", 100, 80, (50.0, 40.0), (Annotation("person", (1.0, 1.0, 9.0, 9.0), 1),)
    )
    with pytest.raises(ValueError, match="choose coco, yolo or voc"):
        export([Source(sources[0].folder, image, "a.png")], tmp_path / "out", "rotated")


def test_two_images_of_one_name_are_refused(sources, tmp_path):
    with pytest.raises(ValueError, match="2 images are called a"):
        export([sources[0], sources[0]], tmp_path / "out", "coco")
