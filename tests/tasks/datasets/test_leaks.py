import json

import cv2
import numpy as np
import pytest

from tasks.datasets.annotations import AnnotatedImage, write_coco
from tasks.datasets.leak_check import LeakConfig, check_leaks
from tasks.datasets.leaks import (
    HashedImage,
    Leak,
    describe_cut_clips,
    describe_leaks,
    difference_hash,
    find_cut_clips,
    find_leaks,
)
from tasks.images.files import write_png


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


def test_a_clip_with_images_in_two_splits_is_cut_and_two_cameras_have_clips_of_their_own():
    def image(clip, camera=""):
        return AnnotatedImage("a.png", 132, 96, (0.0, 0.0), camera=camera, clip=clip)

    found = find_cut_clips(
        [
            (image("monday"), "train"),
            (image("monday"), "test"),
            (image("monday"), "train"),
            (image("tuesday"), "val"),
            (image("noon", "door"), "train"),
            (image("noon", "hall"), "test"),
        ]
    )
    assert [clip.sentence() for clip in found] == ["'monday' in train (2) and test (1)"]
    text = describe_cut_clips([clip.sentence() for clip in found] * 7)
    assert text.startswith("7 clip(s) have images in several splits: 'monday' in train (2) and test (1), ")
    assert ", and 2 more. Frames" in text and text.count("monday") == 5 and "split: clip" in text


def test_the_step_writes_the_pairs_and_cut_clips_of_all_splits(tmp_path):
    folders = []
    for split, image, clip in (("train", photo(0), "a"), ("val", photo(1), "b"), ("test", photo(0), "a")):
        folder = tmp_path / split
        write_png(folder / f"images/{split}.png", image)
        record = AnnotatedImage(f"images/{split}.png", 132, 96, (0.0, 0.0), clip=clip)
        write_coco(folder / "annotations.json", [record])
        folders.append(folder)
    (tmp_path / "out").mkdir()
    check_leaks.build(tmp_path / "out", LeakConfig(splits=("train", "val", "test")), splits=folders)
    assert json.loads((tmp_path / "out/leaks.json").read_text()) == {
        "pairs": ["train.png (train) and test.png (test) differ in 0 of 1024 bits"],
        "cut_clips": ["'a' in train (1) and test (1)"],
        "left_out": [],
    }
