"""One split is arrays of images and training ids with a record of each, and nothing else changes its key."""

import numpy as np
import pytest

from tasks.class_tables.known import known_table
from tasks.formats.label_maps import read_label_maps
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.importing import import_label_maps, scaled
from tasks.label_maps.planning import plan_label_maps
from tasks.label_maps.reading import green_rows
from tests.tasks.label_maps.made_up_maps import IDS, TRAIN_IDS, photo, write
from tests.tasks.label_maps.test_coco_layout import panoptic


def imported(folder, out, **config):
    """The first split of a folder."""
    plans = plan_label_maps(LabelMapsConfig(folder=".", **config), folder)
    out.mkdir()
    config, files = plans[0]
    import_label_maps.build(out, config=config, files=files)
    return read_label_maps(out)


def place(folder, *names):
    for seed, name in enumerate(names):
        write(folder / f"images/{name}.png", photo(seed))
        write(folder / f"labels/{name}.png", IDS)
    return folder


def test_images_and_training_ids_lie_in_order_of_their_records(tmp_path):
    found = imported(place(tmp_path / "in", "train/a_0", "train/a_1"), tmp_path / "out", classes="cityscapes")
    assert found.images.shape == (2, 2, 4, 3) and found.labels.dtype == np.uint8
    assert np.array_equal(found.images[1], photo(1)) and np.array_equal(found.labels[1], TRAIN_IDS)
    record = found.records[1]
    assert (record.name, record.split, record.has_label) == ("images/train/a_1.png", "train", True)
    assert (record.width_px, record.height_px, record.sequence) == (4, 2, "train/a")
    assert found.table == known_table("cityscapes")
    assert isinstance(found.images, np.memmap) and isinstance(found.labels, np.memmap)


def test_images_without_maps_have_no_labels_and_no_table(tmp_path):
    write(tmp_path / "in/a.jpg", photo())
    found = imported(tmp_path / "in", tmp_path / "out")
    assert found.labels is None and found.table is None and not found.records[0].has_label


def test_an_image_without_a_map_among_others_is_ignored_whole(tmp_path):
    place(tmp_path / "in", "train/a_0")
    write(tmp_path / "in/images/train/b_0.png", photo(3))
    found = imported(tmp_path / "in", tmp_path / "out", classes="cityscapes")
    assert [record.has_label for record in found.records] == [True, False]
    assert (found.labels[1] == 255).all()


def test_classes_are_converted_by_name(tmp_path):
    found = imported(
        place(tmp_path / "in", "train/a"), tmp_path / "out", classes="cityscapes", convert_to="camvid11"
    )
    assert found.table == known_table("camvid11")
    assert found.labels[0].tolist() == [[3, 3, 8, 255], [3, 1, 8, 5]]


def test_maps_are_scaled_by_the_nearest_pixel_and_hold_no_new_values(tmp_path):
    found = imported(
        place(tmp_path / "in", "train/a"), tmp_path / "out", classes="cityscapes", size_px=(8, 4)
    )
    assert np.array_equal(found.labels[0], TRAIN_IDS.repeat(2, axis=0).repeat(2, axis=1))
    assert found.images.shape == (1, 4, 8, 3) and found.records[0].width_px == 4


def test_images_shrink_by_the_mean_of_areas():
    pixels = np.array([[[0] * 3, [100] * 3], [[100] * 3, [200] * 3]], np.uint8)
    assert scaled(pixels, (1, 1), is_label=False).ravel().tolist() == [100] * 3


def test_coco_is_imported(tmp_path):
    found = imported(panoptic(tmp_path / "in"), tmp_path / "out")
    assert found.labels[0].tolist() == [[255, 1, 1, 0]] * 2 and found.table.class_names() == (
        "person",
        "banner",
    )


def test_green_strips_of_woodscape_are_ignored(tmp_path):
    image = photo(size=(6, 5))
    image[0], image[4] = (0, 135, 0), (4, 120, 8)
    image[2, :3] = 0, 135, 0
    write(tmp_path / "in/train/rgbImages/0001_FV.png", image)
    write(tmp_path / "in/train/gtLabels/0001_FV.png", np.full((5, 6), 3, np.uint8))
    found = imported(tmp_path / "in", tmp_path / "out")
    assert found.labels[0][:, 0].tolist() == [255, 3, 3, 3, 255]
    assert found.records[0].camera == "FV"


def test_green_in_the_middle_is_no_strip():
    image = np.full((4, 3, 3), 100, np.uint8)
    image[2] = 0, 135, 0
    assert not green_rows(image).any()


def test_an_unknown_id_is_refused_with_its_file(tmp_path):
    place(tmp_path / "in", "train/a")
    write(tmp_path / "in/labels/train/a.png", IDS + 8)
    with pytest.raises(ValueError, match=r"a\.png has the ids 34 in 2 pixels, but cityscapes has 0 to 33"):
        imported(tmp_path / "in", tmp_path / "out", classes="cityscapes")


def key(root, **config):
    config, files = plan_label_maps(LabelMapsConfig(**config), root)[0]
    return import_label_maps.recipe(config, {"files": files}).key


def test_the_key_is_of_content_and_not_of_places(tmp_path):
    for name in ("one", "other", "third"):
        place(tmp_path / name, "train/a")
    write(tmp_path / "third/labels/train/a.png", IDS[::-1].copy())
    keys = [key(tmp_path, folder=name, classes="cityscapes") for name in ("one", "other", "third")]
    assert keys[0] == keys[1] != keys[2]
    assert key(tmp_path, folder="one", classes="cityscapes", convert_to="camvid11") not in keys
