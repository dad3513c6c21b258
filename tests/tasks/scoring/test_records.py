import json

import numpy as np

from models.judging.measures import F1, find_measure
from tasks.scoring.records import (
    Counted,
    digest_truth,
    main_measure,
    name_measures,
    read_counted,
    shown_measures,
    validation_key,
)


def test_an_evaluation_names_its_measures_and_an_older_one_is_of_people():
    miou, accuracy = find_measure("mean_iou"), find_measure("pixel_accuracy")
    named = json.loads(json.dumps(name_measures(miou, [accuracy, miou])))
    assert main_measure(named) == miou and shown_measures(named) == [accuracy, miou]
    assert validation_key(miou) == "val_mean_iou"
    assert main_measure({}) == F1
    assert [measure.name for measure in shown_measures({})] == ["precision", "recall", "f1"]


def test_statistics_come_back_from_json_and_whole_numbers_have_no_point():
    arms = {"R": np.array([[[1.0, 3.0], [2.0, 4.0]]]), "S": np.array([[[0.5, 1.0], [1 / 3, 1.0]]])}
    counted = Counted(("a", "b"), ("x", "x"), ("1", "2"), (7,), arms, {"IoU": 0.5})
    text = json.dumps(counted.record())
    assert "[[[1, 3], [2, 4]]]" in text
    found = read_counted(json.loads(text))
    assert (found.images, found.clips, found.truths, found.seeds) == (
        ("a", "b"),
        ("x", "x"),
        ("1", "2"),
        (7,),
    )
    assert all(np.array_equal(found.arms[name], arms[name]) for name in arms)
    assert found.conditions == {"IoU": 0.5}


def test_the_truth_of_an_image_is_told_from_another_and_lists_are_as_tuples():
    assert digest_truth([((0.0, 1.0),), ()]) == digest_truth([[[0.0, 1.0]], []])
    assert digest_truth([[[0.0, 1.0]], []]) != digest_truth([[], [[0.0, 1.0]]])
