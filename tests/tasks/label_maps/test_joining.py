import numpy as np
import pytest

from tasks.formats.label_maps import read_label_maps
from tasks.label_maps.joining import join_label_maps
from tests.tasks.segmentation.test_evaluation import TRUTH, write_set


def test_sets_stand_one_behind_the_other_with_what_all_of_them_have(tmp_path):
    first = write_set(tmp_path / "first", depth_cm=np.zeros(TRUTH.shape, np.uint16))
    second = write_set(tmp_path / "second", labels=TRUTH[:, ::-1].copy(), conditions=("night",) * 3)
    join_label_maps.build(tmp_path, config=None, sets=[first, second])
    found = read_label_maps(tmp_path)
    assert found.labels is not None and found.depth_cm is None
    np.testing.assert_array_equal(found.labels, np.concatenate([TRUTH, TRUTH[:, ::-1]]))
    assert [record.condition for record in found.records] == [*("", "", ""), *("night",) * 3]
    assert found.table == read_label_maps(first).table


def test_sets_of_another_size_are_refused(tmp_path):
    first = write_set(tmp_path / "first")
    second = write_set(tmp_path / "second", labels=np.zeros((3, 4, 6), np.uint8))
    with pytest.raises(ValueError, match="2 x 2 and 6 x 4 px cannot be one set; scale both alike"):
        join_label_maps.build(tmp_path, config=None, sets=[first, second])


def test_sets_of_other_classes_are_refused(tmp_path):
    first, second = write_set(tmp_path / "first"), write_set(tmp_path / "second")
    table = read_label_maps(first).table
    assert table is not None
    label = table.labels[0].model_copy(update={"name": "another"})
    renamed = table.model_copy(update={"labels": (label, *table.labels[1:])})
    (second / "classes.json").write_text(renamed.model_dump_json())
    with pytest.raises(
        ValueError, match=r"sets with the classes road, car and another, car cannot be one set"
    ):
        join_label_maps.build(tmp_path, config=None, sets=[first, second])
