import numpy as np
import pytest

from tasks.formats.label_maps import read_label_maps
from tasks.formats.soiling_masks import write_masks
from tasks.soiling.confinement import measure_confinement
from tests.tasks.soiling.small_sets import write_clean


def test_what_changes_outside_of_soiling_is_counted(tmp_path):
    clean, soiled = write_clean(tmp_path / "clean", 1, side=8), write_clean(tmp_path / "soiled", 1, side=8)
    images = np.array(read_label_maps(clean).images)
    images[0, 0, :4] ^= 1  # of one row of 8, half is changed
    np.save(soiled / "images.npy", images)
    levels, masks = np.zeros((1, 8, 8), np.uint8), np.zeros((1, 8, 8), np.float32)
    levels[0, 4:] = 3  # half of the image is soiled
    masks[0, 4:] = 1
    masks[0, 0, :2] = 0.01  # of level 0 still, but two of the changed pixels may change
    np.save(soiled / "labels.npy", levels)
    write_masks(soiled, masks)
    found = measure_confinement(clean, soiled)
    assert found == pytest.approx(
        {"clear_share": 0.5, "changed_clear_share": 4 / 32, "changed_unmasked_share": 2 / 30}
    )


def test_where_nothing_is_clear_there_is_no_share(tmp_path):
    clean, soiled = write_clean(tmp_path / "clean", 1, side=8), write_clean(tmp_path / "soiled", 1, side=8)
    np.save(soiled / "labels.npy", np.ones((1, 8, 8), np.uint8))
    write_masks(soiled, np.full((1, 8, 8), 0.1, np.float32))
    found = measure_confinement(clean, soiled)
    assert found == {"clear_share": 0.0, "changed_clear_share": None, "changed_unmasked_share": None}
