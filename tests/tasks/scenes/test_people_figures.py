import numpy as np
import pytest

from tasks.datasets.annotations import AnnotatedImage, Annotation
from tasks.scenes.people_figures import (
    CORE_SHARE,
    PeopleFigures,
    comparable_people,
    core_mask,
    figure_ratios,
    measure_person,
    median_figures,
    outline,
    say_difference,
)

REAL = PeopleFigures(spread=40.0, highlights=200.0, sharpness=10.0, saturation=80.0, length_px=150.0)


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> np.ndarray:
    image = np.empty((60, 60, 3), np.uint8)
    image[:, :30], image[:, 30:] = left, right
    return image


def test_the_core_is_an_ellipse_of_four_fifths_of_the_sides():
    core = core_mask((60, 80), (40.0, 30.0, 50.0, 40.0, 0.0))
    assert core.sum() == pytest.approx(np.pi / 4 * 0.64 * 50 * 40, rel=0.01)
    rows, columns = np.nonzero(core)
    assert (columns.min(), columns.max()) == (20, 59)  # 40 -+ 0.8 * 25
    assert (rows.min(), rows.max()) == (14, 45)


def test_a_quarter_turn_swaps_the_sides_and_degrees_count_clockwise():
    upright = core_mask((60, 60), (30.0, 30.0, 20.0, 50.0, 0.0))
    assert np.array_equal(core_mask((60, 60), (30.0, 30.0, 50.0, 20.0, 90.0)), upright)
    leaning = core_mask((60, 60), (30.0, 30.0, 10.0, 50.0, 45.0))
    assert leaning[16, 43] and not leaning[16, 16]  # clockwise, the top goes to the right


def test_the_figures_of_a_black_and_white_person():
    person = measure_person(halves((0, 0, 0), (255, 255, 255)), (30.0, 30.0, 40.0, 40.0, 0.0))
    core = core_mask((60, 60), (30.0, 30.0, 40.0, 40.0, 0.0))
    assert person is not None
    assert person.spread == pytest.approx(127.5) and person.highlights == 255
    # the four-neighbour Laplacian answers by one step, on both sides of the edge
    assert person.sharpness == pytest.approx(255 * core[:, 29:31].sum() / core.sum())
    assert person.saturation == 0 and person.length_px == 40


def test_saturation_is_that_of_hsv():
    person = measure_person(halves((200, 100, 100), (50, 100, 0)), (30.0, 30.0, 40.0, 50.0, 0.0))
    assert person is not None
    # (max - min) / max of either half: a half, and all
    assert person.saturation == pytest.approx(255 * (0.5 + 1) / 2, abs=0.5)
    assert person.length_px == 50


def test_somebody_beyond_the_edge_is_not_measured():
    assert measure_person(halves((0, 0, 0), (9, 9, 9)), (-10.0, 30.0, 20.0, 20.0, 0.0)) is None


def test_crowds_and_hidden_people_are_left_out():
    boxes = [
        Annotation("person", (0, 0, 9, 9), 1),
        Annotation("person", (0, 0, 9, 9), 2, visibility=0.29),
        Annotation("person", (0, 0, 9, 9), 3, is_crowd=True),
        Annotation("head", (0, 0, 9, 9), 4),
    ]
    image = AnnotatedImage("a.png", 20, 20, (10, 10), tuple(boxes))
    assert [box.person_id for box in comparable_people(image)] == [1]


def test_an_upright_box_is_outlined_as_a_rotated_one_of_no_turn():
    box = Annotation("person", (10, 20, 30, 60), 1, rotated_box=(1, 2, 3, 4, 5))
    assert outline(box, is_rotated=False) == (20, 40, 20, 40, 0)
    assert outline(box, is_rotated=True) == (1, 2, 3, 4, 5)


def test_medians_and_ratios_are_taken_figure_by_figure():
    others = [PeopleFigures(10, 1, 5, 80, 3), PeopleFigures(20, 9, 5, 20, 1), PeopleFigures(60, 5, 5, 40, 2)]
    median = median_figures(others)
    assert median == PeopleFigures(20, 5, 5, 40, 2)
    ratios = figure_ratios(REAL, median)
    assert (ratios["spread"], ratios["sharpness"], ratios["saturation"]) == (0.5, 0.5, 0.5)


def test_the_sentence_names_the_largest_factor_and_what_moves_it():
    ours = PeopleFigures(spread=30.0, highlights=180.0, sharpness=25.0, saturation=80.0, length_px=150.0)
    sentence = say_difference(REAL, ours)
    assert "mean absolute Laplacian: 250 %" in sentence and "more than it should be" in sentence
    assert sentence.endswith("render.settings.sensor.sharpening or people.fold_height_m moves it.")


def test_the_sentence_is_content_within_fifteen_in_a_hundred():
    ours = PeopleFigures(spread=45.0, highlights=175.0, sharpness=9.0, saturation=70.0, length_px=150.0)
    assert say_difference(REAL, ours).startswith("All five are within 15 %")
    assert CORE_SHARE < 1
