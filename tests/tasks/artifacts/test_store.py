import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from tasks.artifacts.collection import collect_garbage, remove_abandoned_builds
from tasks.artifacts.disk import write_atomically
from tasks.artifacts.locking import file_lock
from tasks.artifacts.recipe import Recipe, Ref, SourceFiles
from tasks.artifacts.roots import Keeping
from tasks.artifacts.store import DamagedError, Store
from tasks.artifacts.verification import verify

BUILDER = """
import sys, time
from pathlib import Path
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store
def build(folder):
    for index in range(60):
        (folder / f"{index}.bin").write_bytes(bytes([index]) * 20000)
store = Store(Path(sys.argv[1]))
print("ready", flush=True)
store.obtain(Recipe("torture", {"n": int(sys.argv[2])}, {}, (), ()), build)
"""


def recipe(n: int = 0, *, kind: str = "numbers", **inputs) -> Recipe:
    return Recipe(kind, {"n": n}, inputs, (), ())


def writer(text: str):
    return lambda folder: (folder / "a.txt").write_text(text)


def must_not_build(folder: Path) -> None:
    raise AssertionError("was built again")


def object_file(store: Store, ref: Ref) -> Path:
    path = store.folder(ref) / "a.txt"
    path.chmod(0o644)
    return path


def test_an_artifact_is_built_once_and_found_afterwards(tmp_path):
    store = Store(tmp_path)
    first = store.obtain(recipe(), writer("one"))
    second = Store(tmp_path).obtain(recipe(), must_not_build)
    assert first.was_built and not second.was_built and first.ref == second.ref
    assert (store.folder(second.ref) / "a.txt").read_text() == "one"


def test_equal_bytes_from_different_keys_share_one_content_and_one_downstream_key(tmp_path):
    store = Store(tmp_path)
    one, two = (store.obtain(recipe(n), writer("same")).ref for n in (1, 2))
    assert one.key != two.key and one.content == two.content
    assert recipe(source=one).key == recipe(source=two).key


@pytest.mark.parametrize(
    "damage",
    [Path.unlink, lambda path: path.write_text(""), lambda path: path.write_text("longer than it was")],
    ids=["deleted", "truncated", "grown"],
)
def test_a_damaged_object_is_noticed_said_and_rebuilt(tmp_path, caplog, damage):
    store = Store(tmp_path)
    damage(object_file(store, store.obtain(recipe(), writer("one")).ref))
    again = store.obtain(recipe(), writer("one"))
    assert again.was_built and (store.folder(again.ref) / "a.txt").read_text() == "one"
    assert "is damaged" in caplog.text


def test_a_deleted_object_folder_is_rebuilt(tmp_path):
    store = Store(tmp_path)
    shutil.rmtree(store.folder(store.obtain(recipe(), writer("one")).ref))
    assert store.obtain(recipe(), writer("one")).was_built


def test_a_damaged_manifest_is_rebuilt(tmp_path):
    store = Store(tmp_path)
    key = store.obtain(recipe(), writer("one")).ref.key
    path = store.manifest_path(key)
    path.write_text(path.read_text()[:-20])
    assert store.obtain(recipe(), writer("one")).was_built


def test_flipped_bytes_of_the_same_size_are_found_by_deep_verify_only_and_then_rebuilt(tmp_path):
    store = Store(tmp_path)
    object_file(store, store.obtain(recipe(), writer("one")).ref).write_text("eno")
    assert verify(store, deep=False) == (1, [])
    _, damages = verify(store, deep=True)
    assert [damage.problems for damage in damages] == [["a.txt has other bytes than were written"]]
    again = store.obtain(recipe(), writer("one"))
    assert again.was_built and (store.folder(again.ref) / "a.txt").read_text() == "one"


@pytest.mark.parametrize("is_known", [True, False])
def test_what_was_made_after_a_file_was_written_over_goes_with_it_and_else_it_is_named(tmp_path, is_known):
    store = Store(tmp_path)
    source = store.obtain(recipe(), writer("one")).ref
    before = store.obtain(recipe(1, source=source), writer("before")).ref
    path = object_file(store, source)
    path.write_text("eno")
    changed = (
        store.manifest(before.key).created + 0.1 if is_known else 0.0
    )  # a disk that errs leaves the date
    os.utime(path, (changed, changed))
    time.sleep(0.2)
    after = store.obtain(recipe(2, source=source), writer("after")).ref
    last = store.obtain(recipe(3, source=after), writer("last")).ref
    other = store.obtain(recipe(4), writer("other")).ref
    _, (damage,) = verify(store, deep=True)
    assert [item.key for item in damage.made_after] == ([after.key, last.key] if is_known else [])
    assert [item.key for item in damage.made_some_time] == (
        [] if is_known else [before.key, after.key, last.key]
    )
    kept = {before, other} if is_known else {before, other, after, last}
    assert {item.ref for item in store.manifests()} == kept


