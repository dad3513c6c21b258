import numpy as np
import pytest

from tasks.formats.label_maps import read_label_maps
from tasks.soiling.quarter_size import reduce_label_maps
from tests.tasks.soiling.small_sets import write_clean


def test_images_and_label_maps_have_a_quarter_of_width_and_height(tmp_path):
    clean = write_clean(tmp_path / "clean", side=64)
    whole = read_label_maps(clean)
    (tmp_path / "out").mkdir()
    reduce_label_maps.build(tmp_path / "out", None, images=clean)
    found = read_label_maps(tmp_path / "out")
    assert found.images.shape == (4, 16, 16, 3) and found.records == whole.records
    # Blocks of 8 pixels become 2: what lies in a pixel has one label.
    assert np.array_equal(found.labels, whole.labels[:, ::4, ::4])
    means = np.asarray(whole.images).reshape(4, 16, 4, 16, 4, 3).mean(axis=(2, 4))
    assert np.abs(found.images - means).mean() < 16, "bicubic reduction keeps means, but sharpens edges"


def test_sides_that_four_does_not_divide_are_refused(tmp_path):
    clean = write_clean(tmp_path / "clean", side=72)
    cut = np.array(read_label_maps(clean).images)[:, :70]
    np.save(clean / "images.npy", cut)
    (tmp_path / "out").mkdir()
    with pytest.raises(ValueError, match="cannot be reduced by 4; crop them to 72 x 68"):
        reduce_label_maps.build(tmp_path / "out", None, images=clean)
