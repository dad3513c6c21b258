import numpy as np
import pytest

from tasks.formats.label_maps import read_label_maps
from tasks.soiling.scene_labels import label_scenes
from tests.tasks.soiling.small_sets import TABLE, write_clean


def test_soiled_images_get_the_label_maps_of_their_scenes(tmp_path):
    clean, soiled = write_clean(tmp_path / "clean", side=8), write_clean(tmp_path / "soiled", side=8, seed=1)
    (tmp_path / "out").mkdir()
    label_scenes.build(tmp_path / "out", None, soiled=soiled, clean=clean)
    found, scenes = read_label_maps(tmp_path / "out"), read_label_maps(clean)
    assert np.array_equal(found.images, read_label_maps(soiled).images)
    assert np.array_equal(found.labels, scenes.labels) and found.records == scenes.records
    assert found.table == TABLE


def test_images_that_were_soiled_more_than_once_are_refused(tmp_path):
    clean, soiled = write_clean(tmp_path / "clean", side=8), write_clean(tmp_path / "soiled", 5, side=8)
    (tmp_path / "out").mkdir()
    with pytest.raises(ValueError, match="soil each image once"):
        label_scenes.build(tmp_path / "out", None, soiled=soiled, clean=clean)
