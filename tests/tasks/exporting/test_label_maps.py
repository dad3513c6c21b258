"""Exports are read back by torchvision's own reader of Cityscapes, and by our own import."""

import json
import shutil

import cv2
import numpy as np
import pytest
from torchvision.datasets import Cityscapes

from tasks.class_tables.known import known_table
from tasks.exporting.card import Origin
from tasks.exporting.cityscapes import cityscapes_names
from tasks.exporting.label_maps import export_label_maps
from tasks.formats.label_maps import LabelMapRecord, new_array, read_label_maps, write_records
from tasks.formats.soiling_masks import write_masks
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.importing import import_label_maps
from tasks.label_maps.layouts import find_label_maps
from tasks.label_maps.planning import plan_label_maps
from tests.tasks.label_maps.made_up_maps import COLORS, IDS, TRAIN_IDS, photo


def record(name, *, split="train", sequence="", city="", has_label=True):
    return LabelMapRecord(name, split, sequence, city, "", has_label, 4, 2)


CITY = known_table("cityscapes")


def artifact(folder, records, table=CITY, labels=TRAIN_IDS):
    folder.mkdir()
    images = new_array(folder / "images.npy", (len(records), 2, 4, 3))
    maps = new_array(folder / "labels.npy", (len(records), 2, 4))
    for index in range(len(records)):
        images[index], maps[index] = photo(index), labels
    write_records(folder, records, table)
    return folder


@pytest.fixture
def folder(tmp_path):
    records = [
        record("a.jpg", sequence="drive 1"),
        record("b.jpg", sequence="drive 1"),
        record("c.jpg", has_label=False),
    ]
    return artifact(tmp_path / "in", records)


def reimported(folder, out, **config):
    out.mkdir()
    config, files = plan_label_maps(LabelMapsConfig(folder=".", **config), folder)[0]
    import_label_maps.build(out, config=config, files=files)
    return read_label_maps(out)


def test_cityscapes_layout_is_read_by_torchvision(folder, tmp_path):
    export = export_label_maps([folder], tmp_path / "out", "cityscapes", Origin("test"))
    assert (export.num_images, export.num_labelled, export.notes) == (3, 2, ())
    shutil.rmtree(
        tmp_path / "out/leftImg8bit/train/train"
    )  # c.jpg, without a map, which torchvision wants of all
    dataset = Cityscapes(str(tmp_path / "out"), "train", mode="fine", target_type=["semantic", "color"])
    image, (ids, colors) = dataset[1]
    assert len(dataset) == 2
    assert np.array_equal(np.asarray(image), photo(1)) and np.array_equal(np.asarray(ids), IDS)
    assert np.array_equal(np.asarray(colors)[..., :3], COLORS)


@pytest.mark.parametrize("encoding", ["ids", "train_ids", "colors"])
def test_cityscapes_layout_is_read_back(folder, tmp_path, encoding):
    export_label_maps([folder], tmp_path / "out", "cityscapes", Origin("test"))
    again = reimported(tmp_path / "out", tmp_path / "again", encoding=encoding)
    assert [record.has_label for record in again.records] == [True, True, False]
    assert np.array_equal(again.labels[0], TRAIN_IDS) and np.array_equal(again.images[1], photo(1))


def test_translations_of_cityscapes_images_keep_the_names_of_these():
    names = [
        "leftImg8bit/train/ulm/ulm_000003_000019_leftImg8bit.png",
        "ulm_000004_000019_leftImg8bit_as_night.png",
    ]
    records = [record(name, city="ulm") for name in names]
    assert cityscapes_names(records) == ["train/ulm/ulm_000003_000019", "train/ulm/ulm_000004_000019"]


@pytest.mark.parametrize("table", ["cityscapes", "camvid32", "woodscape_soiling"])
def test_plain_folders_are_read_back_with_their_classes(tmp_path, table):
    table = known_table(table)
    labels = np.array([[0, 1, 2, 255], [3, 3, table.num_classes - 1, 0]], np.uint8)
    folder = artifact(tmp_path / "in", [record("x/a.jpg"), record("y/a.jpg", split="val")], table, labels)
    export_label_maps([folder], tmp_path / "out", "folders", Origin("test"))
    dataset = find_label_maps(LabelMapsConfig(folder="out"), tmp_path)
    assert dataset.encoding == "ids" and dataset.table.class_names() == table.class_names()
    assert [(image.name, image.split) for image in dataset.images] == [
        ("images/train/x_a.png", "train"),
        ("images/val/y_a.png", "val"),
    ]
    again = reimported(tmp_path / "out", tmp_path / "again")
    assert np.array_equal(again.labels[0], labels)
    assert [label.color for label in again.table.labels] == [label.color for label in table.trained()]


