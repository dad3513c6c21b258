import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tasks.artifacts.collection import collect_garbage
from tasks.artifacts.manifest import FileEntry, content_digest
from tasks.artifacts.recipe import Recipe, Ref
from tasks.artifacts.remote_folder import RemoteFolder, StoreUnreachable
from tasks.artifacts.roots import Keeping
from tasks.artifacts.shared_store import SharedStore, manifest_name, object_name
from tasks.artifacts.verification import verify

SHORT_S = 8.0  # a lease in tests; S3 tells times in whole seconds

HOST = """
import logging, os, sys, time
from pathlib import Path
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.manifest import FileEntry, content_digest
from tasks.artifacts.remote_folder import RemoteFolder
from tasks.artifacts.shared_store import SharedStore
logging.basicConfig(level=logging.INFO)
shift_s = float(os.environ.get("CLOCK_SHIFT_S", "0"))
real_time = time.time
time.time = lambda: real_time() + shift_s
store = SharedStore(RemoteFolder(sys.argv[1]), Path(sys.argv[2]), lease_s=8.0)
def recipe(n):
    return Recipe("torture", {"n": n}, {}, (), ())
def build(folder):
    for index in range(20):
        (folder / f"{index}.bin").write_bytes(bytes([index]) * 20000)
        time.sleep(build.pause_s)
build.pause_s = 0.0
"""


def recipe(n: int = 0, *, kind: str = "numbers", **inputs) -> Recipe:
    return Recipe(kind, {"n": n}, inputs, (), ())


def writer(text: str):
    return lambda folder: (folder / "a.txt").write_text(text)


def must_not_build(folder: Path) -> None:
    raise AssertionError("was built again")


