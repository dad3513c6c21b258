from models.judging.measures import F1, find_measure
from tasks.sweeping.row_scores import best_score, draw_bars, find_arms, find_score, name_scores, say_best

FID = find_measure("fid")
ROWS = [
    {"S FID": 9.0, "S FID low": 7.0, "S FID high": 12.0, "R FID": 4.0},
    {"S FID": 6.0, "R FID": 4.0},
    {"error": "it failed"},
]


def test_an_arm_s_columns_are_its_measures_and_the_interval_of_the_main_one():
    score = {"arm": "S", "precision": 0.6, "recall": 0.4, "f1": 0.5, "interval": (0.4, 0.6)}
    assert name_scores(score, {}) == {"S P": 0.6, "S R": 0.4, "S F1": 0.5, "S F1 low": 0.4, "S F1 high": 0.6}


def test_arms_are_found_by_the_measure_that_the_table_names():
    content = {"rows": [{"S F1": 0.5, "S P": 0.5}, {"R F1": 0.5, "change": 1.0}]}
    assert find_arms(content) == ["S", "R"] and find_score(content["rows"][0], "R", F1) is None
    assert find_arms({"rows": ROWS, "measure": FID.record()}) == ["S", "R"]


def test_the_best_is_the_smallest_where_smaller_is_better():
    assert best_score(ROWS, "S", FID) == 6.0 and best_score(ROWS, "R", FID) is None
    names = ["one", "two", "three"]
    assert say_best(ROWS, names, "S", FID) == "Trained on S: the lowest FID is 6.00, at two."
    assert say_best(ROWS, names, "R", FID) == "Trained on R: FID 4.00 at every point."


def test_bars_share_a_scale_and_say_their_interval():
    first, second, failed = draw_bars(ROWS, ["S", "R"], FID)
    # 120 px for 4 to 12
    bar = first["S"]
    assert (bar.low_px, bar.value_px, bar.high_px, bar.text) == (50, 80, 125, "7.00 – 12.00")
    assert (second["S"].low_px, second["S"].high_px, second["S"].text) == (35, 35, "no interval")
    assert failed == {}
