"""The layouts of published data sets are recognised by the names of their files, and read right."""

import json
from typing import get_args

import numpy as np
import pytest

from tasks.label_maps.config import LabelMapsConfig, LayoutName
from tasks.label_maps.layouts import find_label_maps
from tasks.label_maps.named_layouts import NAMED_LAYOUTS
from tasks.label_maps.reading import LabelReader
from tests.tasks.class_tables.test_reading import MAPILLARY
from tests.tasks.label_maps.made_up_maps import COLORS, IDS, TRAIN_IDS, photo, tree, write

CITYSCAPES = (
    "leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png",
    "leftImg8bit/train/aachen/aachen_000001_000019_leftImg8bit.png",
    "leftImg8bit/val/lindau/lindau_000003_000019_leftImg8bit.png",
    "gtFine/train/aachen/aachen_000000_000019_gtFine_color.png",
    "gtFine/train/aachen/aachen_000000_000019_gtFine_labelIds.png",
    "gtFine/train/aachen/aachen_000000_000019_gtFine_labelTrainIds.png",
    "gtFine/train/aachen/aachen_000000_000019_gtFine_instanceIds.png",
    "gtFine/val/lindau/lindau_000003_000019_gtFine_color.png",
    "gtFine/val/lindau/lindau_000003_000019_gtFine_labelIds.png",
    "gtFine/val/lindau/lindau_000003_000019_gtFine_labelTrainIds.png",
)
ACDC = (
    "rgb_anon/night/train/GOPR0351/GOPR0351_frame_000159_rgb_anon.png",
    "rgb_anon/night/train_ref/GOPR0351/GOPR0351_frame_000159_rgb_ref_anon.png",
    "rgb_anon/fog/val/GP010476/GP010476_frame_000001_rgb_anon.png",
    "gt/night/train/GOPR0351/GOPR0351_frame_000159_gt_labelTrainIds.png",
    "gt/night/train/GOPR0351/GOPR0351_frame_000159_gt_labelColor.png",
    "gt/fog/val/GP010476/GP010476_frame_000001_gt_labelTrainIds.png",
    "gt/fog/val/GP010476/GP010476_frame_000001_gt_labelColor.png",
)
DARK_ZURICH = (
    "rgb_anon/train/night/GOPR0351/GOPR0351_frame_000159_rgb_anon.png",
    "rgb_anon/val/night/GOPR0356/GOPR0356_frame_000321_rgb_anon.png",
    "rgb_anon/val_ref/day/GOPR0356_ref/GOPR0356_frame_000321_ref_rgb_anon.png",
    "gt/val/night/GOPR0356/GOPR0356_frame_000321_gt_labelTrainIds.png",
)
NIGHTTIME = (
    "leftImg8bit/test/night/0_leftImg8bit.png",
    "gtCoarse_daytime_trainvaltest/test/night/0_gtCoarse_labelTrainIds.png",
)
KITTI = (
    "training/image_2/000000_10.png",
    "training/semantic/000000_10.png",
    "training/semantic_rgb/000000_10.png",
    "testing/image_2/000000_10.png",
)
BDD = (
    "images/10k/train/0a0a0b1a-7c39d841.jpg",
    "images/10k/val/7d2f7975-e0c1c5a7.jpg",
    "labels/sem_seg/masks/train/0a0a0b1a-7c39d841.png",
    "labels/sem_seg/masks/val/7d2f7975-e0c1c5a7.png",
    "labels/sem_seg/colormaps/train/0a0a0b1a-7c39d841.png",
)
OLD_BDD = ("bdd100k/seg/images/train/a.jpg", "bdd100k/seg/labels/train/a_train_id.png")


def found(folder, **config):
    return find_label_maps(LabelMapsConfig(folder=".", **config), folder)


def labels(dataset, name):
    (image,) = (image for image in dataset.images if image.name.endswith(name))
    return LabelReader(dataset.table, dataset.encoding).read(image, (4, 2))


