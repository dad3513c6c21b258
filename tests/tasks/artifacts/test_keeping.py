"""Tags, budget, layout, backup: what a store keeps over months."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from flows.commands.command_line import main
from tasks.artifacts.budget import near_budget, set_budget
from tasks.artifacts.collection import collect_garbage
from tasks.artifacts.lookup import find_artifact, run_records
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.recipe import Recipe, Ref
from tasks.artifacts.roots import Keeping
from tasks.artifacts.store import Store
from tasks.artifacts.tags import add_tag, read_tags, remove_tag
from tasks.artifacts.verification import verify


@pytest.fixture(params=["folder", "s3"])
def place(request, tmp_path) -> StorePlace:
    url = request.getfixturevalue("s3_url") if request.param == "s3" else str(tmp_path / "store")
    return StorePlace(url, str(tmp_path / "cache"))


def recipe(n: int, *, kind: str = "numbers") -> Recipe:
    return Recipe(kind, {"n": n}, {}, (), ())


def make(place: StorePlace, *numbers: int) -> list[Ref]:
    """Artifacts of a process that has ended."""
    store = place.open()
    refs = [
        store.obtain(recipe(n), lambda folder, n=n: (folder / "a").write_text(f"{n}" * 500)).ref
        for n in numbers
    ]
    leave(store)
    return refs


def leave(store: Store) -> None:
    store._lease = None
    if hasattr(store, "session"):
        store.session.end()  # type: ignore[attr-defined]


def record(store: Store, run: str, ref: Ref, *, started: float, status: str = "completed") -> None:
    content = {"run": "demo", "status": status, "started": started, "config": {}}
    store.write_record(run, json.dumps(content | {"artifacts": [{"key": ref.key, "kind": ref.kind}]}))


def test_gc_keeps_tagged_runs_and_artifacts_and_forgets_the_other_old_runs(place):
    refs = make(place, 1, 2, 3, 4, 5)
    store = place.open()
    for number, ref in enumerate(refs[:3]):
        record(store, f"demo-{number}", ref, started=number)
    add_tag(store, "demo-0", "baseline")
    add_tag(store, refs[3].key[:12], "best-refiner")
    collect_garbage(store, is_dry_run=False, keeping=Keeping(keep_last=1))
    assert set(store.artifact_keys()) == {refs[n].key for n in (0, 2, 3)}
    assert set(store.records()) == {"demo-0", "demo-2"}
    collect_garbage(store, is_dry_run=False, keeping=Keeping(keep_last=1, keep_tagged=False))
    assert store.artifact_keys() == [refs[2].key] and read_tags(store) == []


def test_runs_that_were_interrupted_push_no_completed_one_out(place):
    refs = make(place, 1, 2, 3, 4)
    store = place.open()
    for number, status in enumerate(("completed", "interrupted", "failed", "running")):
        record(store, f"demo-{number}", refs[number], started=number, status=status)
    collect_garbage(store, is_dry_run=False, keeping=Keeping(keep_last=1))
    assert set(store.records()) == {"demo-0", "demo-3"}
    assert set(store.artifact_keys()) == {refs[0].key, refs[3].key}


def test_a_tag_stands_for_its_run_or_artifact_and_moves(place):
    first, second = make(place, 1, 2)
    store = place.open()
    record(store, "demo-1", first, started=1)
    record(store, "demo-2", second, started=2)
    assert add_tag(store, "demo", "good").run == "demo-2"
    assert [found["id"] for found in run_records(store, "good")] == ["demo-2"]
    assert add_tag(store, first.key[:10], "good").key == first.key
    assert find_artifact(store, "good").key == first.key
    with pytest.raises(
        ValueError, match=r"the store has no run 'tinyy', and no key begins so; its runs are: demo"
    ):
        add_tag(store, "tinyy", "better")
    remove_tag(store, "good")
    with pytest.raises(ValueError, match=r"no tag 'good'; its tags are: none"):
        remove_tag(store, "good")


@pytest.mark.parametrize("name", ["", "a/b", "../up", ".hidden", "beef", "two words"])
def test_a_tag_that_could_be_a_path_or_a_key_is_refused(tmp_path, name):
    place = StorePlace(str(tmp_path))
    (ref,) = make(place, 1)
    with pytest.raises(ValueError, match="a tag has letters"):
        add_tag(place.open(), ref.key, name)


def test_gc_refuses_to_guess_where_a_tag_is_damaged(place):
    make(place, 1)
    store = place.open()
    store.write_tag("good", "{")
    with pytest.raises(ValueError, match=r"tags/good.json is damaged; remove it with `artifacts untag good`"):
        collect_garbage(store, is_dry_run=False)
    assert len(store.artifact_keys()) == 1


def test_the_command_line_tags_lists_and_collects(place, capsys):
    first, second = make(place, 1, 2)
    options = ["artifacts", "--store", place.url, "--store-cache", place.cache]
    assert main([*options, "tag", first.key[:12], "mine"]) == 0
    assert main([*options, "ls"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith(first.key[:12]) and lines[1].endswith("  mine")
    assert lines[2].startswith(second.key[:12]) and lines[2].endswith(" s")
    assert main([*options, "gc", "--keep-last", "1"]) == 0
    assert capsys.readouterr().out.startswith("freed ")
    assert place.open().artifact_keys() == [first.key]
    assert main([*options, "untag", "mine"]) == 0 and main([*options, "gc"]) == 0
    assert place.open().artifact_keys() == []


def test_eighty_percent_of_the_budget_is_told_with_the_mend(place, capsys):
    make(place, 1, 2)  # 500 bytes each
    store = place.open()
    assert near_budget(store) is None
    set_budget(store, 1300e-9)
    assert near_budget(store) is None  # 77 %
    set_budget(store, 1200e-9)
    text = near_budget(store)
    assert text is not None and "83% of its budget" in text and "artifacts gc --keep-last 3" in text
    options = ["artifacts", "--store", place.url, "--store-cache", place.cache]
    assert main([*options, "ls"]) == 0 and "warning: the store" in capsys.readouterr().out
    assert main([*options, "budget", "0"]) == 0 and near_budget(store) is None
    with pytest.raises(ValueError, match=r"the budget must be >= 0 GB, but was -1"):
        set_budget(store, -1)


def test_a_store_of_layout_1_becomes_one_of_layout_2_and_keeps_all_it_has(tmp_path, caplog):
    place = StorePlace(str(tmp_path))
    (ref,) = make(place, 1)
    (tmp_path / "layout").write_text("1")
    shutil.rmtree(tmp_path / "tags")  # as layout 1 had none
    store = place.open()
    assert (tmp_path / "layout").read_text() == "2" and "had layout 1 and has layout 2" in caplog.text
    assert store.find(ref.key) == ref and add_tag(store, ref.key, "kept").key == ref.key


def test_a_folder_copied_while_builds_go_on_is_a_store_that_has_all_it_lists(tmp_path):
    """Manifests before objects, as docs/operations.md says."""
    place, copy = StorePlace(str(tmp_path / "store")), tmp_path / "copy"
    before, is_copied, num_built = make(place, *range(20)), threading.Event(), 0

    def build_on() -> None:
        nonlocal num_built
        while not is_copied.is_set():
            make(place, 100 + num_built)
            num_built += 1

    builder = threading.Thread(target=build_on)
    builder.start()
    copy.mkdir()
    for names in (["layout", "runs", "tags", "manifests"], ["objects"]):
        subprocess.run(
            ["cp", "-a", *(str(tmp_path / "store" / name) for name in names), str(copy)], check=True
        )
    is_copied.set()
    builder.join()
    restored = Store(copy)
    count, damages = verify(restored, deep=True)
    assert count >= len(before) and damages == [] and num_built > 0
    for n, ref in enumerate(before):
        assert restored.obtain(recipe(n), _must_not_build).ref == ref


def _must_not_build(folder: Path) -> None:
    raise AssertionError("was built again")


def test_reading_the_help_of_a_store_command_loads_neither_s3_nor_torch():
    script = (
        "import sys, flows.commands.store_arguments, flows.commands.artifacts\n"
        "print([name for name in ('torch', 's3fs', 'botocore', 'prefect') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
