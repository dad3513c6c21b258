import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tasks.datasets.layouts.annotation_layouts import find_dataset
from tasks.datasets.layouts.dataset_paths import require_inside
from tasks.datasets.real_images import plan_splits
from tasks.datasets.splits import RealImagesConfig
from tasks.sites.backgrounds import list_backgrounds
from tests.flows.tiny_site import write_tiny_site


def plan(folder: Path) -> list:
    config = RealImagesConfig(annotations="real.json", images="real", split="clip")
    return plan_splits(config, folder, folder / "site.yaml")


def rename_first_image(folder: Path, name: str) -> None:
    content = json.loads((folder / "real.json").read_text())
    content["images"][0]["file_name"] = name
    (folder / "real.json").write_text(json.dumps(content))


@pytest.fixture
def site(tmp_path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    write_tiny_site(folder)
    cv2.imwrite(str(tmp_path / "secret.png"), np.zeros((96, 96, 3), np.uint8))
    return folder


def test_names_in_the_folder_and_in_folders_below_it_are_fine(tmp_path):
    (tmp_path / "deep").mkdir()
    require_inside(tmp_path, ["a.png", "deep/b.png", "deep/../a.png"])


@pytest.mark.parametrize("name", ["../secret.png", "real/../../secret.png", "/etc/passwd"])
def test_a_coco_file_that_names_a_file_elsewhere_is_refused(site, name):
    rename_first_image(site, name)
    with pytest.raises(ValueError, match="leaves its folder"):
        plan(site)


def test_an_image_that_links_out_of_its_folder_is_refused(site, tmp_path):
    (site / "real/clip0_000.png").unlink()
    (site / "real/clip0_000.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(ValueError, match=r"clip0_000\.png leads out of its folder, to .*secret\.png; copy"):
        plan(site)


def test_a_folder_that_is_a_link_itself_is_the_users_own_choice(site, tmp_path):
    (site / "real").rename(tmp_path / "elsewhere")
    (site / "real").symlink_to(tmp_path / "elsewhere")
    assert [split.split for split, _ in plan(site)] == ["train", "val", "test"]


@pytest.mark.parametrize("form", ["voc", "yolo"])
@pytest.mark.parametrize("linked", ["annotation", "image"])
def test_voc_and_yolo_files_that_link_out_of_their_folder_are_refused(tmp_path, form, linked):
    annotations, images = tmp_path / "annotations", tmp_path / "images"
    suffix = {"voc": ".xml", "yolo": ".txt"}[form]
    place = {"annotation": annotations / f"a{suffix}", "image": images / "a.png"}
    for folder in (annotations, images):
        folder.mkdir()
    if form == "yolo":
        (annotations / "classes.txt").write_text("head\n")
    for name, path in place.items():
        if name == linked:
            (tmp_path / "secret").write_text("not yours")
            path.symlink_to(tmp_path / "secret")
        else:
            path.write_text("")
    with pytest.raises(ValueError, match="leads out of its folder"):
        find_dataset(annotations, images)


def test_a_user_may_name_his_own_photo_by_an_absolute_path(site, tmp_path):
    (site / "empty.png").rename(tmp_path / "photo.png")
    text = (site / "site.yaml").read_text().replace("empty.png", str(tmp_path / "photo.png"))
    (site / "site.yaml").write_text(text)
    (found,) = list_backgrounds(site / "site.yaml")
    assert list(found[1].files.values()) == [tmp_path / "photo.png"]