@pytest.mark.parametrize(
    ("names", "layout", "encoding", "num_images", "num_labelled"),
    [
        (CITYSCAPES, "Cityscapes", "ids", 3, 2),
        (ACDC, "ACDC", "train_ids", 2, 2),
        (DARK_ZURICH, "Dark Zurich", "train_ids", 2, 1),
        (NIGHTTIME, "Nighttime Driving", "train_ids", 1, 1),
        (KITTI, "KITTI semantics", "ids", 2, 1),
        (BDD, "BDD100K", "train_ids", 2, 2),
        (OLD_BDD, "BDD100K", "train_ids", 1, 1),
    ],
    ids=["cityscapes", "acdc", "dark zurich", "nighttime", "kitti", "bdd", "old bdd"],
)
def test_a_layout_is_recognised_and_its_maps_are_read(
    tmp_path, names, layout, encoding, num_images, num_labelled
):
    dataset = found(tree(tmp_path, *names))
    labelled = [image for image in dataset.images if image.has_label]
    assert (dataset.layout, dataset.encoding) == (layout, encoding)
    assert (len(dataset.images), len(labelled)) == (num_images, num_labelled)
    for image in labelled:
        assert np.array_equal(LabelReader(dataset.table, dataset.encoding).read(image, (4, 2)), TRAIN_IDS)


def test_cityscapes_names_say_city_sequence_and_split(tmp_path):
    dataset = found(tree(tmp_path, *CITYSCAPES))
    assert [(image.city, image.sequence, image.split) for image in dataset.images] == [
        ("aachen", "aachen_000000", "train"),
        ("aachen", "aachen_000001", "train"),
        ("lindau", "lindau_000003", "val"),
    ]
    assert dataset.line() == (
        "Cityscapes: 3 images, 2 with label maps; ids of 19 classes (cityscapes); train 2, val 1; 2 cities; 3 sequences"
    )


@pytest.mark.parametrize("encoding", ["ids", "train_ids", "colors"])
def test_the_encoding_that_is_named_is_read(tmp_path, encoding):
    dataset = found(tree(tmp_path, *CITYSCAPES), encoding=encoding)
    assert dataset.encoding == encoding
    assert np.array_equal(labels(dataset, "lindau_000003_000019_leftImg8bit.png"), TRAIN_IDS)


def test_an_encoding_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match=r"encoding is ids, but \. \(Nighttime Driving\) has label maps of train_ids only"
    ):
        found(tree(tmp_path, *NIGHTTIME), encoding="ids")


def test_gopro_s_recordings_are_sequences_and_reference_images_are_left_aside(tmp_path):
    dataset = found(tree(tmp_path, *ACDC))
    assert [(image.sequence, image.split) for image in dataset.images] == [
        ("GP010476", "val"),
        ("GOPR0351", "train"),
    ]


def test_camvid_s_colours_and_segnet_s_indices_are_one(tmp_path):
    colors = np.array([[[128, 128, 128], [128, 0, 0], [64, 128, 192], [0, 0, 0]]] * 2, np.uint8)
    write(tmp_path / "own/701_StillsRaw_full/0001TP_006690.png", photo())
    write(tmp_path / "own/LabeledApproved_full/0001TP_006690_L.png", colors)
    write(tmp_path / "segnet/train/0001TP_006690.png", photo())
    write(tmp_path / "segnet/trainannot/0001TP_006690.png", np.array([[0, 1, 8, 11]] * 2, np.uint8))
    own = found(tmp_path / "own", convert_to="camvid11")
    assert own.layout == "CamVid" and own.images[0].sequence == "0001TP"
    names = [own.table.class_names()[value] for value in labels(own, "006690.png")[0, :3]]
    assert names == ["Sky", "Building", "SUVPickupTruck"] and labels(own, "006690.png")[0, 3] == 255
    segnet = found(tmp_path / "segnet")
    assert segnet.layout == "CamVid in SegNet's folders" and segnet.images[0].split == "train"
    assert labels(segnet, "006690.png")[0].tolist() == [0, 1, 8, 255]


def test_camvid_in_kaggle_s_folders(tmp_path):
    write(tmp_path / "train/Seq05VD_f00000.png", photo())
    write(tmp_path / "train_labels/Seq05VD_f00000_L.png", np.full((2, 4, 3), 128, np.uint8))
    (tmp_path / "class_dict.csv").write_text("name,r,g,b\nSky,128,128,128\n")
    dataset = found(tmp_path)
    assert (dataset.layout, dataset.encoding, dataset.images[0].sequence) == ("CamVid", "colors", "Seq05VD")
    assert len(dataset.images) == 1 and dataset.images[0].has_label


