"""Copies and cut sequences among imported splits are found."""

import json

import numpy as np

from tasks.formats.label_maps import LabelMapRecord, new_array, write_records
from tasks.label_maps.leak_check import check_label_map_leaks
from tests.tasks.label_maps.test_planning import scene


def split(folder, name, **images):
    """`images`: their pixels by their sequence."""
    folder.mkdir()
    array = new_array(folder / "images.npy", (len(images), 64, 96, 3))
    for index, pixels in enumerate(images.values()):
        array[index] = pixels
    records = [LabelMapRecord(f"{key}.png", name, key, "", "", False, 96, 64) for key in images]
    write_records(folder, records, None)
    return folder


def test_copies_and_cut_sequences_are_named(tmp_path):
    noisy = np.clip(scene(1).astype(int) + np.random.default_rng(0).integers(-2, 3, (64, 96, 3)), 0, 255)
    splits = [
        split(tmp_path / "a", "train", drive1=scene(1), drive2=scene(2)),
        split(tmp_path / "b", "test", drive3=noisy, drive2=scene(4)),
    ]
    check_label_map_leaks.build(tmp_path, config=None, splits=splits)
    found = json.loads((tmp_path / "leaks.json").read_text())
    (pair,) = found["pairs"]
    assert pair.startswith("drive1.png (train) and drive3.png (test) differ in ")
    assert found["cut_sequences"] == ["'drive2' in train (1) and test (1)"]
