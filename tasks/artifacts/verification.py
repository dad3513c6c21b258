"""Checking stored artifacts against their manifests."""

from dataclasses import dataclass

from tasks.artifacts.locking import file_lock
from tasks.artifacts.manifest import Manifest, problems
from tasks.artifacts.store import Store


@dataclass(frozen=True)
class Damage:
    """One artifact whose files are not what was published."""

    manifest: Manifest
    problems: list[str]


def verify(store: Store, *, deep: bool) -> tuple[int, list[Damage]]:
    """Number of artifacts checked and those found damaged, by size or (deep) by hash.

    Damaged artifacts are taken out of the store, so that the next run builds them again.
    """
    checked = list(store.manifests())
    unreadable = _unreadable(store, {manifest.key for manifest in checked})
    damages = [
        Damage(manifest, wrong)
        for manifest in checked
        if (wrong := problems(manifest, store.object_folder(manifest.content), deep=deep))
    ]
    with file_lock(store.root / "locks" / "store"):
        for damage in damages:
            _take_out(store, damage.manifest)
        for path in unreadable:
            path.unlink(missing_ok=True)
    return len(checked) + len(unreadable), damages


def _unreadable(store: Store, readable: set[str]) -> list:
    return [path for path in (store.root / "manifests").glob("*/*.json") if path.stem not in readable]


def _take_out(store: Store, manifest: Manifest) -> None:
    store.manifest_path(manifest.key).unlink(missing_ok=True)
    folder = store.object_folder(manifest.content)
    if folder.exists():
        store.discard(folder)
