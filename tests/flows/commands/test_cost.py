"""`python -m flows cost` over a store with a finished run."""

import pytest

from flows.commands.command_line import USER_ERROR, main
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store
from tests.tasks.comparing.made_up_runs import write_record


@pytest.fixture
def store(tmp_path):
    """One run: a render, and a detector that needs it."""
    store = Store(tmp_path / "store")
    scenes = store.obtain(Recipe("scenes", {"n": 1}, {}, (), ()), _write).ref
    detector = store.obtain(Recipe("detector", {"n": 1}, {"images": scenes}, (), ()), _write).ref
    artifacts = [{"kind": ref.kind, "key": ref.key, "seconds": 0.0} for ref in (scenes, detector)]
    write_record(
        store, "office-1", {"run": "office", "status": "completed", "started": 1.0, "artifacts": artifacts}
    )
    return store


def _write(folder):
    (folder / "a").write_text("x")


def cost(store, *arguments):
    return main(["cost", "--store", str(store.root), *arguments])


def test_a_run_has_a_row_for_each_number_of_hosts(store, capsys):
    assert cost(store, "office", "--hosts", "1,16") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0][:2] == ["2", "steps,"] and lines[1][:4] == ["of", "these", "1", "training,"]
    # One chain of two steps: no number of hosts changes its ratio.
    rows = [line for line in lines if line[0] in ("1", "16")]
    assert [row[0] for row in rows] == ["1", "16"] and all(row.count("1.00") == 2 for row in rows)


def test_places_of_the_runs_own_host_are_given(store, capsys):
    assert cost(store, "office", "--hosts", "4", "--at-once", "8") == 0
    assert "makes all but trainings, 8 at once" in capsys.readouterr().out


def test_no_place_for_steps_is_refused(store, capsys):
    assert cost(store, "office", "--at-once", "0") == USER_ERROR
    assert "--at-once must be 1 or more, but was 0" in capsys.readouterr().err


def test_a_field_of_a_run_that_was_made_cannot_be_set(store, capsys):
    assert cost(store, "office", "--set", "a=1") == USER_ERROR
    assert "name its run file" in capsys.readouterr().err
