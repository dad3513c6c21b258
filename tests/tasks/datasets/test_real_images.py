import json

import numpy as np
import pytest
import yaml
from PIL import Image

from tasks.datasets.annotations import AnnotatedImage, Annotation, read_coco
from tasks.datasets.estimated_heads import with_estimated_heads
from tasks.datasets.real_images import import_split, plan_splits, read_split
from tasks.datasets.splits import RealImagesConfig, assign_splits
from tasks.images.files import read_image, write_png
from tests.tasks.datasets.layouts.test_annotation_layouts import coco, split_folders, tree

SITE = {
    "name": "room",
    "cameras": {
        "top": {
            "lens": {"model": "fisheye_equidistant", "fov_deg": 180},
            "height_m": 2.8,
            "floor": {"radius_m": 2},
        }
    },
    "backgrounds": [{"image": "empty.png", "camera": "top"}],
}


def make_site(folder, names, *, same=(), **image_fields):
    for number, name in enumerate(names):
        value = 10 if name in same else 20 + number
        write_png(folder / "real" / name, np.full((48, 64, 3), value, np.uint8))
    write_png(folder / "empty.png", np.zeros((48, 64, 3), np.uint8))
    (folder / "site.yaml").write_text(yaml.safe_dump(SITE))
    images = [
        {"id": n, "file_name": name, "width": 64, "height": 48, **image_fields}
        for n, name in enumerate(names)
    ]
    boxes = [{"id": n, "image_id": n, "category_id": 1, "bbox": [5, 5, 10, 10]} for n in range(len(names))]
    content = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "head"}]}
    (folder / "real.json").write_text(json.dumps(content))
    return folder / "site.yaml"


def config(split, **fields):
    return RealImagesConfig(annotations="real.json", images="real", split=split, **fields)


def images(*names, **fields):
    return [AnnotatedImage(name, 64, 48, (0.0, 0.0), **fields) for name in names]


PATTERNS = {"train": ["a*"], "val": ["b*"], "test": ["c*"]}


def test_patterns_split_by_file_name_and_the_nadir_comes_from_the_site(tmp_path):
    site = make_site(tmp_path, ["a1.png", "b1.png", "c1.png"])
    planned = plan_splits(config(PATTERNS), tmp_path, site)
    assert [(split.split, split.file_names) for split, _ in planned] == [
        ("train", ("a1.png",)),
        ("val", ("b1.png",)),
        ("test", ("c1.png",)),
    ]
    out = tmp_path / "out"
    out.mkdir()
    import_split.build(out, config=planned[0][0], files=planned[0][1])
    (image,) = read_coco(out / "annotations.json")
    assert image.nadir_px == (32.0, 24.0) and image.annotations[0].box_xyxy == (5, 5, 15, 15)
    assert image.clip == "a"  # from the file name: intervals resample whole clips


def test_frames_of_one_clip_never_part():
    names = [f"clip{clip}_{frame:03d}.png" for clip in range(6) for frame in range(5)]
    assignment = assign_splits(images(*names), config("clip"))
    for clip in range(6):
        assert len({split for name, split in assignment.items() if name.startswith(f"clip{clip}")}) == 1
    counts = {split: list(assignment.values()).count(split) for split in ("train", "val", "test")}
    assert counts == {"train": 15, "val": 5, "test": 10}


def test_a_test_split_is_not_required(tmp_path):
    site = make_site(tmp_path, ["a1.png", "b1.png"])
    planned = plan_splits(config("clip", shares={"train": 0.6, "val": 0.4}), tmp_path, site)
    assert [split.split for split, _ in planned] == ["train", "val"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"clip_pattern": "("}, "not a valid regular expression"),
        ({"clip_pattern": "abc"}, "needs a group"),
        ({"shares": {"train": 0, "val": 1}}, "those of train and val > 0"),
    ],
)
def test_settings_that_cannot_split_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        config("clip", **fields)


def test_images_that_would_share_a_name_are_refused(tmp_path):
    site = make_site(tmp_path, ["a/x.png", "a_x.png", "b1.png"])
    with pytest.raises(ValueError, match="would have one name in the store"):
        plan_splits(config({"train": ["a*"], "val": ["b*"]}), tmp_path, site)


