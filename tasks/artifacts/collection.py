"""Garbage collection: what no run and no living process reaches is removed."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

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


def collect_garbage(store: Store, *, is_dry_run: bool) -> Garbage:
    """Remove what is unreachable from the roots (runs, living processes and all that theirs was made from).

    Builds may go on meanwhile: nobody can find or publish between the marking and the renaming, and a build in
    progress holds its key's lock.
    """
    with file_lock(store.root / "locks" / "store"):
        garbage = _find_garbage(store)
        if is_dry_run:
            return garbage
        for path in garbage.manifests:
            path.unlink(missing_ok=True)
        trash = [_to_trash(store, path) for path in (*garbage.objects, *garbage.leftovers)]
    for path in [*trash, *(store.root / "trash").iterdir()]:
        remove(path)
    return garbage


def _find_garbage(store: Store) -> Garbage:
    live = _reachable(store, leased_keys(store.root / "leases") | _keys_of_runs(store))
    kept = {manifest.content for manifest in store.manifests() if manifest.key in live}
    manifests = [path for path in (store.root / "manifests").glob("*/*.json") if path.stem not in live]
    objects = [path for path in (store.root / "objects").glob("*/*") if path.name not in kept]
    leftovers = _leftovers(store)
    size = sum(_weight(path) for path in (*manifests, *objects, *leftovers))
    return Garbage(tuple(manifests), tuple(objects), tuple(leftovers), size)


def _keys_of_runs(store: Store) -> set[str]:
    """Keys named by run records; the scratch of their unfinished builds stays as well."""
    records = [json.loads(path.read_bytes()) for path in (store.root / "runs").glob("*.json")]
    return {artifact["key"] for record in records for artifact in record["artifacts"]}


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
    return building + scratch


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
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _to_trash(store: Store, path: Path) -> Path:
    return path.replace(store.root / "trash" / f"{path.name}-{os.getpid()}")