@pytest.mark.parametrize(("images", "maps"), [("rgbImages", "gtLabels"), ("rgb_images", "gt_labels")])
def test_both_spellings_of_woodscape(tmp_path, images, maps):
    write(tmp_path / f"train/{images}/0001_FV.png", photo())
    write(tmp_path / f"train/{maps}/0001_FV.png", np.array([[0, 1, 2, 3]] * 2, np.uint8))
    dataset = found(tmp_path)
    assert (dataset.layout, dataset.has_green_strips) == ("WoodScape soiling", True)
    assert (dataset.images[0].camera, dataset.images[0].split) == ("FV", "train")
    assert labels(dataset, "0001_FV.png")[0].tolist() == [0, 1, 2, 3]


def mapillary(folder, *versions):
    write(folder / "training/images/a.jpg", photo())
    for version in versions:
        place = folder / "training" / version / "labels/a.png"
        write(place, np.array([[0, 1, 2, 2]] * 2, np.uint8), np.zeros((256, 3)))
    return folder


def test_mapillary_brings_its_classes(tmp_path):
    (mapillary(tmp_path, "") / "config.json").write_text(json.dumps(MAPILLARY))
    dataset = found(tmp_path)
    assert dataset.layout == "Mapillary Vistas" and dataset.images[0].split == "train"
    assert labels(dataset, "a.jpg")[0].tolist() == [0, 255, 1, 1]


def test_of_mapillary_s_versions_the_newest_counts_with_its_own_classes(tmp_path):
    mapillary(tmp_path, "v1.2", "v2.0")
    (tmp_path / "config_v1.2.json").write_text(json.dumps({"labels": MAPILLARY["labels"][:1]}))
    (tmp_path / "config_v2.0.json").write_text(json.dumps(MAPILLARY))
    dataset = found(tmp_path)
    assert "v2.0" in str(dataset.images[0].label) and len(dataset.table.labels) == 3


def test_mapillary_without_its_classes_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"no config\.json with its classes; copy it there"):
        found(mapillary(tmp_path, ""))


def test_a_layout_that_is_named_and_is_not_there_is_refused(tmp_path):
    write(tmp_path / "a.png", photo())
    with pytest.raises(ValueError, match="no files are called as in the layout ACDC"):
        found(tmp_path, layout="acdc")


def test_a_folder_with_cityscapes_names_and_no_maps_asks_for_none(tmp_path):
    dataset = found(tree(tmp_path, CITYSCAPES[0]))
    assert dataset.layout == "Cityscapes" and dataset.table is None


def test_case_of_endings_and_folders_above_do_not_count(tmp_path):
    write(tmp_path / "unpacked/data/leftImg8bit/train/ulm/ulm_000000_000001_leftImg8bit.PNG", photo())
    write(tmp_path / "unpacked/data/gtFine/train/ulm/ulm_000000_000001_gtFine_labelIds.PNG", IDS)
    write(tmp_path / "unpacked/data/gtFine/train/ulm/._ulm_000000_000001_gtFine_labelIds.png", COLORS)
    dataset = found(tmp_path)
    assert dataset.layout == "Cityscapes" and len(dataset.images) == 1
    assert np.array_equal(labels(dataset, ".PNG"), TRAIN_IDS)


def test_a_map_without_an_image_is_said(tmp_path):
    dataset = found(tree(tmp_path, CITYSCAPES[0], *CITYSCAPES[4:5], *CITYSCAPES[8:9]))
    assert dataset.notes == (
        "1 label maps have no image, e.g. 'gtFine/val/lindau/lindau_000003_000019_gtFine_labelIds.png'",
    )


def test_every_layout_can_be_named():
    others = {"auto", "coco", "folders", "unlabelled"}
    assert {layout.name for layout in NAMED_LAYOUTS} | others == set(get_args(LayoutName))


def test_maps_that_are_not_called_as_in_the_layout_are_not_passed_over(tmp_path):
    tree(tmp_path, CITYSCAPES[0], "labels/aachen_000000_000019.png")
    with pytest.raises(
        ValueError, match=r"label maps like 'labels/aachen_000000_000019\.png'; give both one name"
    ):
        found(tmp_path, classes="cityscapes")
    assert found(tmp_path, layout="unlabelled").table is None
