import numpy as np
import pytest

from tasks.formats.label_maps import read_label_maps
from tasks.night.report import labelled_share
from tests.tasks.night.sets import write_set


def test_what_a_segmenter_was_sure_of_is_told_as_a_share_of_pixels_and_by_class(tmp_path):
    folder = write_set(tmp_path / "guessed", (20, 30), height=2, width=4)
    labels = np.full((2, 2, 4), 255, np.uint8)
    labels[0, 0], labels[1, 0, 0] = 1, 0
    np.save(folder / "labels.npy", labels)
    assert labelled_share(read_label_maps(folder)) == {
        "labelled_share": pytest.approx(5 / 16),
        "classes": ["car", "road"],
    }
    np.save(folder / "labels.npy", np.full((2, 2, 4), 255, np.uint8))
    assert labelled_share(read_label_maps(folder)) == {"labelled_share": 0, "classes": []}
