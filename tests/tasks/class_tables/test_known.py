"""The tables that come with Verisim are those of the data sets, by torchvision's own list and by counts of the papers."""

import pytest
from torchvision.datasets import Cityscapes

from tasks.class_tables.known import TABLES, find_table, known_table


def test_cityscapes_has_the_labels_of_torchvision():
    theirs = [
        (label.name, label.id, None if label.train_id in (255, -1) else label.train_id, label.color)
        for label in Cityscapes.classes
        if label.id >= 0
    ]
    ours = [(label.name, label.id, label.train_id, label.color) for label in known_table("cityscapes").labels]
    assert ours == theirs
    assert len(ours) == 34 and known_table("cityscapes").num_classes == 19


@pytest.mark.parametrize(
    ("name", "labels", "classes"), [("camvid11", 12, 11), ("camvid32", 32, 31), ("woodscape_soiling", 4, 4)]
)
def test_a_table_has_the_classes_of_its_data_set(name, labels, classes):
    table = known_table(name)
    assert (len(table.labels), table.num_classes) == (labels, classes)
    assert len({label.color for label in table.labels}) == labels


def test_camvid_s_11_classes_are_in_the_order_of_segnet():
    assert known_table("camvid11").class_names()[:4] == ("Sky", "Building", "Pole", "Road")
    unlabelled = known_table("camvid11").labels[-1]
    assert (unlabelled.id, unlabelled.train_id) == (11, None)


def test_soiling_grows_with_its_number():
    assert known_table("woodscape_soiling").class_names() == (
        "clear",
        "transparent",
        "semi-transparent",
        "opaque",
    )


def test_data_sets_that_share_cityscapes_labels_have_its_table():
    assert known_table("bdd100k") is not None and known_table("kitti") == known_table("cityscapes")


def test_an_unknown_name_is_refused_with_those_that_are_known():
    with pytest.raises(ValueError, match=r"no class table 'citiscapes'; known are cityscapes"):
        known_table("citiscapes")
    assert len(TABLES) == 4


def test_a_file_is_a_table_of_one_s_own(tmp_path):
    (tmp_path / "mine.yaml").write_text("names: [road, car]")
    assert find_table("mine.yaml", tmp_path).class_names() == ("road", "car")
    assert find_table("camvid11", tmp_path) == known_table("camvid11")