def test_one_clip_cannot_be_split():
    names = [f"Lunch3_{frame:06d}.jpg" for frame in range(4)]
    with pytest.raises(ValueError, match=r"the 4 real images come from 1 clip\(s\) \(Lunch3\), but 3 splits"):
        assign_splits(images(*names), config("clip"))


@pytest.mark.parametrize(
    ("names", "split", "extra", "message"),
    [
        (["a1.png", "b1.png", "c1.png", "d.png"], PATTERNS, {}, "'d.png' matches no split"),
        (["a1.png", "b1.png"], PATTERNS | {"test": ["a*"]}, {}, r"matches the splits \['train', 'test'\]"),
        (["a1.png", "b1.png"], PATTERNS, {}, "the split 'test' of the real images is empty"),
        (["a1.png", "b1.png"], "given", {}, "has the split None in the annotations"),
        (["a1.png", "b1.png"], "camera", {}, "names no camera"),
        (
            ["a1.png", "b1.png"],
            {"train": ["a*"], "val": ["b*"]},
            {"camera": "other"},
            r"has the camera 'other', but",
        ),
    ],
)
def test_splits_that_do_not_work_are_refused(tmp_path, names, split, extra, message):
    site = make_site(tmp_path, names, **extra)
    with pytest.raises(ValueError, match=message):
        plan_splits(config(split), tmp_path, site)


def test_one_image_in_two_splits_is_refused(tmp_path):
    site = make_site(tmp_path, ["a1.png", "b1.png", "c1.png"], same=("a1.png", "c1.png"))
    with pytest.raises(
        ValueError, match=r"'c1.png' \(test\) and 'a1.png' \(train\) are the same image in two splits"
    ):
        plan_splits(config(PATTERNS), tmp_path, site)


def test_an_image_of_another_size_than_annotated_is_refused(tmp_path):
    site = make_site(tmp_path, ["a1.png", "b1.png", "c1.png"])
    write_png(tmp_path / "real" / "b1.png", np.zeros((20, 20, 3), np.uint8))
    with pytest.raises(ValueError, match=r"b1.png has 20 x 20 pixels, but its annotations say 64 x 48"):
        plan_splits(config(PATTERNS), tmp_path, site)


def test_a_person_without_a_head_gets_an_estimated_one_at_the_outer_end():
    person = Annotation("person", (60.0, 30.0, 100.0, 50.0), 3)
    (image,) = images("a.png")
    image = AnnotatedImage("a.png", 120, 80, (40.0, 40.0), (person,))
    _, head = with_estimated_heads(image).annotations
    left, top, right, bottom = head.box_xyxy
    # the ellipse ends at x = 100; the square has the half side 0.4 * 10 and ends there
    assert head.is_estimated and (left, top, right, bottom) == pytest.approx((92, 36, 100, 44))


def test_copies_in_two_splits_are_refused_where_asked(tmp_path):
    # One-coloured images have equal hashes though their files differ.
    site = make_site(tmp_path, ["a1.png", "b1.png"])
    patterns = {"train": ["a*"], "val": ["b*"]}
    assert len(plan_splits(config(patterns), tmp_path, site)) == 2
    words = (
        r"leaks is error, and .*a1\.png \(train\) and b1\.png \(val\) differ in 0 of 1024 bits.*split: clip"
    )
    with pytest.raises(ValueError, match=words):
        plan_splits(config(patterns, leaks="error"), tmp_path, site)


@pytest.mark.parametrize("split", [{"train": ["*1.png", "*2.png"], "val": ["*3.png"]}, "given"])
def test_a_clip_in_two_splits_is_told_or_refused(tmp_path, split):
    names = ["monday_1.png", "monday_2.png", "monday_3.png"]
    site = make_site(tmp_path, names, **({"split": "train"} if split == "given" else {}))
    noise = np.random.default_rng(0).integers(0, 256, (3, 48, 64, 3), np.uint8)  # no copies of each other
    for name, pixels in zip(names, noise, strict=True):
        write_png(tmp_path / "real" / name, pixels)
    if split == "given":
        content = json.loads((tmp_path / "real.json").read_text())
        content["images"][2]["split"] = "val"
        (tmp_path / "real.json").write_text(json.dumps(content))
    told = []
    plan_splits(config(split), tmp_path, site, warn=told.append)
    assert (
        len(told) == 1
        and "1 clip(s) have images in several splits: 'monday' in train (2) and val (1)" in told[0]
    )
    with pytest.raises(ValueError, match=r"leaks is error, and 1 clip\(s\) have images in several splits"):
        plan_splits(config(split, leaks="error"), tmp_path, site)
    single = config(split, leaks="error", clip_pattern="^(.*)$")
    assert len(plan_splits(single, tmp_path, site)) == 2


