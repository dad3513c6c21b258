import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tasks.formats.label_maps import read_label_maps
from tasks.label_maps.street_import import StreetImportConfig, import_streets


@pytest.fixture
def shots(tmp_path) -> list[Path]:
    """Two shards of two streets each, one photo by day and one by night of every street."""
    return [write_shard(tmp_path / f"shard{first}", (first, first + 1)) for first in (0, 2)]


def write_shard(folder: Path, sequences: tuple[int, ...]) -> Path:
    photos = []
    for name in ("images", "labels", "depth"):
        (folder / name).mkdir(parents=True)
    for sequence in sequences:
        for time in ("day", "night"):
            name = f"{sequence:03d}_000_{time}"
            cv2.imwrite(str(folder / f"images/{name}.jpg"), np.full((8, 16, 3), 40 * sequence, np.uint8))
            cv2.imwrite(str(folder / f"labels/{name}.png"), np.full((8, 16), sequence, np.uint8))
            depth_cm = np.full((8, 16), 300 * sequence, np.uint16)
            cv2.imwrite(str(folder / f"depth/{name}.png"), depth_cm)
            files = {key: f"{key}/{name}.png" for key in ("labels", "depth")}
            files["image"] = f"images/{name}.jpg"
            photos.append({"name": name, "sequence": sequence, "time": time, "files": files})
    (folder / "street.json").write_text(json.dumps({"photos": photos}))
    return folder


def test_the_photos_of_the_wanted_streets_are_taken_with_their_labels_and_conditions(tmp_path, shots):
    config = StreetImportConfig(split="test", sequences=(1, 2))
    import_streets.build(tmp_path, config=config, shots=shots)
    found = read_label_maps(tmp_path)
    assert [record.name for record in found.records] == [
        "001_000_day",
        "001_000_night",
        "002_000_day",
        "002_000_night",
    ]
    assert [record.sequence for record in found.records] == ["street 1", "street 1", "street 2", "street 2"]
    assert [record.condition for record in found.records] == ["day", "night", "day", "night"]
    assert found.labels is not None and found.labels[:, 0, 0].tolist() == [1, 1, 2, 2]
    assert found.depth_cm is not None and found.depth_cm.dtype == np.uint16
    assert found.depth_cm[:, 7, 15].tolist() == [300, 300, 600, 600]
    assert abs(int(found.images[2, 0, 0, 0]) - 80) < 3
    assert found.table is not None and found.table.class_names()[:2] == ("road", "sidewalk")
