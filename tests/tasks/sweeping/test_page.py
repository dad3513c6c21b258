from tasks.report.blocks import Table
from tasks.sweeping.page import list_refiners


def test_columns_with_words_stand_left_and_numbers_and_gaps_right():
    rows = (("12", "0.5", "R_train", "[0.1, 0.2]", "–"), ("13", "–", "–", "–", "+0.100"))
    assert Table("", ("a", "b", "c", "d", "e"), rows).text_columns == {0, 2}
    assert Table("", ("a", "b"), ()).text_columns == {0}


def test_a_refiner_that_points_share_is_listed_once_and_every_failure_stays():
    rows = [
        {"section": "sizes", "refiner_key": "aa", "frechet": 1.0},
        {"section": "style", "refiner_key": "aa", "frechet": 1.0},
        {"section": "other", "refiner_key": "bb", "frechet": 1.0},
        {"section": "new renders", "refiner_key": "aa", "frechet": 2.0},
        {"section": "x", "error": "no"},
        {"section": "y", "error": "no"},
    ]
    names = [row["section"] for row in list_refiners(rows, ["frechet"])]
    assert names == ["sizes", "other", "new renders", "x", "y"]
