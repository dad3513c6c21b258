"""The tables of the page, from figures written by hand."""

from models.judging.measures import find_measure
from tasks.night.page import confusion_table, lighting_table, main_table, translation_table, twin_table
from tasks.night.report import night_rows
from tasks.night.seed_figures import SEED_ROWS, STAIRS
from tasks.night.stairs_plot import plot_stairs

MEASURE = find_measure("mean_iou").record()
EVALUATION = {
    "measure": MEASURE,
    "scores": [
        {"arm": "3.1", "mean_iou": 0.4125, "interval": [0.4, 0.43]},
        {"arm": "own", "mean_iou": 0.5, "interval": None},
    ],
}
CONVERTED = {
    "measure": MEASURE,
    "scores": [
        {"arm": "own", "mean_iou": 0.2, "interval": None},
        {"arm": "3.1", "mean_iou": 0.3, "interval": None},
    ],
}


def test_ours_stands_beside_the_seed_s_row_of_the_same_name():
    table = main_table(night_rows(EVALUATION, CONVERTED))
    told = "day and night, perceptual translator"
    assert table.rows == (
        ("3.1", told, "41.2", "[40.0, 43.0]", "33.9", "30.0", "29.3"),
        ("own", "–", "50.0", "–", "–", "20.0", "–"),
    )
    assert [row[5] for row in main_table(night_rows(EVALUATION, None)).rows] == ["–", "–"]


def test_the_seed_s_stairs_rise_to_its_best():
    values = [SEED_ROWS[name].mean_iou_percent for name in STAIRS]
    assert values == sorted(values) == [27.5, 29.0, 31.5, 33.9, 34.2, 34.7, 39.3, 40.7]
    assert max(row.mean_iou_percent for row in SEED_ROWS.values()) == values[-1]


def test_stairs_need_two_steps():
    rows = night_rows(EVALUATION, CONVERTED)[:1]
    assert plot_stairs(rows) == ""
    assert "the seed, single runs" in plot_stairs([*rows, rows[0] | {"arm": "4.1"}])


def test_translators_show_distances_and_moved_hues():
    side = {"frechet": 12.345, "kid": 0.01234, "kid_std": 0.1}
    figures = {"count": 9, "before": side, "after": side | {"frechet": 1.0}}
    figures["moved_hues"] = {"traffic light": 0.25, "traffic sign": None}
    few = {"count": 1, "moved_hues": {}}
    assert translation_table({"unit": figures, "few": few}).rows == (
        ("unit", "9", "12.35", "1.00", "0.0123", "0.0123", "traffic light 25%"),
        ("few", "1", "–", "–", "–", "–", "–"),
    )


def test_lights_show_counts_and_agreement_where_it_is_known():
    counts = {"day": 3, "twilight": 1, "night": 2}
    lights = {
        "source": {"counts": counts, "agreement": None},
        "target": {"counts": counts, "agreement": {"accuracy": 0.8, "counts": {}}},
    }
    assert lighting_table(lights).rows == (
        ("source", "3", "1", "2", "–"),
        ("target", "3", "1", "2", "80.0%"),
    )


def test_known_lights_are_shown_against_what_was_told():
    counts = {
        "day": {"day": 5, "twilight": 1, "night": 0},
        "twilight": {"day": 0, "twilight": 2, "night": 1},
        "night": {"day": 0, "twilight": 0, "night": 7},
    }
    lights = {"source": {"agreement": None}, "target": {"agreement": {"accuracy": 0.9, "counts": counts}}}
    assert confusion_table(lights).rows == (
        ("target", "day", "5", "1", "0"),
        ("target", "twilight", "0", "2", "1"),
        ("target", "night", "0", "0", "7"),
    )


def test_twins_show_distances_before_and_after():
    twins = {"unit": {"count": 8, "before": 60.04, "after": 12.25, "nearer_share": 0.875}}
    assert twin_table(twins).rows == (("unit", "8", "60.0", "12.2", "88%"),)
