"""What a run says of the one before it, over evaluations of the real step."""

import json
from pathlib import Path

import pytest

from flows.runs.changes import changes, figure_changes
from tasks.artifacts.pages import publish_page
from tasks.artifacts.recipe import Ref
from tasks.artifacts.store import Store
from tasks.building.run_context import Run
from tests.tasks.comparing.made_up_runs import add_run, write_record

HALF, ALL = ("t", "t", "", ""), ("t", "t", "t", "t")
CONFIG = {"pipeline": "people", "detector": {"steps": 200}}


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


def run_with(store: Store, name: str, arms, **options) -> Run:
    """A run that goes on and has its evaluation already."""
    ref = add_run(store, "scratch-1", arms, **options)
    store.delete_records(["scratch-1"])
    run = Run(store, name)
    run.adopt(ref, "evaluate")
    return run


def test_the_first_run_of_a_name_says_so(store):
    add_run(store, "hall-1", {"R_train": [HALF]}, **CONFIG)
    run = run_with(store, "office", {"R_train": [ALL]})
    assert changes(run, CONFIG) == ["No earlier run of this name is there to compare with."]


def test_figures_that_moved_stand_beside_the_ones_before_with_intervals_and_words(store):
    add_run(
        store,
        "office-1",
        {"R_train": [HALF, HALF], "S": [ALL, ALL]},
        pipeline="people",
        detector={"steps": 100},
    )
    run = run_with(store, "office", {"R_train": [ALL, HALF], "S": [ALL, ALL], "S+": [ALL, ALL]})
    lines = changes(run, CONFIG)
    assert lines[0].startswith("## Against the run before, `office` of 1970-01-01")
    rows = {line.split(" | ")[0].strip("| "): line for line in lines if line.startswith("|")}
    # F1 of two of four is 2 / 3; the mean of 1 and 2 / 3 is 0.833
    assert (
        "| 0.667 [" in rows["R_train"] and "| 0.833 [" in rows["R_train"] and "| +0.167 [" in rows["R_train"]
    )
    assert rows["S"].endswith("| the same |") and rows["S+"].startswith("| S+ | – | 1.000")
    text = "\n".join(lines)
    assert "This run's R_train against the run before's R_train: F1 +0.167" in text and "cannot tell" in text
    assert "S: the run before and this run found the same in every image." in text
    assert "Configured otherwise: `detector.steps` `100` → `200`." in text


def test_of_several_differences_that_cannot_be_told_the_clearest_is_said(store):
    add_run(store, "office-1", {"S": [HALF], "R_train": [HALF]}, **CONFIG)
    run = run_with(store, "office", {"S": [("t", "t", "t", "")], "R_train": [ALL]})
    (said,) = (line for line in changes(run, CONFIG) if line.startswith("- "))
    assert said.startswith("- 2 differences cannot be told from chance. The clearest of them: this run's ")


def test_versions_of_a_watched_run_are_compared_and_other_pipelines_and_ends_are_not(store):
    add_run(store, "town.v1-1", {"R_train": [HALF]}, **CONFIG)
    add_run(store, "town.v2-1", {"R_train": [ALL]}, status="failed", **CONFIG)
    add_run(store, "town-9", {"R_train": [ALL]}, pipeline="night")
    lines = changes(run_with(store, "town.v3", {"R_train": [ALL]}), CONFIG)
    assert "`town.v1`" in lines[0]


def test_other_test_images_are_said_instead_of_a_difference(store):
    add_run(store, "office-1", {"R_train": [HALF]}, **CONFIG)
    text = "\n".join(changes(run_with(store, "office", {"R_train": [ALL]}, names="efgh"), CONFIG))
    assert (
        "- No difference is judged: of the run before's 4 and this run's 4 test images 0 are the same" in text
    )


def test_a_run_before_whose_evaluation_is_gone_fails_nothing(store):
    key = "0" * 64
    artifact = {"kind": "evaluation", "key": key, "seconds": 0.0}
    record = {
        "run": "office",
        "status": "completed",
        "started": 1.0,
        "config": CONFIG,
        "artifacts": [artifact],
    }
    write_record(store, "office-1", record)
    lines = changes(run_with(store, "office", {"R_train": [ALL]}), CONFIG)
    assert "Nothing is compared: the evaluation of office-1 is gone or damaged" in lines[-1]


@pytest.mark.parametrize("damaged", ['{"run": "off', "{}", "[]"])
def test_a_damaged_record_fails_no_run(store, tmp_path, damaged):
    run = run_with(store, "office", {"R_train": [ALL]})
    store.write_record("broken-1", damaged)
    page = tmp_path / "index.html"
    for lines in (changes(run, CONFIG), figure_changes(run, CONFIG, {"ap": 0.5}, page)):
        assert lines[0] == "## Against the run before" and lines[-1].startswith("Nothing is compared: ")


def test_figures_without_an_evaluation_are_compared_by_their_names(store, tmp_path):
    page = tmp_path / "report/index.html"
    page.parent.mkdir()
    page.write_text("")
    earlier = Run(store, "rooms", started=1000.0)
    assert figure_changes(earlier, CONFIG, {"ap": 0.5, "step": 100}, page) == []
    publish_page(store, earlier.id, page.parent)
    earlier.finish("completed", CONFIG)
    lines = figure_changes(Run(store, "rooms"), CONFIG, {"ap": 0.75, "step": 100, "new": 1}, page)
    assert lines[2:] == [
        "| Figure | before | now |",
        "| --- | --- | --- |",
        "| ap | 0.5 | 0.75 |",
        "| new | – | 1 |",
    ]
    assert json.loads(Path(page.with_name("figures.json")).read_text()) == {"ap": 0.75, "step": 100, "new": 1}
    assert (
        figure_changes(Run(store, "rooms"), CONFIG, {"ap": 0.5, "step": 100}, page)[-1]
        == "All figures are the same."
    )


def test_a_run_is_not_compared_with_itself(store):
    run = run_with(store, "office", {"R_train": [ALL]})
    assert isinstance(run.outcomes[0].key, str) and isinstance(store.find(run.outcomes[0].key), Ref)
    run.finish("completed", CONFIG)
    assert changes(run, CONFIG) == ["No earlier run of this name is there to compare with."]
