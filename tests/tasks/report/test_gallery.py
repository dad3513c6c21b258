import numpy as np
import pytest

from tasks.datasets.annotations import AnnotatedImage, Annotation, write_coco
from tasks.images.files import write_png
from tasks.report.gallery import PER_ROW, gallery


def person(number: int, *, visibility: float = 1.0, head_px: float = 10.0) -> list[Annotation]:
    return [
        Annotation("person", (10.0, 10.0, 40.0, 60.0), number, visibility),
        Annotation("head", (10.0, 10.0, 10.0 + head_px, 12.0), number, visibility),
    ]


@pytest.fixture
def shard(tmp_path):
    """Six images; the last one is empty."""
    scenes = [
        person(1) + person(2) + person(3),
        person(1, visibility=0.2),
        person(1, head_px=3.0),
        person(1) + person(2),
        person(1, head_px=20.0),
        [],
    ]
    images = []
    for number, annotations in enumerate(scenes):
        write_png(tmp_path / f"images/{number}.png", np.full((80, 700, 3), 128, np.uint8))
        images.append(
            AnnotatedImage(f"images/{number}.png", 700, 80, (350.0, 40.0), tuple(annotations), clip="lobby")
        )
    write_coco(tmp_path / "annotations.json", images)
    return tmp_path


def test_each_row_begins_with_its_extreme_and_says_how_far_it_goes(shard):
    rows = gallery([shard])
    assert rows["Most people"][0].caption == "lobby 0: 3 people"
    assert rows["Most hidden"][0].caption == "lobby 1: 20 % of people seen"
    assert rows["Smallest heads"][0].caption == "lobby 2: head of 3 px"


def test_an_image_without_people_is_in_no_row_about_them(shard):
    rows = gallery([shard])
    for title in ("Most hidden", "Smallest heads"):
        assert not any(item.caption.startswith("lobby 5") for item in rows[title])


def test_rows_are_short_their_pictures_small_and_the_same_every_time(shard):
    rows = gallery([shard, shard])
    assert all(len(row) == PER_ROW and row[0].width_px == 560 for row in rows.values())
    assert gallery([shard, shard]) == rows