def test_annotated_photos_may_have_an_opaque_alpha_channel_or_be_webp_or_avif(tmp_path):
    site = make_site(tmp_path, ["a1.png", "b1.webp", "c1.AVIF"])
    for name, mode in (("a1.png", "RGBA"), ("b1.webp", "RGBA"), ("c1.AVIF", "RGB")):
        grey = np.full((48, 64, 3), 20 + 30 * len(mode), np.uint8)
        Image.fromarray(grey).convert(mode).save(tmp_path / "real" / name)
    planned = plan_splits(config(PATTERNS), tmp_path, site)
    for split, files in planned:
        out = tmp_path / split.split
        out.mkdir()
        import_split.build(out, config=split, files=files)
    assert sorted(path.name for path in tmp_path.glob("*/images/*")) == ["a1.png", "b1.png", "c1.png"]
    assert (read_image(tmp_path / "train/images/a1.png") == 140).all()


def test_splits_of_a_layout_are_given_and_each_step_reads_its_own(tmp_path):
    make_site(tmp_path, ["a.png"])
    files = split_folders(
        {"frame_01_jpg.rf.0a1b.png": "", "_annotations.coco.json": coco("frame_01_jpg.rf.0a1b.png")}
    )
    tree(tmp_path / "set", files)
    told = []
    planned = plan_splits(
        RealImagesConfig(annotations="set"), tmp_path, tmp_path / "site.yaml", warn=told.append
    )
    assert [split.split for split, _ in planned] == ["train", "val", "test"]
    for split, files in planned:
        out = tmp_path / "out" / split.split
        out.mkdir(parents=True)
        import_split.build(out, split, files=files)
        (image,) = read_coco(out / "annotations.json")
        assert image.boxes("person")[0].box_xyxy == (10, 20, 40, 60)
        assert image.clip == "frame"  # and not the export's hash, which would make a clip of every image
    assert len(told) == 2 and "1 clip(s) have images in several splits: 'frame' in" in told[0]


def test_an_image_without_a_size_is_looked_at(tmp_path):
    site = make_site(tmp_path, ["a1.png", "b1.png"])
    content = json.loads((tmp_path / "real.json").read_text())
    content["images"][0] |= {"width": 0, "height": 0}
    del content["images"][1]["width"]
    (tmp_path / "real.json").write_text(json.dumps(content))
    planned = plan_splits(config({"train": ["a*"], "val": ["b*"]}), tmp_path, site)
    for split, files in planned:
        (image,) = read_split(split, files)
        assert (image.width_px, image.height_px) == (64, 48)


def test_the_camera_of_an_image_may_be_said_by_its_folder(tmp_path):
    site = make_site(tmp_path, ["top/a1.png", "top/b1.png"])
    two = SITE | {"cameras": SITE["cameras"] | {"side": SITE["cameras"]["top"]}}
    site.write_text(yaml.safe_dump(two))
    ((train, files), _) = plan_splits(config({"train": ["a*"], "val": ["b*"]}), tmp_path, site)
    (tmp_path / "out").mkdir()
    import_split.build(tmp_path / "out", train, files=files)
    assert read_coco(tmp_path / "out/annotations.json")[0].camera == "top"


def test_patterns_fit_the_path_of_an_image_or_else_its_name():
    found = images("a/monday_1.png", "b/monday_2.png", "b/sunday_1.png")
    patterns = {"train": ["a/*"], "val": ["monday_*"], "test": ["sunday*"]}
    assert list(assign_splits(found, config(patterns)).values()) == ["train", "val", "test"]


@pytest.mark.parametrize(
    ("word", "split"), [("valid", "val"), ("Validation", "val"), ("train2017", "train"), ("testing", "test")]
)
def test_splits_go_by_the_names_that_others_give_them(word, split):
    (image,) = images("a.png", extra={"split": word})
    assert assign_splits([image], config("given")) == {"a.png": split}
