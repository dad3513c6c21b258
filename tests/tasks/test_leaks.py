import json

import cv2
import numpy as np
import pytest

from tasks.annotations import AnnotatedImage, write_coco
from tasks.images import write_png
from tasks.leaks import (
    HashedImage,
    Leak,
    LeakConfig,
    check_leaks,
    describe_leaks,
    difference_hash,
    find_leaks,
)


def photo(seed: int) -> np.ndarray:
    """A smooth random picture, uint8 [96, 132, 3]."""
    noise = np.random.default_rng(seed).normal(120, 60, (96, 132, 3))
    return np.clip(cv2.GaussianBlur(noise, (0, 0), 4) * 10 - 1080, 0, 255).astype(np.uint8)


def hashed(name: str, split: str, image: np.ndarray) -> HashedImage:
    return HashedImage(name, split, difference_hash(image))


def test_the_hash_tells_whether_it_gets_brighter_to_the_right_by_more_than_2_grey_levels():
    ramp = np.repeat(3 * np.arange(33, dtype=np.uint8)[None, :, None], 32, axis=0).repeat(3, axis=2)
    assert difference_hash(ramp).all() and difference_hash(ramp).shape == (1024,)
    assert not difference_hash(ramp[:, ::-1]).any()
    assert not difference_hash(ramp // 3 * 2).any()
    ramp[:8] = 50  # a quarter of the rows is flat
    assert difference_hash(ramp).sum() == 24 * 32


@pytest.mark.parametrize("change", ["jpeg", "brighter", "smaller"])
def test_a_copy_in_another_split_is_named_whatever_was_done_to_it(change):
    image = photo(0)
    if change == "jpeg":
        image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 1)
    elif change == "brighter":
        image = np.clip(image * 1.1 + 4, 0, 255).astype(np.uint8)
    else:
        image = cv2.resize(image, (66, 48), interpolation=cv2.INTER_AREA)
    others = [hashed("c.png", "test", photo(1)), hashed("d.png", "val", photo(2))]
    (leak,) = find_leaks([hashed("a.png", "train", photo(0)), hashed("b.png", "test", image), *others])
    assert (leak.name, leak.split, leak.other_name, leak.other_split) == ("a.png", "train", "b.png", "test")


def test_copies_within_one_split_are_no_leak():
    assert find_leaks([hashed("a", "train", photo(0)), hashed("b", "train", photo(0))]) == []
    assert find_leaks([]) == []


def test_bits_are_counted_and_the_threshold_is_52():
    def with_ones(name, split, count):
        return HashedImage(name, split, np.arange(1024) < count)

    first = with_ones("a", "train", 100)
    leaks = find_leaks(
        [first, with_ones("b", "val", 152), with_ones("c", "val", 153), with_ones("d", "test", 90)]
    )
    assert [(leak.other_name, leak.num_bits) for leak in leaks] == [("d", 10), ("b", 52)]


def test_the_sentence_names_both_files_and_splits_and_how_many_more_there_are():
    leaks = [Leak(f"a{number}", "train", "b", "test", number) for number in range(7)]
    text = describe_leaks(leaks)
    assert "a1 (train) and b (test) differ in 1 of 1024 bits" in text
    assert "and 2 more pairs" in text and "a5" not in text and "real_images.split: clip" in text


def test_the_step_writes_the_pairs_of_all_splits(tmp_path):
    folders = []
    for split, image in (("train", photo(0)), ("val", photo(1)), ("test", photo(0))):
        folder = tmp_path / split
        write_png(folder / f"images/{split}.png", image)
        write_coco(folder / "annotations.json", [AnnotatedImage(f"images/{split}.png", 132, 96, (0.0, 0.0))])
        folders.append(folder)
    (tmp_path / "out").mkdir()
    check_leaks.build(tmp_path / "out", LeakConfig(splits=("train", "val", "test")), splits=folders)
    assert json.loads((tmp_path / "out/leaks.json").read_text()) == [
        {
            "name": "train.png",
            "split": "train",
            "other_name": "test.png",
            "other_split": "test",
            "num_bits": 0,
        }
    ]
