import pytest

from tasks.detection.annotated_photos import find_annotated_photos
from tasks.detection.evaluation import EvaluationConfig
from tasks.detection.preparing_sets import DetectionSetConfig
from tasks.detection.scoring_photos import compare_scorecards, find_in_photos, score_found
from tasks.report.score_content import ScoreContent
from tasks.report.score_tables import (
    bin_tables,
    difference_table,
    error_table,
    figure_table,
    say_size,
    scene_table,
)
from tests.tasks.detection.squares import squares_detector, write_photos

A, FAR = (0, 0, 20, 20), (0, 40, 20, 60)


@pytest.fixture
def content(tmp_path):
    """Two detectors on three scenes: one finds what is there in two of them, the other, of a low threshold, in all."""

    def write(folder, **fields):
        folder.mkdir()
        photos = {
            "one_1.png": ({A: 250}, [A]),
            "two_1.png": ({A: 250, FAR: 200}, [A]),
            "three_1.png": ({A: 90}, [A]),
        }
        return write_photos(folder, photos, **fields)

    def card(name, threshold, photos):
        found = find_in_photos(squares_detector(), photos, DetectionSetConfig(target="person"))
        return score_found(name, found, EvaluationConfig(), threshold=threshold)

    def make(**fields):
        path = write(tmp_path / f"set{len(list(tmp_path.iterdir()))}", **fields)
        photos = find_annotated_photos(path, path.parent / "images")
        cards = [card("a.pt", 0.5, photos), card("b.pt", 0.3, photos)]
        settings = {"detector": "a.pt", "annotations": path, "iou": 0.5}
        return ScoreContent(cards, compare_scorecards(*cards), (), "person", 0.5, settings)

    return make


def test_what_was_scored_is_said_with_what_the_intervals_hold(content):
    assert say_size(content()) == (
        "3 boxes of person in 3 images; a hit overlaps by IoU 0.5 (AP as named); 95 % intervals over 3 scenes, drawn whole"
    )


def test_figures_stand_with_intervals_a_column_a_detector(content):
    table = figure_table(content())
    assert table.header == ("", "a.pt", "b.pt")
    rows = {name: cells for name, *cells in table.rows}
    assert rows["at threshold"] == ["0.500", "0.300"]
    # a.pt: 2 right of 3 found and 3 annotated; b.pt: 3 right of 4 found
    assert rows["Precision"][0].startswith("0.667 [") and rows["Precision"][1].startswith("0.750 [")
    assert rows["Recall"][1] == "1.000 [1.000, 1.000]"


def test_differences_are_paired_and_only_there_beside_a_baseline(content):
    made = content()
    table = difference_table(made)
    assert table is not None and table.rows[0] == ("AP50", "+0.000", "[+0.000, +0.000]")
    assert difference_table(ScoreContent(made.cards[:1], None, (), "person", 0.5, {})) is None


def test_scenes_have_their_figures_and_means(content):
    table = scene_table(content().cards[0])
    assert table is not None
    assert [row[0] for row in table.rows] == ["one", "three", "two", "mean over scenes"]
    assert table.header[2:] == ("AP50", "AP30", "Precision", "Recall", "F1")
    # F1: 1, 0, and 2 / 3 with one false detection; AP50 1 in each, as the false one comes last
    assert [row[-1] for row in table.rows] == ["1.000", "0.000", "0.667", "0.556"]
    assert table.rows[-1][:3] == ("mean over scenes", "3", "1.000")


def test_visibility_has_a_table_where_any_is_known(content):
    assert [table.header[:2] for table in bin_tables(content())] == [("", "Boxes")] * 2
    hidden = bin_tables(content(visibility=0.6))[-1]
    assert hidden.header == ("", "Boxes", "a.pt: R", "b.pt: R")
    assert hidden.rows[1] == ("0.5 – 0.8", "3", "0.67", "1.00")


def test_errors_are_counted_by_kind(content):
    table = error_table(content())
    assert table.header == ("", "Missed", "Background", "Localisation", "Duplicate")
    assert table.rows == (("a.pt", "1", "1", "0", "0"), ("b.pt", "0", "1", "0", "0"))


def test_the_record_has_plain_values(content):
    record = content().record()
    assert record["settings"]["iou"] == 0.5 and record["settings"]["annotations"].endswith("boxes.json")
    assert (record["num_images"], record["num_boxes"], record["num_scenes"]) == (3, 3, 3)
