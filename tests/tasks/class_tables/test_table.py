"""Lookup tables say for every value what it means; tables that mean two things are refused."""

import numpy as np
import pytest

from tasks.class_tables.known import known_table
from tasks.class_tables.table import (
    Label,
    checked_table,
    color_lookup,
    id_lookup,
    train_ids_of_colors,
    train_ids_of_ids,
    train_ids_of_train_ids,
    with_train_ids,
)

CITY = known_table("cityscapes")


def table(*labels):
    return checked_table("mine", labels, source="mine.yaml")


def test_ids_become_training_ids_and_what_the_table_lacks_is_unknown():
    lookup = train_ids_of_ids(CITY)
    assert lookup[[7, 26, 33, 0, 18, 255]].tolist() == [0, 13, 18, 255, 255, 255]
    assert lookup[[34, 254]].tolist() == [254, 254]
    assert lookup.dtype == np.uint8 and lookup.shape == (256,)


def test_255_is_a_class_where_the_table_says_so():
    assert train_ids_of_ids(table(Label(name="a", id=255, train_id=0)))[255] == 0


def test_training_ids_stay_and_18_is_the_last_of_cityscapes():
    assert train_ids_of_train_ids(CITY)[[0, 18, 19, 255]].tolist() == [0, 18, 254, 255]


def test_of_two_labels_with_one_colour_that_counts_which_is_learnt():
    lookup = train_ids_of_colors(CITY)
    assert lookup[153 << 16 | 153 << 8 | 153] == 5  # pole, not polegroup
    assert lookup[0] == 255 and lookup[128 << 16 | 64 << 8 | 128] == 0
    assert lookup[1] == 254


def test_colours_and_ids_of_training_ids_lead_back():
    assert color_lookup(CITY)[[0, 18, 255]].tolist() == [[128, 64, 128], [119, 11, 32], [0, 0, 0]]
    assert id_lookup(CITY)[[0, 18, 255]].tolist() == [7, 33, 0]


def test_training_ids_count_the_labels_that_are_not_ignored():
    labels = with_train_ids([Label(name=name, id=k) for k, name in enumerate("abc")], [False, True, False])
    assert [label.train_id for label in labels] == [0, None, 1]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([], "has no labels"),
        ([Label(name="a", id=1, train_id=0), Label(name="b", id=1, train_id=1)], r"the id 1 to \['a', 'b'\]"),
        ([Label(name="a", id=70_000, train_id=0)], "the id 70000, but 0 to 65535"),
        ([Label(name="a", id=0)], "ignores all its labels"),
        ([Label(name="a", id=0, train_id=1)], r"train_ids \[1\], but they must count from 0"),
        (
            [Label(name="a", id=0, train_id=0, color=(1, 2, 3)), Label(name="b", id=1, train_id=1, color=(1, 2, 3))],
            r"'a' and 'b' the same colour \(1, 2, 3\)",
        ),
        ([Label(name=str(k), id=k, train_id=k) for k in range(255)], "255 classes, but at most 254"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_meant_is_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        table(*labels)