def host(url: str, cache: Path, script: str, **environment: str) -> subprocess.Popen:
    """Another host: a process with a cache of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", HOST + script, url, str(cache)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


def open_shared(url: str, cache: Path) -> SharedStore:
    return SharedStore(RemoteFolder(url), cache, lease_s=SHORT_S)


def read(store: SharedStore, ref: Ref) -> str:
    return (store.folder(ref) / "a.txt").read_text()


def test_what_one_host_built_another_finds_without_downloading_it_before_it_is_used(s3_url, tmp_path):
    first, second = open_shared(s3_url, tmp_path / "a"), open_shared(s3_url, tmp_path / "b")
    ref = first.obtain(recipe(), writer("one")).ref
    found = second.obtain(recipe(), must_not_build)
    assert found.ref == ref and not found.was_built
    assert not second.object_folder(ref.content).exists()
    assert read(second, ref) == "one"


def test_files_come_back_byte_by_byte_also_empty_ones_and_in_folders(s3_url, tmp_path):
    contents = {"b/deep/x.bin": bytes(range(256)) * 5000, "a.bin": b"", "c.bin": b"1"}

    def build(folder):
        for name, content in contents.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)

    ref = open_shared(s3_url, tmp_path / "a").obtain(recipe(), build).ref
    folder = open_shared(s3_url, tmp_path / "b").folder(ref)
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == contents


def test_equal_bytes_from_different_keys_are_stored_once_and_have_one_downstream_key(s3_url, tmp_path):
    store = open_shared(s3_url, tmp_path)
    one, two = (store.obtain(recipe(n), writer("same")).ref for n in (1, 2))
    assert one.key != two.key and recipe(source=one).key == recipe(source=two).key
    assert [file.size for file in store.remote.list("objects")] == [len("same")]


def _truncate(remote: RemoteFolder, name: str) -> None:
    remote.write(name, b"o")


def _flip(remote: RemoteFolder, name: str) -> None:
    remote.write(name, b"eno")


def _delete(remote: RemoteFolder, name: str) -> None:
    remote.delete([name])


@pytest.mark.parametrize("damage", [_delete, _truncate])
def test_damage_in_the_shared_store_is_said_and_rebuilt_by_a_host_that_has_no_copy(
    s3_url, tmp_path, caplog, damage
):
    ref = open_shared(s3_url, tmp_path / "a").obtain(recipe(), writer("one")).ref
    other = open_shared(s3_url, tmp_path / "b")
    damage(other.remote, object_name(ref.content))
    assert other.obtain(recipe(), writer("one")).was_built and "is damaged" in caplog.text
    assert read(open_shared(s3_url, tmp_path / "c"), ref) == "one"


@pytest.mark.parametrize("damage", [_delete, _truncate])
def test_damage_in_the_shared_store_is_mended_from_the_copy_of_a_host_that_has_one(
    s3_url, tmp_path, caplog, damage
):
    store = open_shared(s3_url, tmp_path / "a")
    ref = store.obtain(recipe(), writer("one")).ref
    damage(store.remote, object_name(ref.content))
    assert not store.obtain(recipe(), must_not_build).was_built and "uploading it again" in caplog.text
    assert read(open_shared(s3_url, tmp_path / "c"), ref) == "one"


def test_flipped_bytes_are_found_when_they_are_downloaded_and_then_rebuilt(s3_url, tmp_path):
    ref = open_shared(s3_url, tmp_path / "a").obtain(recipe(), writer("one")).ref
    other = open_shared(s3_url, tmp_path / "b")
    _flip(other.remote, object_name(ref.content))
    with pytest.raises(ValueError, match=r"was damaged in s3://.*a.txt has other bytes.* is taken out"):
        other.folder(ref)
    assert other.obtain(recipe(), writer("one")).was_built and read(other, ref) == "one"


def test_a_damaged_copy_of_this_host_is_fetched_again_before_it_is_read(s3_url, tmp_path):
    ref = open_shared(s3_url, tmp_path / "a").obtain(recipe(), writer("one")).ref
    store = open_shared(s3_url, tmp_path / "a")
    path = store.folder(ref) / "a.txt"
    path.chmod(0o644)
    path.write_text("eno")
    store.check_bytes(ref)
    assert read(store, ref) == "one"


def test_deep_verify_finds_flipped_bytes_and_takes_them_out(s3_url, tmp_path):
    store = open_shared(s3_url, tmp_path / "a")
    ref, other = (store.obtain(recipe(n), writer(f"on{n}")).ref for n in (1, 2))
    _flip(store.remote, object_name(ref.content))
    assert verify(store, deep=False) == (2, [])
    count, damages = verify(store, deep=True)
    assert (count, [damage.manifest.key for damage in damages]) == (2, [ref.key])
    assert store.remote.stat(manifest_name(ref.key)) is None and store.find(other.key)


def test_a_damaged_manifest_is_rebuilt(s3_url, tmp_path):
    store = open_shared(s3_url, tmp_path / "a")
    name = manifest_name(store.obtain(recipe(), writer("one")).ref.key)
    store.remote.write(name, (store.remote.read(name) or b"")[:-20])
    assert open_shared(s3_url, tmp_path / "b").obtain(recipe(), writer("one")).was_built


def test_a_manifest_that_names_files_outside_of_its_folder_counts_as_damaged(s3_url, tmp_path):
    store = open_shared(s3_url, tmp_path / "a")
    key = store.obtain(recipe(), lambda folder: (folder / "a.txt").write_text("one")).ref.key
    record = json.loads(store.remote.read(manifest_name(key)) or b"")
    record["files"][0]["path"] = "../../escaped.txt"
    record["content"] = content_digest(tuple(FileEntry(**file) for file in record["files"]))
    store.remote.write(manifest_name(key), json.dumps(record).encode())
    assert open_shared(s3_url, tmp_path / "b").manifest(key) is None


def test_a_failed_build_leaves_nothing_and_releases_its_lock(s3_url, tmp_path):
    store = open_shared(s3_url, tmp_path)

    def fail(folder):
        (folder / "half.txt").write_text("half")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        store.obtain(recipe(), fail)
    assert not store.remote.list("objects") and not store.remote.list("manifests")
    assert open_shared(s3_url, tmp_path / "b").obtain(recipe(), writer("one")).was_built


def test_two_thousand_small_files_go_up_and_down_in_a_few_requests(s3_url, tmp_path):
    def build(folder):
        for index in range(2000):
            (folder / f"{index}.bin").write_bytes(index.to_bytes(2, "big") * 1000)

    first, second = open_shared(s3_url, tmp_path / "a"), open_shared(s3_url, tmp_path / "b")
    ref = first.obtain(recipe(), build).ref
    assert [file.size for file in first.remote.list("objects")] == [4_000_000]
    assert (second.folder(ref) / "1999.bin").read_bytes() == (1999).to_bytes(2, "big") * 1000


def test_four_hosts_that_want_one_key_build_it_once(s3_url, tmp_path):
    script = "build.pause_s = 0.05\nprint(store.obtain(recipe(1), build).was_built)"
    hosts = [host(s3_url, tmp_path / f"host{number}", script) for number in range(4)]
    built = [process.communicate(timeout=300)[0].strip() for process in hosts]
    assert sorted(built) == ["False", "False", "False", "True"]


# Forks hosts that build one artifact after another, and die while they talk to the server.
KILLED_HOSTS = """
import random, threading
import s3fs
def die_at(number, store, rng):
    left, ask = rng.randrange(1, 60), store.remote._patiently
    def asked(*arguments, **named):
        asked.left -= 1
        if asked.left == 0:
            threading.Timer(rng.uniform(0, 0.02), lambda: os.kill(os.getpid(), 9)).start()
        return ask(*arguments, **named)
    asked.left, store.remote._patiently = left, asked
