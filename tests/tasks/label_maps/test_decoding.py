"""Ids, training ids and colours become training ids; what the table does not have is named with its file."""

import numpy as np
import pytest

from tasks.class_tables.known import known_table
from tasks.label_maps.decoding import LabelDecoder, packed, unpacked
from tests.tasks.label_maps.made_up_maps import COLORS, IDS, TRAIN_IDS, write
from tests.tasks.label_maps.test_label_files import PALETTE, write_png_of_bits

CITY = known_table("cityscapes")


@pytest.mark.parametrize(("encoding", "values"), [("ids", IDS), ("train_ids", TRAIN_IDS), ("colors", COLORS)])
def test_every_encoding_gives_the_same_training_ids(tmp_path, encoding, values):
    labels = LabelDecoder(CITY, encoding).read(write(tmp_path / "a.png", values))
    assert labels.dtype == np.uint8 and np.array_equal(labels, TRAIN_IDS)


def test_indices_of_a_palette_are_ids_or_its_colours_are(tmp_path):
    path = write(tmp_path / "a.png", IDS, PALETTE)
    assert np.array_equal(LabelDecoder(CITY, "ids").read(path), TRAIN_IDS)
    colors = np.zeros((256, 3))
    colors[[0, 1, 2]] = [128, 64, 128], [0, 0, 142], [70, 70, 70]
    other = write(tmp_path / "b.png", np.array([[0, 1], [2, 2]], np.uint8), colors)
    assert LabelDecoder(CITY, "colors").read(other).tolist() == [[0, 13], [2, 2]]


def test_grey_that_was_saved_as_rgb_is_ids(tmp_path):
    path = write(tmp_path / "a.png", np.repeat(IDS[..., None], 3, axis=2))
    assert np.array_equal(LabelDecoder(CITY, "ids").read(path), TRAIN_IDS)


def test_16_bit_ids_of_the_table_are_read_and_instance_numbers_refused(tmp_path):
    path = write_png_of_bits(tmp_path / "a.png", IDS.astype(np.uint16), 16)
    assert np.array_equal(LabelDecoder(CITY, "ids").read(path), TRAIN_IDS)
    instances = write_png_of_bits(tmp_path / "b.png", IDS.astype(np.uint16) * 1000 + 33, 16)
    with pytest.raises(
        ValueError, match=r"b\.png has the ids 7033, 26033, .* in 7 pixels, but cityscapes has 0 to 33"
    ):
        LabelDecoder(CITY, "ids").read(instances)


@pytest.mark.parametrize(
    ("encoding", "values", "message"),
    [
        ("ids", IDS + 20, r"a\.png has the ids 46, 41 in 3 pixels"),
        ("train_ids", IDS, "has the train ids 26, 21 in 3 pixels, but cityscapes has 0 to 18"),
        (
            "colors",
            COLORS + 1,
            r"has the colours \(129, 65, 129\), .* in 8 pixels, which cityscapes does not have",
        ),
        ("colors", IDS, "is grey, but colours are to be read"),
        ("ids", COLORS, "is in colour, but numbers are to be read"),
    ],
)
def test_what_is_unknown_is_refused_with_file_value_and_mend(tmp_path, encoding, values, message):
    with pytest.raises(ValueError, match=message) as error:
        LabelDecoder(CITY, encoding).read(write(tmp_path / "a.png", values))
    assert "\n" not in str(error.value)


def test_colours_are_packed_as_red_green_blue():
    assert packed(np.array([[[1, 2, 3]]], np.uint8)).tolist() == [[0x010203]]
    assert unpacked(0x010203) == (1, 2, 3)
