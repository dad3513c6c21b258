import numpy as np
import pytest

from tasks.detection.annotated_photos import find_annotated_photos
from tasks.detection.evaluation import EvaluationConfig
from tasks.detection.preparing_sets import DetectionSetConfig
from tasks.detection.scoring_photos import compare_scorecards, find_in_photos, score_found
from tests.tasks.detection.squares import squares_detector, write_photos

A, B, FAR = (0, 0, 20, 20), (30, 0, 50, 20), (0, 40, 20, 60)
PERSONS = DetectionSetConfig(target="person")


def scored(folder, photos, *, name="squares", threshold=0.5, **fields):
    found_photos = find_annotated_photos(write_photos(folder, photos, **fields), folder / "images")
    found = find_in_photos(squares_detector(), found_photos, PERSONS)
    return score_found(name, found, EvaluationConfig(), threshold=threshold)


def test_every_figure_of_two_scenes_is_the_one_by_hand(tmp_path):
    """Best first: A in the first scene (right), FAR there (wrong), B in the second (right, below the threshold)."""
    card = scored(
        tmp_path,
        {"one_1.png": ({A: 250, FAR: 200}, [A]), "two_1.png": ({B: 100}, [B]), "two_2.png": ({}, [])},
    )
    values = {title: figure.value for title, figure in card.figures.items()}
    # precision 1 up to recall .5 (51 of 101 levels), then 2/3
    precision = (51 + 50 * 2 / 3) / 101
    expected = {"AP50": precision, "AP30": precision, "Precision": 1 / 2, "Recall": 1 / 2, "F1": 1 / 2}
    assert values == pytest.approx(expected)
    assert card.breakdown["errors"] == {"missed": 1, "background": 1, "localisation": 0, "duplicate": 0}
    first, second = card.by_scene["one"], card.by_scene["two"]
    assert (first["AP50"], first["Precision"], first["Recall"]) == (1, 1 / 2, 1)
    assert (second["AP50"], second["F1"]) == (1, 0)


def test_a_looser_hit_counts_for_ap30_alone(tmp_path):
    """The found box covers the left half of the annotated one and as much beside it: IoU 200 / 600."""
    card = scored(tmp_path, {"a_1.png": ({(0, 0, 20, 20): 250}, [(10, 0, 30, 20)])})
    assert (card.figures["AP30"].value, card.figures["AP50"].value, card.figures["F1"].value) == (1, 0, 0)
    assert card.figures["AP30"].interval is None, "one photo gives no interval"


def test_a_scene_without_boxes_has_no_figures_and_counts_its_false_ones(tmp_path):
    card = scored(tmp_path, {"one_1.png": ({A: 250}, [A]), "two_1.png": ({FAR: 240}, [])})
    assert set(card.by_scene["two"].values()) == {None}
    assert card.figures["Precision"].value == 1 / 2


def test_intervals_are_over_whole_scenes_and_hold_no_width_where_all_scenes_are_alike(tmp_path):
    alike = {f"scene{name}_{frame}.png": ({A: 250}, [A, B]) for name in "abcd" for frame in (1, 2)}
    card = scored(tmp_path, alike)
    assert card.figures["Recall"].interval == pytest.approx((0.5, 0.5))
    assert card.figures["AP50"].value == pytest.approx(51 / 101)
    assert card.figures["AP50"].interval == pytest.approx((51 / 101, 51 / 101))


def test_average_precision_has_an_interval_that_holds_it_where_scenes_differ(tmp_path):
    photos = {f"scene{number}_1.png": ({A: 250} if number % 3 else {FAR: 250}, [A]) for number in range(9)}
    figure = scored(tmp_path, photos).figures["AP50"]
    assert figure.interval is not None
    low, high = figure.interval
    assert 0 <= low < figure.value < high <= 1


def pair(tmp_path, num_scenes):
    """A detector that finds both boxes of every scene, and one that finds every other one of them."""
    good, poor = {}, {}
    for number in range(num_scenes):
        name = f"scene{chr(97 + number)}_1.png"
        good[name] = ({A: 250, B: 240}, [A, B])
        poor[name] = ({A: 250}, [A, B]) if number % 2 else ({B: 250, FAR: 240}, [A, B])
    (tmp_path / "good").mkdir()
    (tmp_path / "poor").mkdir()
    return scored(tmp_path / "good", good, name="good"), scored(tmp_path / "poor", poor, name="poor")


def test_two_given_detectors_are_told_apart_on_enough_scenes_without_seeds(tmp_path):
    good, poor = pair(tmp_path, 8)
    comparison = compare_scorecards(good, poor)
    judged = comparison.judgement
    # poor: 8 right of 12 found and 16 annotated, F1 16 / 28
    assert judged.difference == pytest.approx(1 - 16 / 28)
    assert judged.verdict == "helps" and judged.p_value is not None and judged.p_value <= 0.05
    assert str(judged.size) == "8 images", "no word of seeds"
    figure = comparison.precisions["AP50"]
    assert figure.value == pytest.approx(good.figures["AP50"].value - poor.figures["AP50"].value)
    assert figure.interval is not None and figure.interval[0] > 0
    assert compare_scorecards(poor, good).judgement.verdict == "hurts"


def test_on_two_scenes_nothing_is_decided(tmp_path):
    judged = compare_scorecards(*pair(tmp_path, 2)).judgement
    assert judged.verdict == "cannot tell"


def test_hidden_boxes_are_neither_required_nor_wrong_and_alone_are_a_mistake(tmp_path):
    with pytest.raises(ValueError, match=r"none of the 1 images has a box that must be found \(1 are crowds"):
        scored(tmp_path, {"a_1.png": ({A: 250}, [A])}, visibility=0.1)


def test_boxes_come_back_in_the_pixels_of_a_photo_of_another_shape(tmp_path):
    """Twice as wide as the detector's input: halved, with grey above and below."""
    photos = find_annotated_photos(write_photos(tmp_path, {"a_1.png": ({A: 250}, [A])}), tmp_path / "images")
    wide = squares_detector()
    wide = type(wide)(2 * wide.height_px, 2 * wide.width_px, wide.threshold, wide.find)
    found = find_in_photos(wide, photos, PERSONS)
    surest = found.images[0].boxes_xyxy[0]
    np.testing.assert_allclose(surest, A, atol=1)
