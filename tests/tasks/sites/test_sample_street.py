import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from blender_assets.sample_street.settings import StreetSettings
from tasks.sites.sample_street import (
    SampleStreetConfig,
    assemble_sample_street,
    photograph_streets,
    street_assembly,
    street_shards,
)

TINY = StreetSettings(
    sequences=3,
    frames_per_sequence=1,
    times=("dusk",),
    width_px=64,
    height_px=32,
    samples=1,
    max_bounces=1,
    pedestrian_density=0.3,
)


def test_a_street_must_be_left_to_train_on():
    with pytest.raises(ValueError, match=r"is 3, but settings\.sequences is 3"):
        SampleStreetConfig(val_sequences=1, test_sequences=2, settings=TINY)


def test_every_street_is_in_one_shard_and_its_shard_does_not_depend_on_their_number():
    shards = street_shards(SampleStreetConfig(sequences_per_shard=3))
    assert [number for shard in shards for number in shard.sequences] == list(range(20))
    more = street_shards(SampleStreetConfig(sequences_per_shard=3, settings=StreetSettings(sequences=24)))
    assert more[:6] == shards[:6]


def test_the_default_tests_on_eight_streets_that_neither_train_nor_validate():
    splits = street_assembly(SampleStreetConfig()).splits
    assert [splits.count(name) for name in ("test", "val", "train")] == [8, 2, 10]


def test_photos_of_all_shards_come_together_with_their_splits(tmp_path: Path):
    shards = []
    for number in range(3):
        shards.append(tmp_path / str(number))
        for folder in ("images", "labels", "instances", "depth"):
            (shards[-1] / folder).mkdir(parents=True)
            (shards[-1] / folder / f"{number:03d}_000_day.png").write_bytes(f"{folder} {number}".encode())
        record = {"name": f"{number:03d}_000_day", "sequence": number}
        (shards[-1] / "street.json").write_text(json.dumps({"photos": [record]}))
    street = tmp_path / "street"
    street.mkdir()
    config = SampleStreetConfig(val_sequences=1, test_sequences=1, settings=TINY)
    assemble_sample_street.build(street, street_assembly(config), shards=shards)
    photos = json.loads((street / "street.json").read_text())["photos"]
    assert [(photo["sequence"], photo["split"]) for photo in photos] == [
        (0, "test"),
        (1, "val"),
        (2, "train"),
    ]
    assert (street / "depth" / "002_000_day.png").read_bytes() == b"depth 2"
    assert len(list(street.glob("*/*"))) == 12


def test_a_shard_is_photographed_by_a_child_with_its_maps(body_basis_path: Path, tmp_path: Path):
    (shard,) = street_shards(
        SampleStreetConfig(test_sequences=1, val_sequences=1, sequences_per_shard=3, settings=TINY)
    )
    photograph_streets.build(
        tmp_path, shard.model_copy(update={"sequences": (2,)}), body_basis=body_basis_path.parent
    )
    (photo,) = json.loads((tmp_path / "street.json").read_text())["photos"]
    image, labels, depth = (
        cv2.imread(str(tmp_path / photo["files"][key]), cv2.IMREAD_UNCHANGED)
        for key in ("image", "labels", "depth")
    )
    assert image is not None and labels is not None and depth is not None
    assert image.shape == (32, 64, 3) and labels.dtype == np.uint8 and depth.dtype == np.uint16
    assert {0, 10} <= set(np.unique(labels)) and photo["time"] == "dusk"
