import json

import numpy as np
import pytest

from models.judging.measures import F1, MEASURES, find_measure, read_measure
from models.judging.sufficient_statistics import (
    class_statistics,
    detection_statistics,
    error_statistics,
    value_statistics,
)

ONE = np.array([[5, 1, 0], [2, 3, 0], [0, 0, 0]])  # class 2 is neither annotated nor predicted


def of_classes(name, confusion):
    """The score of one image's confusion matrix."""
    return find_measure(name).by_seed(class_statistics(np.array(confusion))[None, None])[0]


def test_f1_pools_counts_over_images_seed_by_seed_and_is_never_nan():
    both = detection_statistics(np.array([[3, 0], [1, 1]]), np.array([[4, 0], [2, 2]]), np.array([5, 1]))
    weights = np.array([[1, 1], [0, 1], [0, 0], [2, 0]])
    expected = [[6 / 10, 4 / 10], [0, 2 / 3], [0, 0], [6 / 9, 2 / 7]]
    np.testing.assert_allclose(F1.drawn(both, weights), expected)
    np.testing.assert_allclose(F1.by_seed(both), [6 / 10, 4 / 10])


def test_precision_and_recall_are_of_what_was_found_and_of_what_is_there():
    found = detection_statistics(np.array([[3, 0], [0, 0]]), np.array([[4, 2], [0, 0]]), np.array([5, 1]))
    assert find_measure("precision").by_seed(found) == pytest.approx([3 / 6, 0])
    assert find_measure("recall").by_seed(found) == pytest.approx([3 / 6, 0])


def test_the_measures_of_long_et_al_worked_out_by_hand():
    # t = 6, 5, 0; predicted 7, 4, 0; right 5, 3, 0. IoU 5/8, 3/6; class 2 is left out of the means.
    assert of_classes("pixel_accuracy", ONE) == pytest.approx(8 / 11)
    assert of_classes("class_accuracy", ONE) == pytest.approx((5 / 6 + 3 / 5) / 2)
    assert of_classes("mean_iou", ONE) == pytest.approx((5 / 8 + 3 / 6) / 2)
    assert of_classes("frequency_weighted_iou", ONE) == pytest.approx((6 * 5 / 8 + 5 * 3 / 6) / 11)
    assert of_classes("class_iou:1", ONE) == pytest.approx(1 / 2)
    assert np.isnan(of_classes("class_iou:2", ONE))


def test_a_class_that_is_only_predicted_has_an_iou_of_0_and_no_accuracy():
    false_alarm = [[5, 1, 0], [2, 3, 2], [0, 0, 0]]
    # t = 6, 7, 0; predicted 7, 4, 2
    assert of_classes("mean_iou", false_alarm) == pytest.approx((5 / 8 + 3 / 8 + 0) / 3)
    assert of_classes("class_accuracy", false_alarm) == pytest.approx((5 / 6 + 3 / 7) / 2)
    assert of_classes("frequency_weighted_iou", false_alarm) == pytest.approx((6 * 5 / 8 + 7 * 3 / 8) / 13)


def test_the_measures_of_classes_agree_with_counting_pixel_by_pixel():
    """Two seeds, 5 images, 4 classes and void (-1 in the truth), with sets of pixels instead of matrices."""
    rng = np.random.default_rng(0)
    truth = rng.integers(-1, 4, (5, 60))
    predicted = np.where(rng.random((2, 5, 60)) < 0.6, truth, rng.integers(0, 4, (2, 5, 60)))
    predicted[predicted < 0] = 0
    weights = np.array([[1, 0, 2, 1, 1], [0, 3, 1, 0, 1]])
    confusion = np.zeros((2, 5, 4, 4))
    for (seed, image, pixel), value in np.ndenumerate(predicted):
        if truth[image, pixel] >= 0:
            confusion[seed, image, truth[image, pixel], value] += 1
    statistics = class_statistics(confusion)
    for draw, row in enumerate(weights):
        chosen = np.repeat(np.arange(5), row)
        for seed in range(2):
            pairs = [
                (a, b)
                for image in chosen
                for a, b in zip(truth[image], predicted[seed, image], strict=True)
                if a >= 0
            ]
            shares = [sum(a == c for a, _ in pairs) / len(pairs) for c in range(4)]
            accuracies = [
                sum(a == b == c for a, b in pairs) / sum(a == c for a, _ in pairs) for c in range(4)
            ]
            ious = [sum(a == b == c for a, b in pairs) / sum(c in pair for pair in pairs) for c in range(4)]
            expected = {
                "pixel_accuracy": sum(a == b for a, b in pairs) / len(pairs),
                "class_accuracy": np.mean(accuracies),
                "mean_iou": np.mean(ious),
                "frequency_weighted_iou": np.dot(shares, ious),
                "class_iou:3": ious[3],
            }
            for name, value in expected.items():
                assert find_measure(name).drawn(statistics, weights)[draw, seed] == pytest.approx(value), name


