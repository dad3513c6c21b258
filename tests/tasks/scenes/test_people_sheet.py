import numpy as np
import pytest

from tasks.datasets.annotations import AnnotatedImage, Annotation
from tasks.scenes.people_sheet import (
    GAP_PX,
    LABEL_PX,
    SHEET_COLUMNS,
    has_rotated_boxes,
    people_sheet,
    see_people,
)


def image_of(*boxes: Annotation) -> AnnotatedImage:
    return AnnotatedImage("a.png", 200, 200, (100, 100), boxes)


def pattern(_: AnnotatedImage) -> np.ndarray:
    rows, columns = np.mgrid[:200, :200]
    return np.stack([rows, columns, rows + columns], axis=-1).astype(np.uint8)


def person(x: float, y: float) -> Annotation:
    return Annotation("person", (x - 20, y - 30, x + 20, y + 30), 1)


def test_everybody_is_seen_with_figures():
    people = see_people([image_of(person(50, 60), person(120, 90))], pattern, is_rotated=False, whose="real")
    assert [p.box[:2] for p in people] == [(50, 60), (120, 90)]
    assert people[0].figures.length_px == 60


def test_images_without_people_are_refused_in_one_line():
    with pytest.raises(ValueError, match="none of the 1 real images has a person box"):
        see_people([image_of()], pattern, is_rotated=False, whose="real")


def test_rotated_boxes_count_only_where_everybody_has_one():
    turned = Annotation("person", (0, 0, 9, 9), 1, rotated_box=(5, 5, 9, 9, 45))
    assert has_rotated_boxes([image_of(turned)])
    assert not has_rotated_boxes([image_of(turned, person(50, 50))])


def test_the_sheet_shows_pixels_at_full_size_and_black_beyond_the_image():
    people = see_people(
        [image_of(person(100, 100), person(10, 100))], pattern, is_rotated=False, whose="real"
    )
    sheet = people_sheet(people, people[:1])
    side = round(1.15 * 60)
    assert sheet.shape == (2 * (LABEL_PX + side + GAP_PX), SHEET_COLUMNS * (side + GAP_PX), 3)
    first = sheet[LABEL_PX : LABEL_PX + side, :side]
    left = 100 - side // 2
    assert np.array_equal(first, pattern(image_of())[left : left + side, left : left + side])
    second = sheet[LABEL_PX : LABEL_PX + side, side + GAP_PX : 2 * side + GAP_PX]
    assert (second[:, : side // 2 - 11] == 0).all() and second[:, side // 2 + 5 :].any()
