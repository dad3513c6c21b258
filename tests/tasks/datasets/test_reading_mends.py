"""What a refusal tells a person to do does mend: every message of the readers, and the same dataset after its mend."""

import json
from dataclasses import dataclass, field

import pytest

from tasks.datasets.layouts.annotation_layouts import find_dataset
from tests.tasks.datasets.layouts.test_annotation_layouts import (
    OBJ_DATA,
    VOC,
    YOLO,
    coco,
    createml,
    data_yaml,
    tree,
)

A = {"a.png": ""}
BOX = {"id": 7, "image_id": 0, "category_id": 1, "bbox": [10, 20, 30, 40]}
PEOPLE = [{"id": 1, "name": "person"}]


@dataclass(frozen=True)
class Mend:
    """A dataset, what a person names, the words of the refusal; then the files that are written (None: removed) or named."""

    files: dict[str, str]
    place: str
    words: str
    written: dict[str, str | None] = field(default_factory=dict)
    named: str | None = None
    images: str | None = None


def one(**fields) -> str:
    """A COCO file of one image with changes of its only box."""
    return coco("a.png", annotations=[BOX | fields])


def image(**fields) -> str:
    return coco(
        images=[{"id": 0, "file_name": "a.png", "width": 100, "height": 80} | fields], annotations=[BOX]
    )


def coco_mend(wrong: str, words: str) -> Mend:
    return Mend(A | {"a.json": wrong}, "a.json", words, {"a.json": coco("a.png")})


