import json
from typing import Any

import numpy as np
import pytest

from blender_assets.soiling.config import SoilingConfig
from tasks.images.files import write_png
from tasks.soiling.clean_images import find_clean_images
from tasks.soiling.coco_boxes import SoiledCoco, visible_share
from tasks.soiling.dirty_set import DirtySetConfig, write_dirty_set
from tests.tasks.soiling.test_dirty_set import grey, pixels

CAR, PERSON = {"id": 3, "name": "car"}, {"id": 5, "name": "person"}


def content(**changes: Any) -> dict[str, Any]:
    image = {
        "id": 7,
        "file_name": "a.png",
        "width": 160,
        "height": 120,
        "mask_name": "masks/a.png",
        "clip": "x",
    }
    boxes = [
        {
            "id": 1,
            "image_id": 7,
            "category_id": 3,
            "bbox": [10, 20, 40, 30],
            "segmentation": [[1, 2, 3, 4, 5, 6]],
        },
        {"id": 2, "image_id": "7", "category_id": 5, "bbox": [100, 50, 20, 40], "visibility": 0.5},
    ]
    return {
        "info": {"year": 2024},
        "images": [image],
        "annotations": boxes,
        "categories": [CAR, PERSON],
    } | changes


@pytest.fixture
def place(tmp_path):
    write_png(tmp_path / "set/images/a.png", pixels(0))
    return tmp_path / "set"


def write(place, **changes: Any) -> None:
    (place / "annotations.json").write_text(json.dumps(content(**changes)))


ALPHA = np.zeros((120, 160), np.float32)
ALPHA[:, 30:] = 0.75


@pytest.mark.parametrize(
    ("bbox", "share"),
    [
        ([10, 20, 40, 30], 0.625),  # half of it behind .75
        ([0, 0, 20, 10], 1.0),
        ([29.5, 0, 1, 10], 0.625),  # covers the columns 29 and 30
        ([150, 100, 50, 50], 0.25),  # what lies in the image counts
        ([30, 60, 20, 10, 0], 0.625),  # rotated boxes give their centre: from 20 to 40
        ([30, 60, 10, 40, 90], 0.625),  # turned by 90 degrees from 10 to 50
        ([-30, 5, 10, 10], 1.0),  # beside the image: the nearest pixel
    ],
)
def test_the_visible_share_of_a_box_is_the_mean_of_what_shines_through(bbox, share):
    assert visible_share(ALPHA, {"bbox": bbox}) == pytest.approx(share)


def test_everything_of_a_coco_file_is_kept_and_boxes_say_what_is_seen_of_them(place):
    write(place)
    clean = find_clean_images(place)
    assert clean.about == "COCO: 1 images with 2 boxes"
    assert clean.boxes is not None
    coco = SoiledCoco(clean.boxes)
    coco.add("images/a.png", "rgbImages/a.png", ALPHA)
    found = coco.content()
    assert (found["info"], found["categories"]) == ({"year": 2024}, [CAR, PERSON])
    assert found["images"][0] == {
        **{
            "id": 1,
            "file_name": "rgbImages/a.png",
            "width": 160,
            "height": 120,
            "mask_name": None,
            "clip": "x",
        }
    }
    car, person = found["annotations"]
    assert car["segmentation"] == [[1, 2, 3, 4, 5, 6]]
    assert (car["visible_share"], "visibility" in car) == (0.625, False)
    # Hidden by a half before, and three fourths of the rest now.
    assert (person["visible_share"], person["visibility"]) == (0.25, 0.125)


def test_variants_are_images_of_their_own(place, tmp_path):
    write(place)
    config = DirtySetConfig(soiling=SoilingConfig(kinds={"mud": 1}, amount=0.5), variants=2)
    write_dirty_set(find_clean_images(place / "annotations.json"), [None], tmp_path / "out", config)
    found = json.loads((tmp_path / "out/annotations.json").read_text())
    names = ["rgbImages/a_v0.png", "rgbImages/a_v1.png"]
    assert [image["file_name"] for image in found["images"]] == names
    assert [box["id"] for box in found["annotations"]] == [1, 2, 3, 4]
    assert [box["image_id"] for box in found["annotations"]] == [1, 1, 2, 2]
    alpha = grey(tmp_path / "out/alpha/a_v1.png") / 65535
    assert found["annotations"][2]["visible_share"] == pytest.approx(1 - alpha[20:50, 10:50].mean(), abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"images": [{"id": 7}]}, "needs an id of its own and a file_name"),
        ({"images": [{"id": 7, "file_name": "b.png"}]}, "'b.png', which is not there"),
        (
            {"images": [{"id": k, "file_name": "a.png"} for k in (1, 2)]},
            "lists the image 'images/a.png' twice",
        ),
        (
            {"annotations": [{"image_id": 8, "bbox": [1, 2, 3, 4]}]},
            "annotation 1 needs the image_id of an image",
        ),
        ({"annotations": [{"image_id": 7, "bbox": [1, 2, "x", 4]}]}, "a bbox of four numbers"),
    ],
)
def test_a_broken_file_is_named_with_its_mistake(place, changes, words):
    write(place, **changes)
    with pytest.raises(ValueError, match=words):
        find_clean_images(place)


def test_an_image_of_another_size_than_its_file_says_is_refused(place, tmp_path):
    write(place, images=[{"id": 7, "file_name": "a.png", "width": 320, "height": 240}])
    with pytest.raises(ValueError, match=r"says that 'a.png' has 320 x 240 pixels, but it has 160 x 120"):
        write_dirty_set(find_clean_images(place), [None], tmp_path / "out", DirtySetConfig())
    assert not (tmp_path / "out").exists()


def test_several_files_of_boxes_are_not_chosen_from(place):
    write(place)
    (place / "more.json").write_text(json.dumps(content()))
    with pytest.raises(ValueError, match=r"several COCO files: annotations.json, more.json; name the one"):
        find_clean_images(place)
    assert find_clean_images(place / "more.json").boxes is not None


def test_other_json_is_no_coco(place):
    (place / "card.json").write_text("{}")
    assert find_clean_images(place).boxes is None
    with pytest.raises(ValueError, match=r"card.json is no COCO file with boxes"):
        find_clean_images(place / "card.json")
    # What may have been annotations is not passed over.
    (place / "broken.json").write_text("{")
    with pytest.raises(ValueError, match=r"broken.json is not valid JSON"):
        find_clean_images(place)
