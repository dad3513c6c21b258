import csv
from dataclasses import replace

import numpy as np

from tasks.formats.label_maps import read_label_maps
from tasks.images.files import read_image
from tasks.soiling.blind_sheet import draw_crops, write_blind_sheet
from tests.tasks.soiling.small_sets import write_clean


def soiled_set(folder, *, seed):
    """Images of 8 x 24 pixels, of which the right end is opaque in all but the last."""
    data = read_label_maps(write_clean(folder, side=24, seed=seed))
    labels = np.zeros((4, 8, 24), np.uint8)
    labels[:3, :, 20:] = 3
    return replace(data, images=np.array(data.images[:, :8]), labels=labels)


def test_crops_lie_over_soiling_and_the_key_says_what_each_is(tmp_path):
    sets = {name: soiled_set(tmp_path / name, seed=seed) for seed, name in enumerate(("real", "dirty_gan"))}
    crops = draw_crops(sets, count=2, rng=np.random.default_rng(0))
    assert sorted(crop.origin for crop in crops) == ["dirty_gan", "dirty_gan", "real", "real"]
    for crop in crops:
        index = int(crop.name.removeprefix("train/").removesuffix(".png"))
        assert index < 3, "the last image is clean"
        assert np.array_equal(crop.pixels, sets[crop.origin].images[index][:, 16:])
    write_blind_sheet(tmp_path, crops)
    with (tmp_path / "blind_key.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(int(row["number"]), row["origin"]) for row in rows] == [
        (number, crop.origin) for number, crop in enumerate(crops, start=1)
    ]
    assert read_image(tmp_path / "blind_sheet.png").shape == (182, 960, 3)


def test_no_soiled_image_gives_an_empty_sheet(tmp_path):
    clean = soiled_set(tmp_path / "real", seed=0)
    assert clean.labels is not None
    nothing = replace(clean, labels=np.zeros_like(clean.labels))
    assert draw_crops({"real": nothing}, count=2, rng=np.random.default_rng(0)) == []