def test_nothing_is_said_of_what_was_made_from_files_that_are_missing_now(tmp_path):
    store = Store(tmp_path)
    source = store.obtain(recipe(), writer("one")).ref
    store.obtain(recipe(1, source=source), writer("before"))
    object_file(store, source).unlink()
    _, (damage,) = verify(store, deep=True)
    assert (damage.made_after, damage.made_some_time) == ((), ())


def test_bytes_are_hashed_once_a_process_before_they_are_read(tmp_path):
    ref = Store(tmp_path).obtain(recipe(), writer("one")).ref
    store = Store(tmp_path)
    store.check_bytes(ref)
    object_file(store, ref).write_text("eno")
    store.check_bytes(ref)
    with pytest.raises(
        DamagedError, match=r"the numbers .* is damaged \(a.txt has other bytes .* artifacts verify --deep"
    ):
        Store(tmp_path).check_bytes(ref)


def test_a_failed_build_leaves_nothing_and_a_read_only_object_cannot_be_edited(tmp_path):
    store = Store(tmp_path)

    def fail(folder):
        (folder / "half.txt").write_text("half")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        store.obtain(recipe(), fail)
    assert not list((tmp_path / "building").iterdir()) and store.find(recipe().key) is None
    ref = store.obtain(recipe(), writer("one")).ref
    assert (store.folder(ref) / "a.txt").stat().st_mode & 0o222 == 0


def test_a_full_disk_is_one_clear_line_and_leaves_nothing(tmp_path):
    store = Store(tmp_path)

    def fill(folder):
        with Path("/dev/full").open("w") as full:
            full.write("x" * 100_000)

    with pytest.raises(ValueError, match=r"disk of the store .* is full .* run the same command again"):
        store.obtain(recipe(), fill)
    assert not list((tmp_path / "building").iterdir())


def test_a_store_of_another_layout_is_refused(tmp_path):
    Store(tmp_path)
    write_atomically(tmp_path / "layout", "99")
    with pytest.raises(ValueError, match="layout '99'"):
        Store(tmp_path)


