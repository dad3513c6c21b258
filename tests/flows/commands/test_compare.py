"""`python -m flows compare` over a store with a few finished runs."""

import json

import pytest

from flows.commands.command_line import USER_ERROR, main
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store
from tests.tasks.comparing.made_up_runs import add_run, write_record

HALF, ALL = ("t", "t", "", ""), ("t", "t", "t", "t")


@pytest.fixture
def store(tmp_path):
    """Two runs called office, one called hall, one unfinished, one without an evaluation, and a sweep."""
    store = Store(tmp_path / "store")
    add_run(store, "office-1", {"R_train": [HALF, HALF]}, detector={"steps": 100})
    add_run(store, "office-2", {"R_train": [ALL, HALF]}, detector={"steps": 200})
    add_run(store, "hall-1", {"R_train": [ALL, ALL]}, names="efgh", detector={"steps": 200})
    add_run(store, "late-1", {"R_train": [ALL]}, status="interrupted")
    rest = {"status": "completed", "started": 1.0, "artifacts": []}
    write_record(store, "bare-1", {"run": "bare", "config": {}, **rest})
    write_record(store, "sweep-1", {"run": "sweep", "config": {"sections": []}, **rest})
    return store


def compare(store, *names):
    return main(["compare", "--store", str(store.root), *names])


def test_runs_of_a_shared_store_are_compared_on_another_host(tmp_path, capsys):
    url = f"memory://{tmp_path}"
    shared = StorePlace(url, str(tmp_path / "here")).open()
    add_run(shared, "office-1", {"R_train": [HALF]}, detector={"steps": 100})
    add_run(shared, "office-2", {"R_train": [ALL]}, detector={"steps": 200})
    options = ["--store", url, "--store-cache", str(tmp_path / "there")]
    assert main(["compare", *options, "office-1", "office"]) == 0
    assert ["detector.steps", "100", "200"] in [line.split() for line in capsys.readouterr().out.splitlines()]


def test_two_runs_are_laid_side_by_side(store, capsys):
    assert compare(store, "office-1", "office") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0][:2] == ["A:", "office-1,"] and lines[1][:2] == [
        "B:",
        "office-2,",
    ]  # the newest of its name
    assert ["detector.steps", "100", "200"] in lines
    scores = [line for line in lines if line[:1] == ["R_train"]]
    # B: F1 1 and 2 / 3; recall 1 and 1 / 2
    assert [line[1:5] for line in scores] == [
        ["A", "1.000", "0.500", "0.667"],
        ["B", "1.000", "0.750", "0.833"],
    ]
    assert any(line[:3] == ["B's", "R_train", "against"] and "+0.167" in line for line in lines)
    assert ["step", "A", "B"] in lines and any(line[:1] == ["evaluation"] for line in lines)


def test_json_has_the_same_for_programs(store, capsys):
    assert compare(store, "office-1", "office-2", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["runs"]["B"]["id"] == "office-2"
    assert content["fields"] == [{"field": "detector.steps", "first": 100, "second": 200}]
    assert content["differences"][0]["difference"] == pytest.approx(1 / 6)
    assert content["differences"][0]["verdict"] == "cannot tell" and content["unjudged"] is None


def test_runs_of_other_test_images_say_why_nothing_is_judged(store, capsys):
    assert compare(store, "office", "hall") == 0
    text = capsys.readouterr().out
    assert "configuration: the same" in text
    assert "of A's 4 and B's 4 test images 0 are the same" in text and "against" not in text


def test_a_run_is_found_by_the_key_of_its_evaluation(store, capsys):
    record = json.loads((store.root / "runs/office-1.json").read_text())
    keys = {item["kind"]: item["key"] for item in record["artifacts"]}
    assert compare(store, keys["evaluation"][:12], "office") == 0
    assert capsys.readouterr().out.startswith("A: office-1,")
    assert compare(store, keys["detection-set"][:12], "office") == USER_ERROR
    assert "of the kind detection-set, which many runs may share" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (
            ("office", "kitchen"),
            "the store has no run 'kitchen'; its runs are: bare, hall, late, office, sweep",
        ),
        (("office", "office-2"), "both are the run office-2"),
        (("bare", "office"), "the run bare-1 has no evaluation"),
        (("late", "office"), "the run late-1 is not finished (interrupted)"),
        (("sweep", "office"), "sweep-1 is a sweep"),
        (("ffff", "office"), "no artifact has a key that starts with 'ffff'"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_line(store, capsys, names, words):
    assert compare(store, *names) == USER_ERROR
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_an_evaluation_that_was_collected_is_named(store, capsys):
    record = json.loads((store.root / "runs/office-1.json").read_text())
    store.manifest_path(record["artifacts"][1]["key"]).unlink()
    assert compare(store, "office-1", "office-2") == USER_ERROR
    assert "the evaluation of office-1 is gone or damaged" in capsys.readouterr().err


def test_an_evaluation_without_statistics_is_named(store, capsys):
    evaluation = store.obtain(
        Recipe("evaluation", {}, {"images": add_run(store, "new-1", {"R_train": [HALF]})}, (), ()),
        lambda out: (out / "evaluation.json").write_text("{}"),
    ).ref
    artifacts = [{"kind": "evaluation", "key": evaluation.key}]
    record = {"run": "old", "status": "completed", "started": 1.0, "config": {}, "artifacts": artifacts}
    write_record(store, "old-1", record)
    assert compare(store, "old", "office") == USER_ERROR
    assert (
        "the evaluation of old-1 is of an older version, without statistics.json" in capsys.readouterr().err
    )
