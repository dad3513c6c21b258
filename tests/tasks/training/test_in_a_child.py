import csv
import io

from models.configs import WeightsFile
from models.features.config import FeaturesConfig
from models.training.checkpoints import save_checkpoint
from tasks.training.in_a_child import Pace, describe_losses, describe_seconds, resume_point, write_history

HISTORY = [
    {"step": 20, "total_steps": 40, "learning_rate": 0.001, "box": 4.5, "class_label": 0.0},
    {"step": 20, "total_steps": 40, "val_f1": 0.25},
]


def test_a_history_becomes_one_line_an_entry_with_gaps_where_it_has_no_such_figure():
    file = io.StringIO()
    write_history(file, HISTORY)
    assert file.getvalue().splitlines() == [
        "step,total_steps,learning_rate,box,class_label,val_f1",
        "20,40,0.001,4.5,0.0,",
        "20,40,,,,0.25",
    ]
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [row["val_f1"] for row in rows] == ["", "0.25"]


def test_the_history_of_a_training_without_steps_is_an_empty_table():
    file = io.StringIO()
    write_history(file, [])
    assert file.getvalue() == "\n"


def test_progress_names_the_first_three_losses_and_no_facts():
    entry = {"step": 2, "total_steps": 6, "epoch": 0, "a": 1.23456, "b": 0.5, "c": 12345.0, "d": 1.0}
    assert describe_losses(entry) == "a 1.23, b 0.5, c 1.23e+04"


def test_how_long_the_rest_takes_is_told_by_the_steps_behind_the_first():
    times = iter([100.0, 103.0, 110.0, 112.0])
    pace = Pace(clock=lambda: next(times))
    told = [pace.left(step, 1000) for step in (1, 4, 11, 1000)]
    assert told == ["", "about 17 min left", "about 16 min left", ""]


def test_durations_are_said_as_one_would():
    told = [describe_seconds(seconds) for seconds in (0.4, 89, 90, 3600, 5400, 36_000, 200_000)]
    assert told == ["0 s", "89 s", "2 min", "60 min", "1.5 h", "10.0 h", "2.3 days"]


def test_a_checkpoint_goes_on_with_the_places_of_this_run(tmp_path):
    config = FeaturesConfig(weights=WeightsFile(path="/there/w.pt"))
    save_checkpoint(tmp_path / "checkpoint.pt", {"kind": "refiner", "config": {"weights": "/here/w.pt"}})
    state = resume_point(tmp_path, kind="refiner", config=config)
    assert state is not None and state["config"]["weights"] == {"path": "/there/w.pt"}


def test_a_damaged_checkpoint_is_dropped_whichever_process_comes_first(tmp_path, monkeypatch):
    def lose(path, *, kind):
        path.unlink()  # another process of the same training was here
        raise ValueError(f"{path} is damaged")

    monkeypatch.setattr("models.training.checkpoints.load_checkpoint", lose)
    (tmp_path / "checkpoint.pt").write_bytes(b"half")
    assert resume_point(tmp_path, kind="refiner", config=FeaturesConfig()) is None
