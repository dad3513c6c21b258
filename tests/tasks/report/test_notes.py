import pandas as pd

from tasks.report.notes import warnings
from tasks.report.tables import with_bounds, write_tables


def content(*, interval=None, has_test=True, is_sample_site=False, num_clips=20, val_f1=0.6, num_seeds=3):
    average = {"AP50": 0.25}
    seeds = [
        {"seed": seed, "f1": 0.4 + seed / 10, "average_precisions": average} for seed in range(num_seeds)
    ]
    comparison = {
        "arm": "S",
        "baseline": "R_train",
        "difference": 0.1,
        "interval": interval,
        "p_value": 0.2,
        "verdict": "cannot tell",
        "needed": {"images": {"num_images": 80, "num_clips": 40}, "num_trainings": None, "all": None},
        "size": {"num_images": 40, "num_clips": num_clips, "num_seeds": num_seeds, "num_comparisons": 1},
    }
    return {
        "config": {"has_test": has_test, "is_sample_site": is_sample_site},
        "leaks": {"pairs": [], "cut_clips": [], "left_out": []},
        "evaluation": {
            "num_images": 40,
            "num_clips": num_clips,
            "num_seeds": num_seeds,
            "scores": [
                {"arm": "S", "f1": 0.5, "val_f1": val_f1, "interval": interval}
                | {"average_precisions": average, "seeds": seeds}
            ],
            "comparisons": [comparison],
        },
    }


def test_a_stand_in_a_missing_test_set_and_few_clips_are_said():
    assert warnings(content()) == []
    notes = " ".join(warnings(content(has_test=False, is_sample_site=True, num_clips=1)))
    assert "rendered stand-in" in notes and "There is no R_test" in notes and "1 clip(s)" in notes


def test_few_clips_are_said_to_decide_nothing_or_to_make_wide_intervals():
    (note,) = warnings(content(num_clips=2))
    assert "of 2 clip(s)" in note and "too narrow. No verdict is given: images of more clips" in note
    (note,) = warnings(content(num_clips=3))
    assert note == "The images scored are of 3 clips only: intervals from so few are wide."
    assert warnings(content(num_clips=10)) == []


def test_one_seed_is_said_to_have_no_interval():
    (note,) = warnings(content(num_seeds=1))
    assert "no interval over seeds exists" in note and "training.detector_seeds" in note


def test_detectors_that_learned_nothing_are_said_to_have_learned_nothing():
    notes = " ".join(warnings(content(val_f1=0.04)))
    assert "F1 of 0.04 on R_val only: none has learned its task" in notes


def test_only_where_it_is_known_what_is_nothing_it_is_said():
    other = content(num_seeds=1)
    other["evaluation"]["measure"] = {"name": "psnr", "title": "PSNR"}
    (note,) = warnings(other)
    assert "PSNR may well move, so that nothing is concluded" in note
    assert "F1 may well move by several hundredths" in warnings(content(num_seeds=1))[0]


def test_leaks_are_named():
    pair = "a.png (train) and b.png (test) differ in 3 of 1024 bits"
    leaks = {"pairs": [pair], "cut_clips": ["'monday' in train (4) and val (2)"], "left_out": []}
    note, other = warnings(content() | {"leaks": leaks})
    assert pair in note and note.startswith("1 pair(s)")
    assert other.startswith(
        "1 clip(s) have images in several splits: 'monday' in train (4) and val (2). Frames"
    )


def test_tables_hold_the_interval_as_two_columns(tmp_path):
    rows = content(interval=(0.4, 0.6))
    write_tables(tmp_path, rows, [{"label": "report", "seconds": 1.5}])
    result = pd.read_csv(tmp_path / "results.csv")
    assert result.loc[0, ["interval_low", "interval_high"]].tolist() == [0.4, 0.6]
    assert result.loc[0, "AP50"] == 0.25 and "seeds" not in result
    assert pd.read_csv(tmp_path / "seeds.csv")["seed"].tolist() == [0, 1, 2]
    compared = pd.read_csv(tmp_path / "comparisons.csv")
    assert compared.loc[0, ["needed_images", "needed_clips"]].tolist() == [80, 40] and "size" not in compared
    assert compared.loc[0, "measure"] == "f1"
    assert pd.read_csv(tmp_path / "artifacts.csv").loc[0, "seconds"] == 1.5
    assert with_bounds([{"arm": "S", "interval": None}]).loc[0, "interval_low"] is None