def test_psnr_of_images_is_averaged_and_that_of_the_pooled_error_is_another():
    # squared errors .01 and .0001 of a peak of 1: 20 and 40 dB; pooled .00505
    values, weights = value_statistics(np.array([[20.0, 40.0]])), np.array([[1, 1], [3, 1], [0, 0]])
    np.testing.assert_allclose(find_measure("psnr").drawn(values, weights)[:, 0], [30, 25, np.nan])
    errors = error_statistics(np.array([[0.04, 0.0004]]), np.array([4, 4]), peak=1.0)
    assert find_measure("pooled_psnr").by_seed(errors) == pytest.approx(-10 * np.log10(0.00505))
    assert find_measure("pooled_psnr").by_seed(0 * errors + [0, 1]) == np.inf


def test_a_gain_is_where_the_score_becomes_better():
    assert F1.gain(0.1) == 0.1 and find_measure("fid").gain(0.1) == -0.1
    assert F1.limit((-0.2, 1.3)) == (0, 1) and find_measure("fid").limit((-3.0, 5.0)) == (0, 5)
    assert find_measure("psnr").limit((-3.0, 50.0)) == (-3, 50)


def test_numbers_have_as_many_decimals_as_the_measure_deserves():
    assert F1.pattern.format(0.12345) == "0.123" and F1.signed_pattern.format(0.1) == "+0.100"
    assert find_measure("psnr").pattern.format(24.567) == "24.57"


@pytest.mark.parametrize("name", [*MEASURES, "class_iou:7"])
def test_a_measure_comes_back_from_json_by_its_name(name):
    measure = find_measure(name)
    assert measure.name == name and read_measure(json.loads(json.dumps(measure.record()))) == measure


def test_no_short_name_ends_with_another_so_that_columns_of_tables_can_be_told_apart():
    shorts = {measure.short for measure in MEASURES.values()}
    assert len(shorts) == len(MEASURES)
    assert not [(a, b) for a in shorts for b in shorts if a.endswith(f" {b}")]


def test_a_pipeline_may_name_a_class_in_words_and_older_records_are_of_f1():
    person = read_measure({"name": "class_iou:1", "title": "IoU of person"})
    assert (person.title, person.short) == ("IoU of person", "IoU of person")
    assert person.by_seed(class_statistics(ONE)[None, None]) == pytest.approx([1 / 2])
    assert person == read_measure(person.record()) and read_measure(None) == F1


def test_wrong_names_and_statistics_are_refused():
    with pytest.raises(ValueError, match="no measure 'iou'; there are precision, recall, f1"):
        find_measure("iou")
    with pytest.raises(
        ValueError, match=r"F1 needs statistics \[seeds, images, 3\], but they were \[1, 1, 9\]"
    ):
        F1.by_seed(class_statistics(ONE)[None, None])
    with pytest.raises(ValueError, match="three for each class"):
        find_measure("mean_iou").by_seed(np.zeros((1, 1, 4)))
    with pytest.raises(ValueError, match="there is no class 3 of 3"):
        of_classes("class_iou:3", ONE)