def test_source_files_are_known_by_bytes_not_by_place(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.jpg").write_bytes(b"same")
    keys = {recipe(photo=SourceFiles({"x.jpg": tmp_path / folder / "x.jpg"})).key for folder in ("a", "b")}
    (tmp_path / "b" / "x.jpg").write_bytes(b"else")
    other = recipe(photo=SourceFiles({"x.jpg": tmp_path / "b" / "x.jpg"})).key
    assert len(keys) == 1 and other not in keys


def test_two_thousand_small_files_publish_and_hit_within_their_budget(tmp_path):
    """CPU-seconds, so that a machine's other work does not count."""
    store, payload = Store(tmp_path), np.random.default_rng(0).bytes(2048)

    def build(folder):
        for index in range(2000):
            (folder / f"{index}.bin").write_bytes(payload)
        build.ended = time.process_time()

    ref = store.obtain(recipe(), build).ref
    publish_s = time.process_time() - build.ended
    started = time.process_time()
    assert store.find(ref.key) == ref
    hit_s = time.process_time() - started
    assert publish_s < 1.5 and hit_s < 0.1, (publish_s, hit_s)


def _obtain_in_process(root: str) -> bool:
    def slow(folder):
        time.sleep(0.3)
        (folder / "a.txt").write_text("one")

    return Store(Path(root)).obtain(recipe(), slow).was_built


def test_four_processes_that_want_one_key_build_it_once(tmp_path):
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        built = list(pool.map(_obtain_in_process, [str(tmp_path)] * 4))
    assert sorted(built) == [False, False, False, True]


def test_kill_9_at_random_moments_leaves_an_artifact_absent_or_whole_and_blocks_nobody(tmp_path):
    rng, outcomes = np.random.default_rng(0), {"absent": 0, "whole": 0}
    for n in range(40):
        child = subprocess.Popen(
            [sys.executable, "-c", BUILDER, str(tmp_path), str(n)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        time.sleep(rng.uniform(0, 0.05))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        store, wanted = Store(tmp_path), recipe(n, kind="torture")
        manifest = store.manifest(wanted.key)
        outcomes["whole" if manifest else "absent"] += 1
        assert manifest is None or (store.find(wanted.key) and not verify(store, deep=True)[1])
        if manifest is None:
            assert store.obtain(wanted, writer("restarted")).was_built
    assert min(outcomes.values()) >= 1, outcomes


def _record_run(store: Store, *refs: Ref, run: str = "a", started: float = 0) -> None:
    record = {
        "run": "demo",
        "status": "completed",
        "started": started,
        "artifacts": [{"key": ref.key} for ref in refs],
    }
    store.write_record(run, json.dumps(record))


def test_gc_keeps_what_a_run_reaches_through_lineage_and_weighs_the_rest(tmp_path):
    builder = Store(tmp_path)
    source = builder.obtain(recipe(1), writer("source")).ref
    product = builder.obtain(recipe(2, source=source), writer("product")).ref
    orphan = builder.obtain(recipe(3), writer("orphan")).ref
    _record_run(builder, product)
    builder._lease = None  # as if that process had ended
    store = Store(tmp_path)
    assert collect_garbage(store, is_dry_run=True).num_bytes > len("orphan")
    assert store.manifest(orphan.key)
    collect_garbage(store, is_dry_run=False)
    assert store.find(source.key) and store.find(product.key) and not store.find(orphan.key)
    assert not store.folder(orphan).exists()


def test_gc_forgets_older_runs_of_a_name_only_when_asked(tmp_path):
    builder = Store(tmp_path)
    for number, run in enumerate(("old", "new")):
        _record_run(builder, builder.obtain(recipe(number), writer(run)).ref, run=run, started=number)
    builder._lease = None  # as if that process had ended
    store = Store(tmp_path)
    collect_garbage(store, is_dry_run=False)
    assert store.manifest(recipe(0).key) and store.manifest(recipe(1).key)
    collect_garbage(store, is_dry_run=False, keeping=Keeping(keep_last=1))
    assert not store.manifest(recipe(0).key) and store.manifest(recipe(1).key)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["new.json"]


def test_gc_removes_the_locks_of_what_it_removed_and_of_nothing_in_use(tmp_path):
    builder = Store(tmp_path)
    kept, *_ = [builder.obtain(recipe(number), writer(f"{number}")).ref for number in range(4)]
    _record_run(builder, kept)
    builder._lease = None  # as if that process had ended
    with file_lock(tmp_path / "locks" / recipe(1).key):
        collect_garbage(Store(tmp_path), is_dry_run=False)
    left = {path.name for path in (tmp_path / "locks").iterdir()} - {"store", "clock"}
    assert left == {kept.key, f"content-{kept.content}", recipe(1).key}


def test_gc_refuses_to_guess_where_a_run_record_is_damaged(tmp_path):
    store = Store(tmp_path)
    (tmp_path / "runs" / "a.json").write_text("{")
    with pytest.raises(ValueError, match=r"run record .*a.json is damaged; delete it"):
        collect_garbage(store, is_dry_run=True)


def test_gc_leaves_alone_what_a_living_process_found_or_builds(tmp_path):
    store = Store(tmp_path)
    used = store.obtain(recipe(1), writer("used")).ref

    def build_while_gc_runs(folder):
        (folder / "a.txt").write_text("slow")
        collect_garbage(Store(tmp_path), is_dry_run=False)

    built = store.obtain(recipe(2), build_while_gc_runs).ref
    assert store.find(used.key) and store.find(built.key)


def test_what_a_killed_build_left_goes_with_the_next_run_and_what_is_being_built_stays(tmp_path):
    store = Store(tmp_path)
    left = tmp_path / "building" / f"{recipe(1).key}-0123abcd"
    left.mkdir()

    def build_while_another_run_begins(folder):
        (folder / "a.txt").write_text("slow")
        remove_abandoned_builds(Store(tmp_path))
        assert not left.exists() and folder.exists()

    assert store.obtain(recipe(2), build_while_another_run_begins).was_built


def test_gc_beside_building_processes_never_breaks_a_result(tmp_path):
    script = (
        "import sys\nfrom pathlib import Path\nfrom tasks.artifacts.recipe import Recipe\n"
        "from tasks.artifacts.store import Store\n"
        "store = Store(Path(sys.argv[1]))\n"
        "refs = [store.obtain(Recipe('k', {'n': n % 7}, {}, (), ()),"
        " lambda f: (f / 'a').write_text(str(n % 7))).ref for n in range(150)]\n"
        "assert all((store.folder(ref) / 'a').exists() for ref in refs)"
    )
    children = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) for _ in range(2)]
    while any(child.poll() is None for child in children):
        collect_garbage(Store(tmp_path), is_dry_run=False)
    assert [child.returncode for child in children] == [0, 0]


def test_checkpoints_survive_a_failed_build_and_go_with_the_published_one(tmp_path):
    store, wanted = Store(tmp_path), recipe()

    def die_after_a_checkpoint(folder):
        (store.scratch(wanted.key) / "step.txt").write_text("7")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        store.obtain(wanted, die_after_a_checkpoint)
    seen = []
    store.obtain(wanted, lambda folder: seen.append((store.scratch(wanted.key) / "step.txt").read_text()))
    assert seen == ["7"] and not (tmp_path / "scratch" / wanted.key).exists()


def test_a_sweep_over_refiners_renders_each_background_once_and_repeats_nothing(tmp_path):
    counts = {"render": 0, "refine": 0}

    def counted(kind, text):
        def build(folder):
            counts[kind] += 1
            (folder / "a.txt").write_text(text)

        return build

    def sweep(num_backgrounds):
        store = Store(tmp_path)
        for refiner in range(14):
            for background in range(num_backgrounds):
                scene = store.obtain(
                    recipe(background, kind="render"), counted("render", f"s{background}")
                ).ref
                wanted = recipe(refiner, kind="refine", scene=scene)
                store.obtain(wanted, counted("refine", f"{refiner} {background}"))
        return dict(counts)

    assert sweep(3) == {"render": 3, "refine": 42}
    assert sweep(3) == {"render": 3, "refine": 42}
    assert sweep(4) == {"render": 4, "refine": 56}