MENDS = {
    # COCO
    "no JSON": coco_mend("{", "is not valid JSON .*; export it again"),
    "a name twice": coco_mend(
        '{"images": [], "images": []}', "has the name 'images' twice; mend it, or export it again"
    ),
    "no lists": coco_mend("{}", "has no list 'images'; a COCO file has images, annotations and categories"),
    "no images": coco_mend(coco(), "lists no images; export it again"),
    "no ids": coco_mend(image(id=None), r"has the id None; give a number or text"),
    "one id": coco_mend(
        coco(images=[{"id": 0, "file_name": f"{name}.png", "width": 100, "height": 80} for name in "ab"]),
        "two images have the same id 0; give every image an id of its own",
    ),
    "one name": coco_mend(
        coco("a.png", "a.png"), r"lists the image 'a\.png' twice; merge its records into one"
    ),
    "text for a height": coco_mend(
        image(height="high"), "has the height 'high', but a whole number of pixels is needed"
    ),
    "half a nadir": coco_mend(
        image(nadir_px=[1]), r"the nadir_px \[1\]; give \[x, y\] in pixels, or leave it out"
    ),
    "a list for a camera": coco_mend(
        image(camera=["a"]), "the camera .*; give its name as text, or leave it out"
    ),
    "unknown image": coco_mend(
        one(image_id=9), "annotation 7 belongs to the unknown image id 9; remove or mend it"
    ),
    "unknown category": coco_mend(
        one(category_id=9), "the category id 9, but head and person have 1; remove it, or add it"
    ),
    "no categories": coco_mend(
        coco("a.png", annotations=[BOX, BOX | {"category_id": 2}], categories=[]),
        "has no categories .*; add `categories`",
    ),
    "other categories": coco_mend(
        coco("a.png", categories=[{"id": 1, "name": "dog"}]), "is needed; rename one of them"
    ),
    "names for categories": coco_mend(
        coco("a.png", categories=["person"]), r'e\.g\. "categories": \[\{"id": 1, "name": '
    ),
    "one id for two": coco_mend(
        coco("a.png", categories=[*PEOPLE, {"id": 1, "name": "dog"}]), "have the same id 1; give"
    ),
    "a box of three": coco_mend(one(bbox=[1, 2, 3]), r"allowed are 4 numbers \[left, top, width, height\]"),
    "a box outside": coco_mend(
        one(bbox=[90, 20, 30, 40]), "reaches 20.0 px outside its image of 100 x 80; clip it"
    ),
    "a negative box": coco_mend(one(bbox=[1, 2, -3, 4]), "both must be positive"),
    "a turned box outside": coco_mend(
        one(bbox=[500, 20, 30, 40, 5]), "lies outside its image of 100 x 80; remove it"
    ),
    "a crowd of 2": coco_mend(one(iscrowd=2), "has the iscrowd 2; allowed are 0 and 1, or leave it out"),
    "visible by 200 %": coco_mend(
        one(visibility=2), "both are optional, an integer and a number from 0 to 1"
    ),
    "text for a record": coco_mend(
        coco(images=["a.png"]), "number 1 of images is 'a.png', but .* export it as COCO again"
    ),
    "Label Studio's own JSON": coco_mend(
        '[{"id": 1, "data": {}, "annotations": []}]', "export the project as COCO or YOLO"
    ),
    "labelme's JSON": coco_mend(
        '{"shapes": [], "imagePath": "a.png"}', "is labelme's own JSON; export it as COCO"
    ),
    "another folder of images": Mend(
        {"a.json": coco("a.png"), "photos/a.png": "", "thumbs/a.png": ""},
        "a.json",
        r"may be 'photos/a\.png' or 'thumbs/a\.png' .*; set real_images\.images to the folder",
        images="photos",
    ),
    "no such image": Mend(
        {"set/a.json": coco("a.png"), "photos/a.png": ""},
        "set/a.json",
        r"there is no image a\.png in .*set, which .*a\.json lists; check the file name, or set real_images\.images",
        images="photos",
    ),
    "no such folder": Mend(
        A | {"a.json": coco("a.png")}, "b.json", "there is no annotation file .*set", named="a.json"
    ),
    "two names for one image": Mend(
        {"a.json": coco("x/a.png", "y/a.png"), "photos/a.png": ""},
        "a.json",
        r"holds only 'photos/a\.png' for both; put the images there under these paths",
        {"x/a.png": "", "y/a.png": ""},
    ),
    "several files": Mend(
        A | {"one.json": coco("a.png"), "two.json": coco("a.png")},
        ".",
        r"two\.json and .*one\.json both annotate the image 'a\.png'; name one of these files as real_images\.annotations",
        named="two.json",
    ),
    "several forms": Mend(
        A | {"a.json": coco("a.png"), "xml/a.xml": VOC},
        ".",
        r"annotations of several kinds: coco in a\.json; XML files such as xml/a\.xml; name the file or folder",
        named="xml",
    ),
    "the JSON of another tool": Mend(
        A | {"via.json": json.dumps({"a.png123": {"filename": "a.png", "regions": []}})},
        ".",
        r"via\.json is the VGG Image Annotator's own JSON; export it as COCO",
        {"via.json": coco("a.png")},
    ),
    "Supervisely's own": Mend(
        A | {"ann/a.png.json": json.dumps({"size": {"height": 80, "width": 100}, "objects": []})},
        ".",
        "Supervisely's own JSON; export it as COCO",
        {"ann/a.png.json": coco("a.png")},
    ),
    "a table": Mend(
        A | {"labels.csv": "person,10,20,30,40,a.png,100,80", "a.json": coco("a.png")},
        "labels.csv",
        "labels.csv, which is of no kind that is read; allowed are a COCO file",
        named="a.json",
    ),
    "an image that its folder lacks": Mend(
        {"day1/a.png": "", "day2/b.png": "", "a.json": coco("day1/a.png", "day1/b.png")},
        "a.json",
        r"there is no image day1/b\.png in .*; check the file name",
        {"a.json": coco("day1/a.png", "day2/b.png")},
    ),
    # CreateML
    "an image twice": Mend(
        A | {"a.json": createml("a.png", "a.png")}, ".", "twice; merge", {"a.json": createml("a.png")}
    ),
    "no centre": Mend(
        A | {"a.json": createml("a.png").replace('"x"', '"cx"')},
        "a.json",
        "allowed are x and y of the centre, width and height, in pixels",
        {"a.json": createml("a.png")},
    ),
    # VOC
    "no XML": Mend(
        A | {"a.xml": "<annotation>"}, ".", "is not valid XML .*; export it again", {"a.xml": VOC}
    ),
    "CVAT's own XML": Mend(
        A | {"a.xml": "<annotations><image/></annotations>"},
        ".",
        "export the task as COCO 1.0 or PASCAL VOC 1.1",
        {"a.xml": VOC},
    ),
    "other XML": Mend(
        A | {"a.xml": "<html/>"}, ".", "begins with <html>.* export it as PASCAL VOC", {"a.xml": VOC}
    ),
    "no corner": Mend(
        A | {"a.xml": VOC.replace("xmin", "x")}, ".", "xmin None, but a number is needed", {"a.xml": VOC}
    ),
    "a single file": Mend(
        A | {"a.xml": VOC}, "a.xml", "a file for every image; name their folder", named="."
    ),
    "an encoding": Mend(
        A | {"a.xml": f"<?xml version='1.0' encoding='klingon'?>{VOC}"},
        ".",
        r"unknown encoding.*",
        {"a.xml": VOC},
    ),
    "no XML for an image": Mend(
        A | {"b.png": "", "a.xml": VOC},
        ".",
        r"'b\.png' has no annotation file .* add one, one with nothing but <annotation/> where nobody is seen",
        {"b.xml": "<annotation/>"},
    ),
    "a list that may mean two": Mend(
        {f"JPEGImages/{day}/a.png": "" for day in ("x", "y")}
        | {f"Annotations/{day}/a.xml": VOC for day in ("x", "y")}
        | {"ImageSets/Main/train.txt": "a\n"},
        ".",
        r"train\.txt names 'a', which may be 'JPEGImages/x/a\.png' or 'JPEGImages/y/a\.png'; write its path",
        {"ImageSets/Main/train.txt": "JPEGImages/x/a\ny/a.png\n"},
    ),
    # YOLO
    "no classes (makesense)": Mend(
        A | {"a.txt": YOLO},
        ".",
        "no file says what the numbers mean; write classes.txt into the folder of the labels, a name a line from class 0 on",
        {"classes.txt": "person\n"},
    ),
    "no names": Mend(
        A | {"a.txt": YOLO, "data.yaml": "nc: 1"},
        ".",
        r"add the classes, e\.g\. names: \[person, head\]",
        {"data.yaml": data_yaml()},
    ),
    "other names": Mend(
        A | {"a.txt": YOLO, "classes.txt": "dog"},
        ".",
        "is needed; rename one of them",
        {"classes.txt": "person"},
    ),
    "a class too many": Mend(
        A | {"a.txt": f"{YOLO}1 0.5 0.5 0.1 0.1", "classes.txt": "person"},
        ".",
        r"has the class '1', but head and person have \[0\] of 1 classes; mend the line, or add the class to the list",
        {"classes.txt": "person\ndog\n"},
    ),
    "pixels": Mend(
        A | {"a.txt": "0 25 40 30 40", "classes.txt": "person"},
        ".",
        "from 0 to 1; divide by its size",
        {"a.txt": YOLO},
    ),
    "four values": Mend(
        A | {"a.txt": "0 0.5 0.5 0.1", "classes.txt": "person"},
        ".",
        "has 4 values, but a box has 5: class",
        {"a.txt": YOLO},
    ),
    "no labels": Mend(
        A | {"data.yaml": data_yaml()}, ".", "holds no text files; put the labels there", {"a.txt": YOLO}
    ),
    "a label without an image": Mend(
        A | {"a.txt": YOLO, "b.txt": "", "classes.txt": "person"},
        ".",
        "add the image, remove the file",
        {"b.txt": None},
    ),
    "a label of another folder's image": Mend(
        {"day1/a.png": "", "day1/a.txt": YOLO, "day1/b.txt": YOLO, "day2/b.png": "", "classes.txt": "person"},
        ".",
        r"day1/b\.txt is of no image in .*; add the image, remove the file",
        {"day1/b.txt": None, "day2/b.txt": YOLO},
    ),
    "scores behind a box as wide as the image": Mend(
        A | {"a.txt": "0 0.5 0.5 1.0000001 0.9 0.98", "classes.txt": "person"},
        ".",
        "predictions with scores are no annotations",
        {"a.txt": "0 0.5 0.5 1.0000001 0.9"},
    ),
    "images elsewhere": Mend(
        {"set/labels/a.txt": YOLO, "set/labels/classes.txt": "person", "photos/a.png": ""},
        "set/labels",
        r"a\.txt is of no image in .*; add the image, .* or set real_images\.images to the folder of the images",
        images="photos",
    ),
    "no label for an image": Mend(
        A | {"b.png": "", "a.txt": YOLO, "classes.txt": "person"},
        ".",
        r"'b\.png' has no annotation file .* add one, an empty one where nobody is seen",
        {"b.txt": ""},
    ),
    "two images of one label": Mend(
        A | {"a.jpg": "", "a.txt": YOLO, "classes.txt": "person"},
        ".",
        "share one annotation file; rename one",
        {"a.jpg": None},
    ),
    "two lists of classes": Mend(
        {
            f"{k}/{name}": text
            for k in "xy"
            for name, text in (("a.png", ""), ("a.txt", YOLO), ("classes.txt", f"person\n{k}"))
        },
        ".",
        "name different classes; make them the same, or annotate a folder of one",
        {"y/classes.txt": "person\nx"},
    ),
    "an image that a list does not find": Mend(
        A | {"a.txt": YOLO, "data.yaml": data_yaml(train="list.txt"), "list.txt": "b.png"},
        ".",
        r"list\.txt: line 1 names the image 'b\.png', which is not there among the images; mend the line",
        {"list.txt": "a.png"},
    ),
    "numbers for folders": Mend(
        A | {"a.txt": YOLO, "data.yaml": data_yaml(train=3)},
        ".",
        "allowed are a folder of images",
        {"data.yaml": data_yaml(train=".")},
    ),
    "no obj.names": Mend(
        A | {"a.txt": YOLO, "obj.data": OBJ_DATA},
        ".",
        "put the list of classes there as obj.names",
        {"obj.names": "person"},
    ),
    "keypoints of 4": Mend(
        A | {"a.txt": YOLO, "data.yaml": data_yaml(kpt_shape=[3, 4])},
        ".",
        r"allowed is \[keypoints, 2 or 3\], e\.g\. \[17, 3\]",
        {"data.yaml": data_yaml(kpt_shape=[17, 3]), "a.txt": "0 0.25 0.5 0.3 0.5" + " 0.2 0.4 2" * 17},
    ),
    # whatever it is
    "packed": Mend(
        A | {"a.txt": YOLO, "classes.txt": "person", "a.zip": "PK"},
        "a.zip",
        "unpack it and name its folder",
        named=".",
    ),
    "nothing": Mend(
        A | {"notes/x.md": ""},
        "notes",
        "holds no annotations: allowed are",
        {"notes/a.json": coco("a.png"), "notes/a.png": ""},
    ),
    "another encoding": Mend(
        A | {"a.txt": YOLO, "classes.txt": "person"},
        ".",
        "is not in UTF-8 .*; save it in this encoding",
        {"a.txt": YOLO},
    ),
}


@pytest.mark.parametrize("name", MENDS)
def test_a_refusal_says_what_mends_it(tmp_path, name):
    mend = MENDS[name]
    tree(tmp_path, mend.files)
    if name == "another encoding":
        (tmp_path / "a.txt").write_bytes("0 0.5 ä".encode("latin-1"))
    with pytest.raises(ValueError, match=mend.words) as error:
        find_dataset(tmp_path / mend.place)
    assert str(error.value).isprintable()
    for place in (place for place, text in mend.written.items() if text is None):
        (tmp_path / place).unlink()
    tree(tmp_path, {place: text for place, text in mend.written.items() if text is not None})
    images = tmp_path / mend.images if mend.images else None
    found = find_dataset(tmp_path / (mend.named or mend.place), images)
    assert any(image.boxes("person") for image in found.images)
