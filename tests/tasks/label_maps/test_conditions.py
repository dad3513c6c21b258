"""The light of images from a table beside them."""

import pytest

from tasks.formats.label_maps import read_label_maps
from tasks.label_maps.conditions import read_conditions
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.importing import import_label_maps
from tasks.label_maps.planning import plan_label_maps
from tests.tasks.label_maps.made_up_maps import photo, write

NEXET = (
    "image_filename,timeofday,city\nframe_a.jpg,Day,NYC\nframe_b.jpg,Night,NYC\nframe_c.jpg,Twilight,TLV\n"
)
IMAGES = ("train/frame_b.jpg", "train/frame_a.jpg", "train/frame_d.jpg")


@pytest.fixture
def table(tmp_path):
    (tmp_path / "train.csv").write_text(NEXET)
    return tmp_path / "train.csv"


def test_nexet_s_table_says_the_light_of_images_by_their_file_names(table):
    found = read_conditions(table, IMAGES)
    assert found == {"train/frame_b.jpg": "night", "train/frame_a.jpg": "day", "train/frame_d.jpg": ""}


def test_the_light_reaches_the_records_of_imported_images(table, tmp_path):
    for seed, name in enumerate("abd"):
        write(tmp_path / f"nexet/frame_{name}.png", photo(seed))
    table.write_text(NEXET.replace(".jpg", ".png"))
    config = LabelMapsConfig(folder="nexet", layout="unlabelled", conditions="train.csv").placed(tmp_path)
    split, files = plan_label_maps(config, tmp_path)[0]
    (tmp_path / "out").mkdir()
    import_label_maps.build(tmp_path / "out", config=split, files=files)
    conditions = [record.condition for record in read_label_maps(tmp_path / "out").records]
    assert conditions == ["day", "night", ""]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("image_filename,city\na.jpg,NYC\n", "but none of timeofday, lighting"),
        ("picture,timeofday\na.jpg,Day\n", "but none of image_filename"),
        ("", r"has the columns \[\], but none of image_filename"),
        (
            "image_filename,timeofday\nframe_a.jpg,Day\nframe_a.jpg,Night\n",
            "says both day and night of 'frame_a.jpg'",
        ),
        ("image_filename,timeofday\nother.jpg,Day\n", "of 1 files, but of none of the 3 images"),
    ],
)
def test_a_table_that_says_nothing_of_the_images_is_refused_in_a_line(table, text, words):
    table.write_text(text)
    with pytest.raises(ValueError, match=words):
        read_conditions(table, IMAGES)


def test_a_table_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no such file; name a CSV file, or leave it out"):
        read_conditions(tmp_path / "none.csv", IMAGES)