for number in range(12):
    child = os.fork()
    if child == 0:
        url, cache = f"{sys.argv[1]}/{number}", Path(f"{sys.argv[2]}{number}")
        store = SharedStore(RemoteFolder(url), cache, lease_s=8.0)
        die_at(number, store, random.Random(number))
        for n in range(1000): store.obtain(recipe(n), build)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == 9
"""


def test_kill_9_at_random_moments_leaves_an_artifact_absent_or_whole_and_blocks_nobody(s3_url, tmp_path):
    script = HOST.replace("store = SharedStore", "def unused(): return SharedStore") + KILLED_HOSTS
    command = [sys.executable, "-c", script, s3_url, str(tmp_path / "host")]
    subprocess.run(command, check=True, timeout=500)
    outcomes = {"absent": 0, "whole": 0}
    for number in range(12):
        store = open_shared(f"{s3_url}/{number}", tmp_path / f"other{number}")
        whole = {manifest.key for manifest in store.manifests()}
        assert len(whole) == len(store.artifact_keys()) and verify(store, deep=True) == (len(whole), [])
        outcomes["whole"] += len(whole)
        wanted = recipe(len(whole), kind="torture")  # what was being built
        outcomes["absent"] += wanted.key not in whole
        assert store.obtain(wanted, writer("restarted")).was_built
        store.session.end()
    assert min(outcomes.values()) >= 1, outcomes


def test_the_lock_of_a_dead_builder_is_taken_over_and_that_of_a_living_one_is_not_whatever_the_clocks_say(
    s3_url, tmp_path
):
    """Clocks: one host is an hour ahead of this one, the other an hour behind."""
    living = host(
        s3_url,
        tmp_path / "living",
        "build.pause_s = 0.9\nprint('begun', flush=True)\nprint(store.obtain(recipe(1), build).was_built)",
        CLOCK_SHIFT_S="-3600",
    )
    script = "build.pause_s = 9\nstore.obtain(recipe(2), build)"
    dead = host(s3_url, tmp_path / "dead", script, CLOCK_SHIFT_S="3600")
    store = open_shared(s3_url, tmp_path / "store")
    keys = [recipe(n, kind="torture").key for n in (1, 2)]
    while not all(store.remote.list(f"locks/{key}") for key in keys):
        assert living.poll() is None and dead.poll() is None, "a host ended before it took its lock"
        time.sleep(0.1)
    dead.kill()
    dead.communicate()
    # The living one builds for 18 s, more than twice its lease, and is waited for.
    assert not store.obtain(recipe(1, kind="torture"), must_not_build).was_built
    assert store.obtain(recipe(2, kind="torture"), writer("taken over")).was_built
    assert living.communicate(timeout=300)[0].split() == ["begun", "True"]


def _record_run(store: SharedStore, *refs: Ref, run: str = "a", started: float = 0) -> None:
    record = {
        "run": "demo",
        "status": "completed",
        "started": started,
        "artifacts": [{"key": ref.key} for ref in refs],
    }
    store.write_record(run, json.dumps(record))


def test_gc_keeps_what_runs_reach_and_removes_the_rest_with_forgotten_runs(s3_url, tmp_path):
    builder = open_shared(s3_url, tmp_path / "a")
    source = builder.obtain(recipe(1), writer("source")).ref
    product = builder.obtain(recipe(2, source=source), writer("product")).ref
    orphan = builder.obtain(recipe(3), writer("orphan!")).ref
    older = builder.obtain(recipe(4), writer("older")).ref
    _record_run(builder, older, run="old", started=1)
    _record_run(builder, product, run="new", started=2)
    builder.session.end()  # as if that process had ended
    store = open_shared(s3_url, tmp_path / "b")
    dry = collect_garbage(store, is_dry_run=True)
    assert dry.objects == (object_name(orphan.content),) and store.find(orphan.key)
    store.session.end()
    store = open_shared(s3_url, tmp_path / "c")
    collect_garbage(store, is_dry_run=False, keeping=Keeping(keep_last=1))
    assert sorted(store.artifact_keys()) == sorted([source.key, product.key])
    assert {file.name for file in store.remote.list("objects")} == {
        object_name(ref.content) for ref in (source, product)
    }
    assert list(store.records()) == ["new"]


def test_gc_keeps_what_a_living_process_on_another_host_found_and_forgets_what_a_dead_one_used(
    s3_url, tmp_path
):
    living, dead = (
        host(
            s3_url,
            tmp_path / f"host{number}",
            f"store.obtain(recipe({number}), lambda folder: (folder / 'a').write_text('{number}'))\n"
            "print('built', flush=True)\nsys.stdin.readline()",
        )
        for number in range(2)
    )
    for process in (living, dead):
        assert process.stdout is not None and process.stdout.readline() == "built\n"
    dead.kill()
    dead.communicate()
    time.sleep(SHORT_S + 1)
    store = open_shared(s3_url, tmp_path / "gc")
    collect_garbage(store, is_dry_run=False)
    assert store.artifact_keys() == [recipe(0, kind="torture").key]
    living.communicate("end\n", timeout=300)


def test_gc_beside_hosts_that_build_and_find_never_breaks_a_result(s3_url, tmp_path):
    script = (
        "def obtain(n):\n"
        f"    time.sleep({SHORT_S / 8})\n"  # so that they go on for some collections
        "    recipe = Recipe('k', {'n': n % 4}, {}, (), ())\n"
        "    return store.obtain(recipe, lambda f: (f / 'a').write_text(str(n % 4))).ref\n"
        "refs = [obtain(n) for n in range(16)]\n"
        "assert [store.manifest(ref.key).content for ref in refs] == [ref.content for ref in refs]\n"
        "assert all(store.remote.stat(f'objects/{ref.content[:2]}/{ref.content}') for ref in refs)"
    )
    children = [host(s3_url, tmp_path / f"host{number}", script) for number in range(2)]
    store, num_collections = open_shared(s3_url, tmp_path / "gc"), 0
    while any(child.poll() is None for child in children):
        collect_garbage(store, is_dry_run=False)
        num_collections += 1
        time.sleep(SHORT_S / 2)  # those who made way look once a second whether they may go on
    assert [child.returncode for child in children] == [0, 0], children[0].communicate()[1][-2000:]
    assert num_collections >= 2


def test_a_store_that_cannot_be_reached_is_one_clear_line(tmp_path, monkeypatch, s3_url):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nothing listens there
    with pytest.raises(
        StoreUnreachable, match=r"the store s3://.* cannot be reached for .* run the same command again"
    ):
        RemoteFolder(s3_url, patience_s=2).read("layout")


def test_a_bucket_that_is_not_there_is_one_clear_line(s3_url, tmp_path):
    with pytest.raises(
        ValueError, match=r"the store s3://nowhere/x cannot be written to .* make its bucket first"
    ):
        open_shared("s3://nowhere/x", tmp_path)


def test_a_server_that_is_silent_for_a_while_is_waited_for(s3_url, s3_server, tmp_path):
    store = open_shared(s3_url, tmp_path)
    s3_server.process.send_signal(signal.SIGSTOP)
    waker = subprocess.Popen(
        [sys.executable, "-c", f"import os, time; time.sleep(6); os.kill({s3_server.process.pid}, 18)"]
    )
    assert store.obtain(recipe(), writer("one")).was_built
    waker.wait()


def test_a_store_of_a_newer_layout_is_refused(s3_url, tmp_path):
    RemoteFolder(s3_url).write("layout", b"99")
    with pytest.raises(ValueError, match=r"the store s3://.* has layout '99'"):
        open_shared(s3_url, tmp_path)


@pytest.mark.parametrize("scheme", ["file", "memory"])
def test_other_file_systems_of_fsspec_hold_a_store_too(scheme, tmp_path):
    url = f"{scheme}://{tmp_path}/shared"
    first, second = open_shared(url, tmp_path / "a"), open_shared(url, tmp_path / "b")
    ref = first.obtain(recipe(), writer("one")).ref
    assert not second.obtain(recipe(), must_not_build).was_built and read(second, ref) == "one"
    collect_garbage(second, is_dry_run=False)
    assert second.artifact_keys() == [ref.key]
