"""Whole sequences or cities go into one split; a split that nothing says is asked for."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from tasks.label_maps.annotated import LabelledDataset, LabelledImage
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.splitting import split_images

LABEL = Path("a.png")


def dataset(*images, label=LABEL):
    records = [
        LabelledImage(f"{sequence}_{k}.png", Path("x.png"), label, sequence=sequence, city=city, split=split)
        for k, (sequence, city, split) in enumerate(images)
    ]
    return LabelledDataset("test", tuple(records))


def split(data, **config):
    return list(split_images(data, LabelMapsConfig(folder=".", **config)).values())


SIX = [(f"s{k // 2}", f"city{k // 4}", "") for k in range(12)]


def test_a_sequence_is_never_cut():
    splits = split(dataset(*SIX), split="sequence", shares={"train": 0.5, "val": 0.25, "test": 0.25})
    assert splits[::2] == splits[1::2]
    assert {name: splits.count(name) for name in set(splits)} == {"train": 6, "val": 4, "test": 2} or {
        name: splits.count(name) for name in set(splits)
    } == {"train": 6, "val": 2, "test": 4}


def test_a_city_is_never_cut():
    splits = split(dataset(*SIX), split="city")
    assert [splits[k] for k in (0, 4, 8)] == [splits[k + 3] for k in (0, 4, 8)]
    assert set(splits) == {"train", "val", "test"}


def test_given_splits_are_kept():
    assert split(dataset(("a", "", "train"), ("b", "", "test"))) == ["train", "test"]


def test_images_without_maps_and_folders_of_splits_are_for_training():
    assert split(dataset(("a", "", ""), ("b", "", ""), label=None)) == ["train", "train"]


def test_patterns_name_the_images():
    data = dataset(("day", "", ""), ("night", "", ""))
    assert split(data, split={"train": ["day*"], "test": ["night*"]}) == ["train", "test"]
    with pytest.raises(ValueError, match=r"'night_1\.png' matches no split"):
        split(data, split={"train": ["day*"]})
    with pytest.raises(ValueError, match=r"matches the splits \['train', 'test'\]"):
        split(data, split={"train": ["*"], "test": ["night*"]})


@pytest.mark.parametrize(
    ("images", "config", "message"),
    [
        ([("a", "", "")], {}, r"'a_0\.png' lies in no folder of a split"),
        ([("", "", "")], {"split": "sequence"}, r"nothing says the sequence of the image '_0\.png'"),
        ([("a", "", "")], {"split": "city"}, "nothing says the city"),
        ([("a", "", ""), ("b", "", "")], {"split": "sequence"}, r"of 2 sequence\(s\) \(a, b\), but 3 splits"),
    ],
)
def test_a_split_that_nothing_says_is_refused(images, config, message):
    with pytest.raises(ValueError, match=message):
        split(dataset(*images), **config)


@pytest.mark.parametrize(
    "config",
    [{"shares": {"val": 1}}, {"sequence_pattern": "["}, {"sequence_pattern": "a"}, {"size_px": (0, 3)}],
)
def test_a_configuration_that_cannot_be_meant_is_refused(config):
    with pytest.raises(ValidationError):
        LabelMapsConfig(folder=".", **config)
