"""What the common annotation tools write is read where it lies, with its splits; what may be several things is said."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import yaml

from tasks.datasets.layouts.annotation_layouts import find_dataset
from tasks.images.files import write_png

BOX = (10.0, 20.0, 40.0, 60.0)  # of every image: 100 x 80 px
YOLO = "0 0.25 0.5 0.3 0.5\n"
OUTLINE = "0 0.1 0.25 0.4 0.25 0.4 0.75 0.1 0.75\n"
POSE = "0 0.25 0.5 0.3 0.5 0.2 0.4 2 0.3 0.6 1 0 0 0\n"
TURNED = "person 25 40 30 40 0\n"
VOC = (
    "<annotation><filename>a.png</filename><size><width>100</width><height>80</height><depth>3</depth></size>"
    "<object><name>person</name><bndbox><xmin>11</xmin><ymin>21</ymin><xmax>40</xmax><ymax>60</ymax></bndbox></object>"
    "</annotation>"
)
OBJ_DATA = (
    "classes = 1\ntrain = data/train.txt\nvalid = data/valid.txt\nnames = data/obj.names\nbackup = backup/\n"
)


def coco(*names: str, **fields) -> str:
    images = [{"id": k, "file_name": name, "width": 100, "height": 80} for k, name in enumerate(names)]
    boxes = [{"id": k, "image_id": k, "category_id": 1, "bbox": [10, 20, 30, 40]} for k in range(len(names))]
    categories = [{"id": 0, "name": "my-people", "supercategory": "none"}, {"id": 1, "name": "person"}]
    return json.dumps({"images": images, "annotations": boxes, "categories": categories} | fields)


def createml(*names: str) -> str:
    box = {"label": "person", "coordinates": {"x": 25, "y": 40, "width": 30, "height": 40}}
    return json.dumps([{"image": name, "verified": False, "annotations": [box]} for name in names])


def data_yaml(**fields) -> str:
    return yaml.safe_dump({"nc": 1, "names": ["person"]} | fields)


def tree(folder: Path, files: dict[str, str]) -> Path:
    """Text files by their places; those of images are drawn, each its own."""
    for number, (name, text) in enumerate(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in (".png", ".jpg"):
            write_png(path, np.full((80, 100, 3), number, np.uint8))
        else:
            path.write_text(text, encoding="utf-8")
    return folder


def split_folders(
    files: dict[str, str], *, names: tuple[str, ...] = ("train", "valid", "test")
) -> dict[str, str]:
    """The same files in a folder for each split."""
    return {
        f"{split}/{name}": text.replace("SPLIT", split) for split in names for name, text in files.items()
    }


# name of the layout: (its files, what a person names, the images that are found, with their splits)
LAYOUTS: dict[str, tuple[dict[str, str], str, dict[str, str | None]]] = {
    "Roboflow's COCO": (
        split_folders(
            {"a_SPLIT.jpg": "", "_annotations.coco.json": coco("a_jpg.rf.0.jpg"), "a_jpg.rf.0.jpg": ""}
        )
        | {"README.dataset.txt": "# people", "README.roboflow.txt": ""},
        ".",
        {f"{split}/a_jpg.rf.0.jpg": split for split in ("train", "valid", "test")},
    ),
    "Roboflow's YOLO": (
        split_folders({"images/a.jpg": "", "labels/a.txt": YOLO})
        | {"data.yaml": data_yaml(train="../train/images", val="../valid/images", test="../test/images")}
        | {"README.dataset.txt": "# people", "README.roboflow.txt": ""},
        "data.yaml",
        {f"{split}/images/a.jpg": split for split in ("train", "valid", "test")},
    ),
    "Roboflow's VOC": (
        split_folders({"a.jpg": "", "a.xml": VOC}) | {"README.dataset.txt": ""},
        ".",
        {f"{split}/a.jpg": split for split in ("train", "valid", "test")},
    ),
    "Roboflow's Darknet": (
        split_folders({"a.jpg": "", "a.txt": YOLO, "_darknet.labels": "person"}),
        ".",
        {f"{split}/a.jpg": split for split in ("train", "valid", "test")},
    ),
    "Roboflow's CreateML": (
        split_folders({"a.jpg": "", "_annotations.createml.json": createml("a.jpg")}),
        ".",
        {f"{split}/a.jpg": split for split in ("train", "valid", "test")},
    ),
    "CVAT's COCO 1.0": (
        {"annotations/instances_default.json": coco("a.png", "sub/b.png"), "images/default/a.png": ""}
        | {"images/default/sub/b.png": ""},
        ".",
        {"images/default/a.png": None, "images/default/sub/b.png": None},
    ),
    "CVAT's COCO 1.0 of two subsets": (
        {f"annotations/instances_{subset}.json": coco("a.png") for subset in ("Train", "Validation")}
        | {f"images/{subset}/a.png": "" for subset in ("Train", "Validation")},
        ".",
        {"images/Train/a.png": "train", "images/Validation/a.png": "valid"},
    ),
    "CVAT's YOLO 1.1": (
        {"obj.data": OBJ_DATA, "obj.names": "person\n", "train.txt": "data/obj_train_data/a.png\n"}
        | {
            "obj_train_data/a.png": "",
            "obj_train_data/a.txt": YOLO,
            "valid.txt": "data/obj_valid_data/b.png\n",
        }
        | {"obj_valid_data/b.png": "", "obj_valid_data/b.txt": YOLO},
        ".",
        {"obj_train_data/a.png": "train", "obj_valid_data/b.png": "valid"},
    ),
    "CVAT's Ultralytics YOLO": (
        {"data.yaml": data_yaml(path=".", names={0: "person"}, train="train.txt", val="val.txt")}
        | {"train.txt": "data/images/train/a.png\n", "val.txt": "data/images/val/a.png\n"}
        | {f"images/{split}/a.png": "" for split in ("train", "val")}
        | {f"labels/{split}/a.txt": OUTLINE for split in ("train", "val")},
        "data.yaml",
        {"images/train/a.png": "train", "images/val/a.png": "valid"},
    ),
    "CVAT's VOC": (
        {"Annotations/a.xml": VOC, "Annotations/b.xml": VOC, "JPEGImages/a.png": "", "JPEGImages/b.png": ""}
        | {
            "ImageSets/Main/train.txt": "a\n",
            "ImageSets/Main/val.txt": "b\n",
            "labelmap.txt": "# label:color\nperson:::",
        },
        ".",
        {"JPEGImages/a.png": "train", "JPEGImages/b.png": "valid"},
    ),
    "Label Studio's COCO": (
        {
            "result.json": coco(
                "../../label-studio/data/media/upload/1/0a1b2c3d-a.png", "images\\1\\4e5f6a7b-b.png"
            )
        }
        | {"images/0a1b2c3d-a.png": "", "images/4e5f6a7b-b.png": ""},
        ".",
        {"images/0a1b2c3d-a.png": None, "images/4e5f6a7b-b.png": None},
    ),
    "Label Studio's YOLO": (
        {"classes.txt": "person\n", "notes.json": '{"categories": [{"id": 0, "name": "person"}], "info": {}}'}
        | {"images/0a1b2c3d-a.png": "", "labels/0a1b2c3d-a.txt": YOLO},
        ".",
        {"images/0a1b2c3d-a.png": None},
    ),
    "Ultralytics' coco8": (
        {"coco8.yaml": data_yaml(path="coco8", train="images/train", val="images/val", test=None)}
        | {f"images/{split}/{name}.jpg": "" for split in ("train", "val") for name in "ab"}
        | {f"labels/{split}/{name}.txt": YOLO for split in ("train", "val") for name in "ab"},
        "coco8.yaml",
        {f"images/{split}/{name}.jpg": split for split in ("train", "val") for name in "ab"},
    ),
    "Ultralytics' lists of folders": (
        {"data.yaml": data_yaml(path="/data/set", train=["one/images", "two/images"], val=["three/images"])}
        | {f"{part}/images/{part}.jpg": "" for part in ("one", "two", "three", "four")}
        | {f"{part}/labels/{part}.txt": POSE for part in ("one", "two", "three", "four")},
        ".",
        {"one/images/one.jpg": "train", "two/images/two.jpg": "train", "three/images/three.jpg": "val"},
    ),
    "labelImg's VOC": (
        {"a.png": "", "a.xml": VOC, "b.png": "", "b.xml": VOC},
        ".",
        {"a.png": None, "b.png": None},
    ),
    "labelImg's YOLO": ({"a.png": "", "a.txt": YOLO, "classes.txt": "person\n"}, ".", {"a.png": None}),
    "labelImg's CreateML": ({"a.png": "", "a.json": createml("a.png")}, "a.json", {"a.png": None}),
    "makesense's COCO": (
        {"labels_people.json": coco("a.png"), "a.png": ""},
        "labels_people.json",
        {"a.png": None},
    ),
    "HABBOF's text": ({"a.jpg": "", "a.txt": TURNED}, ".", {"a.jpg": None}),
    "our own rotated form": (
        {"images/a.jpg": "", "labels/a.txt": TURNED, "annotations.json": coco("a.jpg")},
        "labels",
        {"images/a.jpg": None},
    ),
    "COCO's own folders": (
        {
            f"annotations/{kind}_{split}2017.json": coco("0001.jpg")
            for kind in ("instances", "person_keypoints")
            for split in ("train", "val")
        }
        | {f"{split}2017/0001.jpg": "" for split in ("train", "val")},
        ".",
        {"train2017/0001.jpg": "train", "val2017/0001.jpg": "val"},
    ),
    "an archive in a folder of its own": (
        {
            f"my-export/{name}": text
            for name, text in split_folders({"images/a.jpg": "", "labels/a.txt": YOLO}).items()
        }
        | {
            "my-export/data.yaml": data_yaml(train="train/images", val="valid/images"),
            "__MACOSX/my-export/._data.yaml": "x",
        },
        ".",
        {f"my-export/{split}/images/a.jpg": split for split in ("train", "valid")},
    ),
}
SPLITS = {"train": "train", "val": "val", "valid": "val", "test": "test", None: None}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_tool_s_layout_is_read_from_what_a_person_points_at(tmp_path, layout):
    files, place, expected = LAYOUTS[layout]
    found = find_dataset(tree(tmp_path, files) / place)
    names = {image.file_name: found.splits.get(image.file_name) for image in found.images}
    assert names == {name: SPLITS[split] for name, split in expected.items()}
    for image in found.images:
        (box,) = image.annotations
        assert (box.target, box.box_xyxy) == ("person", pytest.approx(BOX))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_programs_leave_in_folders_is_no_data(tmp_path, layout):
    files, place, expected = LAYOUTS[layout]
    tree(tmp_path, files)
    folders = {tmp_path, *(path.parent for path in tmp_path.rglob("*"))}
    for folder in folders:
        for name in ("._a.png", "._a.txt", "._a.xml", "._data.yaml", ".DS_Store", "Thumbs.db", "desktop.ini"):
            (folder / name).write_bytes(b"\x00\x05\x16\x07")
        (folder / ".ipynb_checkpoints").mkdir()
        for name in ("a-checkpoint.png", "a-checkpoint.txt", "a-checkpoint.xml", "a-checkpoint.json"):
            (folder / ".ipynb_checkpoints" / name).write_bytes(b"")
    found = find_dataset(tmp_path / place)
    assert {image.file_name for image in found.images} == set(expected) and found.notes == find_dataset(
        tree(tmp_path, files) / place
    ).notes


def test_files_of_single_images_or_clips_are_read_together(tmp_path):
    labelimg = {f"{name}.json": createml(f"{name}.png") for name in "ab"}
    found = find_dataset(tree(tmp_path / "x", {"a.png": "", "b.png": ""} | labelimg))
    assert [(image.file_name, len(image.boxes("person"))) for image in found.images] == [
        ("a.png", 1),
        ("b.png", 1),
    ]
    clips = {f"annotations/{name}.json": coco("1.png") for name in ("Lunch1", "Lunch2")}
    found = find_dataset(tree(tmp_path / "y", {"Lunch1/1.png": "", "Lunch2/1.png": ""} | clips))
    assert [image.file_name for image in found.images] == ["Lunch1/1.png", "Lunch2/1.png"]


def test_lists_of_splits_may_hold_spaces_folders_and_endings(tmp_path):
    names = {"x/a": "train", "y/a": "val", "my b": "train", "c": "test"}
    lists = {"train": "x/a\nmy b\ngone\n", "val": "y/a  1\n", "test": "c.PNG\n", "person_val": "c 1\n"}
    files = {f"JPEGImages/{name}.png": "" for name in names} | {
        f"Annotations/{name}.xml": VOC for name in names
    }
    found = find_dataset(
        tree(tmp_path, files | {f"ImageSets/Main/{name}.txt": text for name, text in lists.items()})
    )
    assert found.splits == {f"JPEGImages/{name}.png": split for name, split in names.items()}
    assert found.notes == (
        f"1 listed images are not there, e.g. 'gone' of {tmp_path}/ImageSets/Main/train.txt",
    )


def test_annotations_from_a_folder_of_another_name_are_told(tmp_path):
    found = find_dataset(tree(tmp_path, {"photos_1/a.png": "", "labels_1/a.xml": VOC}))
    (note,) = found.notes
    assert note.endswith("by their file name alone, e.g. 'photos_1/a.png' those of 'labels_1/a.xml'")
    assert not find_dataset(tree(tmp_path / "apart", {"day1/a.png": "", "labels/a.xml": VOC})).notes


def test_pipes_and_links_to_themselves_are_no_files(tmp_path):
    tree(tmp_path, {"a.png": "", "a.txt": YOLO, "classes.txt": "person"})
    for name in ("b.txt", "b.json", "b.yaml"):
        os.mkfifo(tmp_path / name)
    for name in ("c.png", "c.json"):
        (tmp_path / name).symlink_to(name)
    assert [image.file_name for image in find_dataset(tmp_path).images] == ["a.png"]


def test_a_signed_address_names_the_image_before_its_question_mark(tmp_path):
    tree(
        tmp_path,
        {"images/a b.png": "", "result.json": coco("https://host/bucket/a%20b.png?X-Date=1&X-Sign=2")},
    )
    assert [image.file_name for image in find_dataset(tmp_path).images] == ["images/a b.png"]


def test_the_parts_of_a_voc_object_are_read_and_counted_as_objects_are(tmp_path):
    box = "<bndbox><xmin>11</xmin><ymin>21</ymin><xmax>20</xmax><ymax>30</ymax></bndbox>"
    parts = "".join(f"<part><name>{name}</name>{box}</part>" for name in ("head", "foot"))
    tree(tmp_path, {"a.png": "", "a.xml": VOC.replace("</bndbox>", f"</bndbox>{parts}")})
    (image,) = find_dataset(tmp_path).images
    (head,), (person,) = image.boxes("head"), image.boxes("person")
    assert head.box_xyxy == (10, 20, 20, 30) and head.person_id == person.person_id
    assert person.box_xyxy == BOX and image.left_out == ("foot",)