def test_other_classes_become_cityscapes_and_what_is_lost_is_said(tmp_path):
    labels = np.array([[0, 3, 10, 255]] * 2, np.uint8)  # sky, road, bicyclist
    folder = artifact(tmp_path / "in", [record("a.jpg", sequence="s")], known_table("camvid11"), labels)
    export = export_label_maps([folder], tmp_path / "out", "cityscapes", Origin("test"))
    assert "no such class: Bicyclist" in export.notes[0]
    again = reimported(tmp_path / "out", tmp_path / "again")
    assert again.labels[0][0].tolist() == [10, 0, 255, 255]
    assert "no such class: Bicyclist" in (tmp_path / "out/card.md").read_text()


def test_names_count_sequences_and_frames_and_own_names_stay():
    records = [
        record("q_1.png", sequence="q", city="Bad Ems"),
        record("q_2.png", sequence="q", city="Bad Ems"),
        record("r_1.png", sequence="r", city="Bad Ems", split="val"),
        record("ulm_000003_000019_leftImg8bit.png", sequence="ulm_000003", city="ulm"),
    ]
    assert cityscapes_names(records) == [
        "train/Bad-Ems/Bad-Ems_000000_000000",
        "train/Bad-Ems/Bad-Ems_000000_000001",
        "val/Bad-Ems/Bad-Ems_000001_000000",
        "train/ulm/ulm_000003_000019",
    ]


def test_the_card_counts_images_and_pixels(folder, tmp_path):
    export_label_maps([folder], tmp_path / "out", "cityscapes", Origin("street", licence="CC0"))
    card = json.loads((tmp_path / "out/card.json").read_text())
    assert (card["images"], card["images_without_label_maps"], card["form"]) == (3, 1, "cityscapes")
    assert card["pixels"]["road"] == 6 and card["pixels"]["car"] == 4 and card["ignored_pixels"] == 2
    assert card["images_by"] == {"split": {"train": 3}, "sequence": {"drive 1": 2}}
    text = (tmp_path / "out/card.md").read_text()
    assert "| road | 6 | 37.50% |" in text and "Licence: CC0" in text
    assert (
        json.loads((tmp_path / "out/names.json").read_text())["train/drive-1/drive-1_000000_000001"]
        == "b.jpg"
    )


def test_what_cannot_be_exported_is_refused_and_nothing_is_left(folder, tmp_path):
    other = artifact(tmp_path / "other", [record("z.png")], known_table("camvid11"), TRAIN_IDS * 0)
    with pytest.raises(ValueError, match="the class tables cityscapes and camvid11"):
        export_label_maps([folder, other], tmp_path / "out", "folders", Origin("test"))
    with pytest.raises(ValueError, match="no images to export"):
        export_label_maps([], tmp_path / "out", "folders", Origin("test"))
    with pytest.raises(ValueError, match=r"2 images would be called train/a"):
        export_label_maps([folder, folder], tmp_path / "out", "folders", Origin("test"))
    with pytest.raises(ValueError, match="is not an empty folder"):
        export_label_maps([folder], tmp_path / "in", "folders", Origin("test"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "other"]


def test_soiled_images_are_read_back_from_woodscapes_layout_with_levels_and_exact_opacity(tmp_path):
    levels = np.array([[0, 1, 2, 3], [3, 2, 1, 255]], np.uint8)
    table = known_table("woodscape_soiling")
    folder = artifact(tmp_path / "in", [record("a/b.png"), record("c.png", split="val")], table, levels)
    alpha = np.linspace(0, 1, 16, dtype=np.float32).reshape(2, 2, 4)
    write_masks(folder, alpha)
    export = export_label_maps([folder], tmp_path / "out", "woodscape", Origin("test"))
    assert (export.num_images, export.num_labelled) == (2, 2)
    again = reimported(tmp_path / "out", tmp_path / "again", split={"train": ["*"]})
    assert [each.name for each in again.records] == ["rgbImages/a_b.png", "rgbImages/c.png"]
    assert again.table == table and np.array_equal(again.labels[1], levels)
    stored = cv2.imread(str(tmp_path / "out/alpha/c.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_allclose(stored / 65535, alpha[1], atol=1 / 65535)
    called = json.loads((tmp_path / "out/names.json").read_text())
    assert called == {"a_b": {"split": "train", "name": "a/b.png"}, "c": {"split": "val", "name": "c.png"}}


def test_classes_that_are_no_levels_of_soiling_do_not_become_woodscapes(folder, tmp_path):
    with pytest.raises(ValueError, match="classes of cityscapes, not levels of soiling; choose folders"):
        export_label_maps([folder], tmp_path / "out", "woodscape", Origin("test"))
    assert not (tmp_path / "out").exists()
