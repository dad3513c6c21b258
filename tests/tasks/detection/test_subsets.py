import collections
import itertools
import json

import numpy as np
import pytest

from tasks.detection.subsets import SubsetConfig, choose_evenly, take_subset
from tasks.formats.detection_sets import read_set

CLIPS = ["a"] * 8 + ["b"] * 8 + ["c"] * 4


@pytest.fixture
def folder(tmp_path):
    """Six images of two clips, each with its number as grey level; the first has no box."""
    fields = {"scale": 1.0, "left_px": 0.0, "top_px": 0.0, "ignore_xyxy": []}
    records = [
        {
            "name": f"{n}",
            "clip": "ab"[n // 3],
            "boxes_xyxy": [[0, 0, 4, 4]] * (n > 0),
            "visibilities": [1.0] * (n > 0),
        }
        for n in range(6)
    ]
    np.save(
        tmp_path / "images.npy",
        np.arange(6, dtype=np.uint8)[:, None, None, None] * np.ones((4, 4, 3), np.uint8),
    )
    (tmp_path / "images.json").write_text(json.dumps([fields | record for record in records]))
    (tmp_path / "out").mkdir()
    return tmp_path


def test_a_smaller_number_is_part_of_a_larger_one():
    sets = [set(choose_evenly(CLIPS, count)) for count in range(1, 21)]
    assert [len(chosen) for chosen in sets] == list(range(1, 21))
    assert all(small < large for small, large in itertools.pairwise(sets))


def test_images_are_taken_evenly_of_every_clip_and_along_it():
    chosen = choose_evenly(CLIPS, 12)
    assert collections.Counter(CLIPS[index] for index in chosen) == {"a": 4, "b": 4, "c": 4}
    # four of eight frames: every second one
    assert chosen == [0, 2, 4, 6, 8, 10, 12, 14, 16, 17, 18, 19]
    # a clip that is used up leaves the rest to the others
    assert collections.Counter(CLIPS[index] for index in choose_evenly(CLIPS, 16)) == {"a": 6, "b": 6, "c": 4}


def test_pixels_and_records_of_the_same_images_are_kept_in_their_order(folder):
    take_subset.build(folder / "out", config=SubsetConfig(count=4), images=folder)
    pixels, records = read_set(folder / "out")
    assert [record.name for record in records] == ["0", "2", "3", "5"]
    assert pixels[:, 0, 0, 0].tolist() == [0, 2, 3, 5]


def test_more_images_than_there_are_and_none_with_a_box_are_refused(folder):
    with pytest.raises(ValueError, match="asks for 7 images of this part, but it has 6; ask for fewer"):
        take_subset.build(folder / "out", config=SubsetConfig(count=7), images=folder)
    with pytest.raises(ValueError, match="none of the 1 images taken of this part has a box; ask for more"):
        take_subset.build(folder / "out", config=SubsetConfig(count=1), images=folder)
