"""Maps are paired with images by their paths, or by a name that is there once."""

import pytest

from tasks.label_maps.pairing import pair_maps


def test_folders_that_name_a_kind_do_not_count():
    images = {"leftImg8bit/train/aachen/a.png": "a", "leftImg8bit/val/aachen/a.png": "a"}
    labels = {"gtFine/val/aachen/a.png": "a"}
    assert pair_maps(images, labels) == {"leftImg8bit/val/aachen/a.png": "gtFine/val/aachen/a.png"}


def test_frames_of_one_name_in_two_sequences_are_not_mixed_up():
    images = {f"seq{k}/images/0001.png": "0001" for k in (1, 2)}
    assert pair_maps(images, {"seq1/labels/0001.png": "0001"}) == {
        "seq1/images/0001.png": "seq1/labels/0001.png"
    }


def test_segnet_s_annot_folders_are_those_of_their_split():
    assert pair_maps({"train/a.png": "a"}, {"trainannot/a.png": "a"}) == {"train/a.png": "trainannot/a.png"}
    assert pair_maps({"train/a.png": "a"}, {"train_labels/a_L.png": "a"}) == {
        "train/a.png": "train_labels/a_L.png"
    }


def test_a_stem_that_is_there_once_is_enough():
    assert pair_maps({"day/A.JPG": "A"}, {"out/a.png": "a"}) == {"day/A.JPG": "out/a.png"}


def test_two_images_of_one_map_are_refused():
    with pytest.raises(ValueError, match=r"images 'a\.jpg' and 'a\.png' would be of one pair"):
        pair_maps({"a.jpg": "a", "a.png": "a"}, {"labels/a.png": "a"})
