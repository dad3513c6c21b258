"""Garbage collection: what no run and no living process reaches is removed."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.artifacts.leases import leased_keys
from tasks.artifacts.locking import file_lock, try_lock
from tasks.artifacts.store import Store, remove


@dataclass(frozen=True)
class Garbage:
    """Paths that nothing needs, with what they weigh."""

    manifests: tuple[Path, ...]
    objects: tuple[Path, ...]
    leftovers: tuple[Path, ...]
    num_bytes: int


def collect_garbage(store: Store, *, is_dry_run: bool, keep_last: int | None = None) -> Garbage:
    """Remove what is unreachable from the roots (runs, living processes and all that theirs was made from).

    `keep_last` forgets all but the newest records of every run name; None keeps them all.

    Builds may go on meanwhile: nobody can find or publish between the marking and the renaming, and a build in
    progress holds its key's lock.
    """
    with file_lock(store.root / "locks" / "store"):
        kept, forgotten = _run_records(store, keep_last)
        garbage = _find_garbage(store, kept)
        if is_dry_run:
            return garbage
        for path in (*garbage.manifests, *forgotten):
            path.unlink(missing_ok=True)
        trash = [_to_trash(store, path) for path in (*garbage.objects, *garbage.leftovers)]
    for path in [*trash, *(store.root / "trash").iterdir()]:
        remove(path)
    return garbage


def _find_garbage(store: Store, runs: list[Path]) -> Garbage:
    live = _reachable(store, leased_keys(store.root / "leases") | _keys_of_runs(runs))
    kept = {manifest.content for manifest in store.manifests() if manifest.key in live}
    manifests = [path for path in (store.root / "manifests").glob("*/*.json") if path.stem not in live]
    objects = [path for path in (store.root / "objects").glob("*/*") if path.name not in kept]
    leftovers = _leftovers(store)
    size = sum(_weight(path) for path in (*manifests, *objects, *leftovers))
    return Garbage(tuple(manifests), tuple(objects), tuple(leftovers), size)


def _run_records(store: Store, keep_last: int | None) -> tuple[list[Path], list[Path]]:
    """(kept, forgotten) records of runs; the newest of a name are kept."""
    by_name: dict[str, list[Path]] = {}
    for path in sorted((store.root / "runs").glob("*.json"), key=lambda path: path.stat().st_mtime):
        by_name.setdefault(_read_record(path)["run"], []).append(path)
    newest = [
        path for paths in by_name.values() for path in (paths if keep_last is None else paths[-keep_last:])
    ]
    return newest, [path for paths in by_name.values() for path in paths if path not in newest]


def _keys_of_runs(runs: list[Path]) -> set[str]:
    return {artifact["key"] for path in runs for artifact in _read_record(path)["artifacts"]}


def _read_record(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(
            f"the run record {path} is damaged; delete it, what only it reaches will be collected"
        ) from error


def _reachable(store: Store, roots: Iterable[str]) -> set[str]:
    live: set[str] = set()
    waiting = list(roots)
    while waiting:
        key = waiting.pop()
        if key in live:
            continue
        live.add(key)
        manifest = store.manifest(key)
        if manifest:
            waiting += [upstream for keys in manifest.input_keys.values() for upstream in keys]
    return live


def _leftovers(store: Store) -> list[Path]:
    """Build folders and checkpoints whose builder is dead. A checkpoint is kept for a week, to resume from."""
    building = [path for path in (store.root / "building").iterdir() if _is_abandoned(store, path.name[:64])]
    scratch = [path for path in (store.root / "scratch").iterdir() if _is_stale(store, path)]
    # Nobody publishes now: a manifest that is being written is one whose writer died.
    half_written = list((store.root / "manifests").glob("*/.*"))
    return building + scratch + half_written


def _is_stale(store: Store, path: Path) -> bool:
    week_s = 7 * 24 * 3600
    newest = max((item.stat().st_mtime for item in (path, *path.rglob("*"))), default=0.0)
    return _now(store) - newest > week_s and _is_abandoned(store, path.name)


def _now(store: Store) -> float:
    """The file system's clock: file times are compared with it."""
    probe = store.root / "locks" / "clock"
    probe.touch()
    return probe.stat().st_mtime


def _is_abandoned(store: Store, key: str) -> bool:
    descriptor = try_lock(store.root / "locks" / key)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True


def _weight(path: Path) -> int:
    """Bytes that deleting frees; a hard link into another artifact frees its share only."""
    files = [file.stat() for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]
    return sum(file.st_size // file.st_nlink for file in files)


def _to_trash(store: Store, path: Path) -> Path:
    return path.replace(store.root / "trash" / f"{path.name}-{os.getpid()}")
