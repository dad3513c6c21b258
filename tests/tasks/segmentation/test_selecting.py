import numpy as np
import pytest

from tasks.formats.label_maps import read_label_maps
from tasks.segmentation.selecting import SelectionConfig, select_label_maps
from tests.tasks.segmentation.test_evaluation import TRUTH, write_set


def test_images_are_taken_by_what_their_records_say(tmp_path):
    depth_cm = np.arange(TRUTH.size, dtype=np.uint16).reshape(TRUTH.shape)
    images = write_set(tmp_path / "set", depth_cm=depth_cm)
    select_label_maps.build(tmp_path, config=SelectionConfig(where={"sequence": ("s0", "*2")}), images=images)
    found = read_label_maps(tmp_path)
    assert [record.sequence for record in found.records] == ["s0", "s2"]
    assert found.labels is not None and found.depth_cm is not None
    np.testing.assert_array_equal(found.labels, TRUTH[[0, 2]])
    np.testing.assert_array_equal(found.depth_cm, depth_cm[[0, 2]])
    assert found.table == read_label_maps(images).table


def test_a_pattern_that_nothing_fits_is_refused(tmp_path):
    images = write_set(tmp_path / "set")
    with pytest.raises(ValueError, match=r"no image fits .*'city': \('x',\)"):
        select_label_maps.build(tmp_path, config=SelectionConfig(where={"city": ("x",)}), images=images)
