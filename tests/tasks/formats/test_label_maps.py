"""What a step writes of label maps is read back."""

import numpy as np

from tasks.class_tables.known import known_table
from tasks.formats.label_maps import LabelMapRecord, new_array, read_label_maps, write_records

RECORD = LabelMapRecord("a/b.png", "val", "drive", "ulm", "front", True, 640, 480)


def test_arrays_records_and_classes_are_read_back(tmp_path):
    new_array(tmp_path / "images.npy", (1, 2, 3, 3))[0] = np.arange(18).reshape(2, 3, 3)
    new_array(tmp_path / "labels.npy", (1, 2, 3))[0] = 7
    write_records(tmp_path, [RECORD], known_table("camvid11"))
    found = read_label_maps(tmp_path)
    assert found.records == (RECORD,) and found.table == known_table("camvid11")
    assert found.images[0, 1, 2].tolist() == [15, 16, 17] and found.labels.tolist() == [[[7] * 3] * 2]


def test_without_maps_there_are_no_labels_and_no_classes(tmp_path):
    new_array(tmp_path / "images.npy", (1, 2, 3, 3))
    write_records(tmp_path, [RECORD], None)
    assert (read_label_maps(tmp_path).labels, read_label_maps(tmp_path).table) == (None, None)
