import json

import numpy as np
import pytest
from pydantic import ValidationError

from models.configs import WeightsFile
from models.features.config import FeaturesConfig
from tasks.formats.label_maps import read_label_maps
from tasks.soiling.realism import RealismConfig, RealismRun, measure_realism
from tests.tasks.soiling.small_sets import write_clean

LOOK = RealismConfig(crop_px=32)


def soiled_set(folder, count, *, soiled, seed=0, darker=1):
    """Images of drawn blocks, of which the first `soiled` have soiling in their middle."""
    write_clean(folder, count, seed=seed)
    data = read_label_maps(folder)
    levels = np.zeros(data.images.shape[:3], np.uint8)
    levels[:soiled, 40:80, 40:80] = 3
    np.save(folder / "images.npy", np.array(data.images) // darker)
    np.save(folder / "labels.npy", levels)
    return folder


def measured(tmp_path, test, **sets):
    out = tmp_path / "out"
    out.mkdir()
    run = RealismRun(realism=LOOK, sets=tuple(sets), threads=1)
    measure_realism.build(out, run, test=test, sets=list(sets.values()))
    return json.loads((out / "realism.json").read_text())


def test_a_set_is_nearer_to_itself_than_another_drawing_and_that_nearer_than_a_dark_one(tmp_path):
    test = soiled_set(tmp_path / "test", 8, soiled=8)
    alike = soiled_set(tmp_path / "alike", 8, soiled=8, seed=1)
    dark = soiled_set(tmp_path / "dark", 8, soiled=8, seed=1, darker=4)
    found = measured(tmp_path, test, same=test, alike=alike, dark=dark)
    frechet = [found["sets"][name]["frechet"] for name in ("same", "alike", "dark")]
    assert frechet[0] == pytest.approx(0, abs=1e-6 * frechet[2])
    assert frechet[0] < frechet[1] < frechet[2]
    assert found["sets"]["alike"]["kernel"] < found["sets"]["dark"]["kernel"]
    assert found["crops"] == 8 and "random weights" in found["extractor"]


def test_all_sets_give_as_many_crops_as_the_one_with_the_fewest_soiled_images(tmp_path):
    test = soiled_set(tmp_path / "test", 6, soiled=6)
    assert measured(tmp_path, test, few=soiled_set(tmp_path / "few", 6, soiled=3))["crops"] == 3


def test_one_crop_has_no_distance(tmp_path):
    test = soiled_set(tmp_path / "test", 4, soiled=1)
    found = measured(tmp_path, test, same=test)
    assert (found["crops"], found["sets"]) == (1, {})


def test_a_file_of_weights_is_refused_since_no_key_would_know_it():
    with pytest.raises(
        ValidationError, match=r"features\.weights must be none or imagenet here, but was the file 'w\.pt'"
    ):
        RealismConfig(features=FeaturesConfig(weights=WeightsFile(path="w.pt")))
