"""Plain folders: images and maps are told apart, paired, and explained by a table; without maps nothing is asked."""

import numpy as np
import pytest

from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.layouts import find_label_maps
from tasks.label_maps.reading import LabelReader
from tests.tasks.label_maps.made_up_maps import COLORS, IDS, TRAIN_IDS, photo, write
from tests.tasks.label_maps.test_label_files import PALETTE

TABLE = "labels: [{name: road, id: 0, color: [9, 9, 0]}, {name: car, id: 5, color: [0, 0, 9]}, {name: void, id: 7}]"


def found(folder, **config):
    return find_label_maps(LabelMapsConfig(folder=".", **config), folder)


def read(dataset, index=0):
    return LabelReader(dataset.table, dataset.encoding).read(dataset.images[index], (4, 2))


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("images/train/a_01.jpg", "labels/train/a_01.png"),
        ("train/images/a_01.png", "train/masks/a_01.png"),
        ("JPEGImages/a_01.jpg", "SegmentationClass/a_01.png"),
        ("deep/er/img/a_01.jpg", "deep/er/annotations/a_01.PNG"),
        ("a_01.jpg", "a_01_mask.png"),
        ("a_01.png", "a_01_labelIds.png"),
    ],
)
def test_the_usual_folders_are_paired(tmp_path, image, label):
    write(tmp_path / image, photo())
    write(tmp_path / label, IDS)
    dataset = found(tmp_path, classes="cityscapes")
    assert [one.name for one in dataset.images] == [image]
    assert np.array_equal(read(dataset), TRAIN_IDS)
    assert dataset.images[0].sequence.endswith("a")


def test_maps_that_lie_apart_are_named(tmp_path):
    write(tmp_path / "photos/train/a.jpg", photo())
    write(tmp_path / "maps/train/a.png", IDS)
    dataset = find_label_maps(LabelMapsConfig(folder="photos", labels="maps", classes="cityscapes"), tmp_path)
    assert np.array_equal(read(dataset), TRAIN_IDS)


def test_a_table_in_the_folder_is_used(tmp_path):
    write(tmp_path / "images/a.jpg", photo())
    write(tmp_path / "labels/a.png", np.array([[0, 5, 7, 255]] * 2, np.uint8))
    (tmp_path / "classes.yaml").write_text(TABLE)
    assert read(found(tmp_path))[0].tolist() == [0, 1, 255, 255]


def test_without_a_table_maps_are_refused_with_what_to_name(tmp_path):
    write(tmp_path / "images/a.jpg", photo())
    write(tmp_path / "labels/a.png", IDS)
    with pytest.raises(
        ValueError, match=r"nothing explains; name a class table as label_maps\.classes: cityscapes"
    ):
        found(tmp_path)


def test_two_tables_that_differ_are_refused(tmp_path):
    write(tmp_path / "images/a.jpg", photo())
    write(tmp_path / "labels/a.png", IDS)
    (tmp_path / "classes.yaml").write_text(TABLE)
    (tmp_path / "labels/classes.txt").write_text("road\ncar\n")
    with pytest.raises(ValueError, match="several files"):
        found(tmp_path)


def test_images_without_maps_need_no_table(tmp_path):
    for name in ("dusk/a_1.jpg", "dusk/a_2.JPG", "dusk/.hidden.jpg", "dusk/Thumbs.db"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / "x.png", photo()).rename(tmp_path / name)
    dataset = found(tmp_path)
    assert (dataset.layout, len(dataset.images), dataset.table) == ("images without label maps", 2, None)
    assert dataset.line() == "images without label maps: 2 images, none with label maps; 1 sequence"


def test_classes_without_maps_are_said(tmp_path):
    write(tmp_path / "a.png", photo())
    (note,) = found(tmp_path, classes="cityscapes").notes
    assert note.startswith("label_maps.classes names cityscapes, but . has no label maps")


def test_images_of_a_left_camera_are_no_maps(tmp_path):
    write(tmp_path / "one_L.png", photo())
    write(tmp_path / "one_R.png", photo(1))
    assert found(tmp_path).layout == "images without label maps"


def test_some_images_may_have_no_map(tmp_path):
    write(tmp_path / "day/images/a.jpg", photo())
    write(tmp_path / "day/labels/a.png", IDS)
    write(tmp_path / "dusk/b.jpg", photo(1))
    dataset = found(tmp_path, classes="cityscapes")
    assert [image.has_label for image in dataset.images] == [True, False]
    assert read(dataset, 1).tolist() == [[255] * 4] * 2


@pytest.mark.parametrize(
    ("pixels", "palette", "encoding"),
    [
        (IDS, None, "ids"),
        (COLORS, None, "colors"),
        (np.repeat(IDS[..., None], 3, 2), None, "ids"),
        (IDS, PALETTE, "ids"),
    ],
)
def test_what_the_values_are_is_seen(tmp_path, pixels, palette, encoding):
    write(tmp_path / "images/a.jpg", photo())
    write(tmp_path / "labels/a.png", pixels, palette)
    dataset = found(tmp_path, classes="cityscapes")
    assert dataset.encoding == encoding and np.array_equal(read(dataset), TRAIN_IDS)


def test_a_palette_counts_where_its_indices_are_no_ids(tmp_path):
    palette = np.zeros((256, 3))
    palette[1:4] = [9, 9, 0], [0, 0, 9], [9, 9, 0]
    write(tmp_path / "images/a.jpg", photo())
    write(tmp_path / "labels/a.png", np.array([[1, 2, 3, 3]] * 2, np.uint8), palette)
    (tmp_path / "classes.yaml").write_text(TABLE)
    dataset = found(tmp_path)
    assert dataset.encoding == "colors" and read(dataset)[0].tolist() == [0, 1, 0, 0]


def test_values_that_may_be_ids_or_training_ids_are_asked_for(tmp_path):
    write(tmp_path / "images/a.jpg", photo())
    write(tmp_path / "labels/a.png", TRAIN_IDS)
    with pytest.raises(ValueError, match=r"values up to 13, which may be ids or training ids of cityscapes"):
        found(tmp_path, classes="cityscapes")
    assert np.array_equal(read(found(tmp_path, classes="cityscapes", encoding="train_ids")), TRAIN_IDS)


def test_maps_of_no_image_are_refused_with_both_names(tmp_path):
    write(tmp_path / "images/a.jpg", photo())
    write(tmp_path / "labels/b.png", IDS)
    with pytest.raises(
        ValueError, match=r"images are called like 'images/a\.jpg', label maps like 'labels/b\.png'"
    ):
        found(tmp_path, classes="cityscapes")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"folder": "none"}, r"label_maps\.folder names none, but there is no such folder"),
        ({"folder": "empty"}, "in which there are no images"),
        ({"folder": "empty", "labels": "none"}, r"label_maps\.labels names none"),
        ({"folder": "empty", "layout": "folders"}, "layout is folders, but empty holds no label maps"),
    ],
)
def test_a_place_without_anything_is_refused(tmp_path, config, message):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=message):
        find_label_maps(LabelMapsConfig(**config), tmp_path)
