"""What is planned for a folder: its splits and files, checked, with what has to be said."""

import cv2
import numpy as np
import pytest

from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.planning import plan_label_maps
from tests.tasks.label_maps.made_up_maps import IDS, photo, write


def plan(folder, said=None, **config):
    config = {"folder": ".", "classes": "cityscapes"} | config
    return plan_label_maps(LabelMapsConfig(**config), folder, tell=None if said is None else said.append)


def place(folder, *names, pixels=None):
    for seed, name in enumerate(names):
        write(folder / f"images/{name}.png", photo(seed) if pixels is None else pixels)
        write(folder / f"labels/{name}.png", IDS)
    return folder


def test_every_split_has_its_own_files_under_names_that_say_no_place(tmp_path):
    plans = plan(place(tmp_path, "train/a_0", "train/a_1", "val/b_0"))
    assert [(config.split, len(config.images)) for config, _ in plans] == [("train", 2), ("val", 1)]
    config, files = plans[1]
    assert sorted(files.files) == ["images/val/b_0.png", "images/val/b_0.png: label map.png"]
    assert config.images[0].sequence == "val/b" and config.size_px == (4, 2)
    assert not any(str(tmp_path) in name for name in files.files)


def test_what_was_recognised_is_said(tmp_path):
    said = []
    plan(place(tmp_path, "train/a_0"), said, convert_to="camvid11")
    assert said[0].startswith(
        "folders of images and label maps: 1 images, 1 with label maps; ids of 19 classes"
    )
    assert said[1] == "label maps are converted from cityscapes to camvid11"


def test_a_map_of_another_size_is_refused(tmp_path):
    place(tmp_path, "train/a_0")
    write(tmp_path / "labels/train/a_0.png", IDS[:1])
    with pytest.raises(
        ValueError, match=r"labels/train/a_0\.png has 4 x 1 pixels, but its image .* has 4 x 2"
    ):
        plan(tmp_path)


def test_images_of_several_sizes_need_one_to_be_scaled_to(tmp_path):
    place(tmp_path, "train/a_0", "train/b_0")
    write(tmp_path / "images/train/c_0.png", photo(size=(6, 2)))
    with pytest.raises(ValueError, match=r"2 sizes: 4 x 2 \(2\), 6 x 2 \(1\); set label_maps\.size_px"):
        plan(tmp_path)
    assert plan(tmp_path, size_px=(8, 4))[0][0].size_px == (8, 4)


def scene(seed):
    """Smooth noise: a hash of it is of the image and not of single pixels."""
    small = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return cv2.resize(small, (96, 64), interpolation=cv2.INTER_CUBIC)


def copies(folder):
    for name, pixels in (("train/a_0", scene(1)), ("test/b_0", scene(1) // 2 + 60), ("test/c_0", scene(2))):
        write(folder / f"{name}.png", pixels)
    return folder


def test_copies_in_two_splits_are_refused_where_that_is_asked(tmp_path):
    plan(copies(tmp_path))
    with pytest.raises(
        ValueError, match=r"label_maps\.leaks is error, and images of different splits"
    ) as error:
        plan(tmp_path, leaks="error")
    assert "b_0.png (test) and a_0.png (train)" in str(error.value) and "c_0.png" not in str(error.value)


def test_sequences_in_two_splits_are_said(tmp_path):
    for name, seed in (("a_0", 1), ("a_1", 2)):
        write(tmp_path / f"{name}.png", scene(seed))
    said = []
    plan(tmp_path, said, classes=None, split={"train": ["a_0*"], "test": ["a_1*"]})
    assert "1 sequence(s) have images in several splits: 'a' in train (1) and test (1)" in said[1]
    assert "copies" not in said[1]


def test_another_pattern_names_other_sequences(tmp_path):
    plans = plan(place(tmp_path, "train/drive7_cam_03"), sequence_pattern="^(drive[0-9]+)")
    assert plans[0][0].images[0].sequence == "drive7"
