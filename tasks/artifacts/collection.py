"""Garbage collection: what no run, no tag and no living process reaches is removed."""

import os
from dataclasses import dataclass
from pathlib import Path

from tasks.artifacts.disk import remove, weight
from tasks.artifacts.leases import leased_keys
from tasks.artifacts.locking import file_lock, try_lock
from tasks.artifacts.roots import Keeping, choose_roots, reachable
from tasks.artifacts.session import LEASE_S
from tasks.artifacts.shared_store import SharedStore
from tasks.artifacts.store import Store

_DAY_S = 24 * 3600


@dataclass(frozen=True)
class Garbage:
    """Files and folders of the store that nothing needs, with what they weigh."""

    manifests: tuple[str, ...]
    objects: tuple[str, ...]
    leftovers: tuple[str, ...]
    num_bytes: int


def collect_garbage(store: Store, *, is_dry_run: bool, keeping: Keeping | None = None) -> Garbage:
    """Remove what is unreachable from the roots: runs, tags, living processes and all that theirs was made from.

    Builds may go on meanwhile: nobody can find or publish between the marking and the removal, and a build in progress
    holds its key's lock.
    """
    keeping = keeping or Keeping()
    if isinstance(store, SharedStore):
        return _collect_shared(store, keeping, is_dry_run=is_dry_run)
    return _collect_here(store, keeping, is_dry_run=is_dry_run)


def _collect_here(store: Store, keeping: Keeping, *, is_dry_run: bool) -> Garbage:
    with file_lock(store.root / "locks" / "store"):
        roots = choose_roots(store, keeping)
        live = reachable(store.manifest, leased_keys(store.root / "leases") | roots.keys)
        kept = {manifest.content for manifest in store.manifests() if manifest.key in live}
        manifests = [path for path in (store.root / "manifests").glob("*/*.json") if path.stem not in live]
        objects = [path for path in (store.root / "objects").glob("*/*") if path.name not in kept]
        leftovers = _leftovers(store)
        garbage = _weighed(store.root, manifests, objects, leftovers)
        if is_dry_run:
            return garbage
        roots.forget(store)
        for path in manifests:
            path.unlink(missing_ok=True)
        trash = [_to_trash(store, path) for path in (*objects, *leftovers)]
        _remove_locks(store, live | kept)
    for path in [*trash, *(store.root / "trash").iterdir()]:
        remove(path)
    return garbage


def _weighed(root: Path, *groups: list[Path]) -> Garbage:
    names = [tuple(path.relative_to(root).as_posix() for path in group) for group in groups]
    return Garbage(*names, num_bytes=sum(weight(path) for group in groups for path in group))


def _collect_shared(store: SharedStore, keeping: Keeping, *, is_dry_run: bool) -> Garbage:
    remote = store.remote
    with store.session.collecting() as leased:
        roots = choose_roots(store, keeping)
        readable = {manifest.key: manifest for manifest in store.manifests()}
        live = reachable(readable.get, leased | roots.keys)
        kept = {readable[key].content for key in live & readable.keys()}
        manifests = [file for file in remote.list("manifests") if Path(file.name).stem not in live]
        objects = [file for file in remote.list("objects") if Path(file.name).name not in kept]
        now = store.session.now()
        # An upload of a dead process, and locks that nobody has wanted for long.
        old = [file for file in remote.list("incoming") if now - file.modified > _DAY_S]
        old += [file for file in remote.list("locks") if now - file.modified > _DAY_S + LEASE_S]
        names = [tuple(file.name for file in group) for group in (manifests, objects, old)]
        garbage = Garbage(*names, num_bytes=sum(file.size for file in (*manifests, *objects, *old)))
        if not is_dry_run:
            roots.forget(store)
            for group in names:  # manifests first: nobody finds what is half removed
                remote.delete(group)
    return garbage


def _leftovers(store: Store) -> list[Path]:
    """Build folders and checkpoints whose builder is dead. A checkpoint is kept for a week, to resume from."""
    building = _abandoned_builds(store)
    scratch = [path for path in (store.root / "scratch").iterdir() if _is_stale(store, path)]
    # Nobody publishes now: a manifest that is being written is one whose writer died.
    half_written = list((store.root / "manifests").glob("*/.*"))
    return building + scratch + half_written


def remove_abandoned_builds(store: Store) -> None:
    """Folders that killed builds left; who works at one holds its key's lock."""
    for path in _abandoned_builds(store):
        remove(path)


def _abandoned_builds(store: Store) -> list[Path]:
    return [path for path in (store.root / "building").iterdir() if _is_abandoned(store, path.name[:64])]


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


def _remove_locks(store: Store, needed: set[str]) -> None:
    """Of keys and contents that are gone. Who waits for such a lock meanwhile notices and takes a new one."""
    for path in (store.root / "locks").iterdir():
        if path.name.removeprefix("content-") in needed | {"store", "clock"}:
            continue
        descriptor = try_lock(path)
        if descriptor is not None:
            path.unlink()
            os.close(descriptor)


def _to_trash(store: Store, path: Path) -> Path:
    return path.replace(store.root / "trash" / f"{path.name}-{os.getpid()}")
