import numpy as np
from PIL import Image

from tasks.class_tables.table import ClassTable, Label
from tasks.images.files import read_image
from tasks.segmentation.photo_files import PhotoFiles, class_shares, draw_legend, lay_over, shown_colors

TABLE = ClassTable(
    name="t",
    labels=(
        Label(name="road", id=300, train_id=0, color=(200, 100, 0)),
        Label(name="Straße", id=2, train_id=1),
        Label(name="pole", id=9, train_id=2),
    ),
)
LABELS = np.array([[0, 0, 0, 1]], np.uint8)


def test_shares_are_of_all_pixels():
    assert class_shares(LABELS, TABLE) == {"road": 0.75, "Straße": 0.25, "pole": 0.0}


def test_an_overlay_is_the_photo_under_the_colours_of_the_classes():
    photo = np.full((1, 4, 3), 100, np.uint8)
    # .45 of the photo and .55 of the colour.
    assert lay_over(photo, LABELS, TABLE)[0, 0].tolist() == [155, 100, 45]


def test_classes_without_a_colour_get_different_ones():
    colors = shown_colors(TABLE)[:3]
    assert len(np.unique(colors, axis=0)) == 3 and (colors.max(axis=1) > 100).all()


def test_ids_that_no_byte_holds_are_written_in_16_bits(tmp_path):
    files = PhotoFiles(tmp_path, TABLE, "ids")
    files.begin()
    shares = files.write("a", "a.jpg", np.zeros((1, 4, 3), np.uint8), LABELS)
    assert shares == {"road": 0.75, "Straße": 0.25}
    with Image.open(tmp_path / "labels/a.png") as picture:
        assert np.asarray(picture).tolist() == [[300, 300, 300, 2]]
    assert (tmp_path / "shares.csv").read_text(encoding="utf-8") == (
        "image,road,Straße,pole\na.jpg,0.750000,0.250000,0.000000\n"
    )
    assert read_image(tmp_path / "overlays/a.jpg").shape == (1, 4, 3)


def test_a_legend_has_a_swatch_of_every_class():
    legend = draw_legend(TABLE, "train_ids")
    for number, color in enumerate(shown_colors(TABLE)[:3]):
        assert (legend[8 + 26 * number + 9, 20] == color).all()
