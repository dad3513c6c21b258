import pandas as pd
import pytest

from tasks.report.page import headline, warnings
from tasks.report.tables import with_bounds, write_tables


def content(*, interval, verdict, has_test=True, is_sample_site=False, num_clips=20, val_f1=0.6):
    return {
        "config": {"has_test": has_test, "is_sample_site": is_sample_site},
        "evaluation": {
            "num_images": 40,
            "num_clips": num_clips,
            "scores": [{"arm": "S", "f1": 0.5, "val_f1": val_f1, "interval": interval}],
            "comparisons": [
                {
                    "arm": "S",
                    "baseline": "R_train",
                    "difference": 0.1,
                    "interval": interval,
                    "verdict": verdict,
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("interval", "verdict", "sentence"),
    [
        ((0.02, 0.2), "helps", "S against R_train: F1 +0.100 [+0.020, +0.200] on 40 images: better."),
        (
            (-0.1, 0.2),
            "cannot tell",
            "S against R_train: F1 +0.100 [-0.100, +0.200] on 40 images: no difference can be told.",
        ),
    ],
)
def test_the_headline_says_the_difference_with_its_interval(interval, verdict, sentence):
    assert headline(content(interval=interval, verdict=verdict)) == [sentence]


def test_without_an_interval_nothing_is_claimed():
    (sentence,) = headline(content(interval=None, verdict="cannot tell"))
    assert "gives no interval: cannot tell" in sentence


def test_a_stand_in_a_missing_test_set_and_few_clips_are_said():
    plain = warnings(content(interval=None, verdict="cannot tell"))
    assert len(plain) == 1 and "One training seed" in plain[0]
    notes = " ".join(
        warnings(content(interval=None, verdict="", has_test=False, is_sample_site=True, num_clips=1))
    )
    assert "rendered stand-in" in notes and "There is no R_test" in notes and "1 clip(s)" in notes


def test_detectors_that_learned_nothing_are_said_to_have_learned_nothing():
    notes = " ".join(warnings(content(interval=(0.0, 0.1), verdict="helps", val_f1=0.04)))
    assert "F1 of 0.04 on R_val only: none has learned its task" in notes


def test_tables_hold_the_interval_as_two_columns(tmp_path):
    rows = content(interval=(0.4, 0.6), verdict="helps")
    write_tables(tmp_path, rows, [{"label": "report", "seconds": 1.5}])
    result = pd.read_csv(tmp_path / "results.csv")
    assert result.loc[0, ["interval_low", "interval_high"]].tolist() == [0.4, 0.6]
    assert pd.read_csv(tmp_path / "artifacts.csv").loc[0, "seconds"] == 1.5
    assert with_bounds([{"arm": "S", "interval": None}]).loc[0, "interval_low"] is None
