"""Checking stored artifacts against their manifests."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from tasks.artifacts.lineage import descendants
from tasks.artifacts.locking import file_lock
from tasks.artifacts.manifest import Manifest, problems, read_manifest
from tasks.artifacts.shared_store import SharedStore, manifest_name, object_name
from tasks.artifacts.store import Store


@dataclass(frozen=True)
class Damage:
    """One artifact whose files are not what was published, and what was made from it.

    `made_after`: when its files had been written over. `made_some_time`: before or after they changed, nobody knows.
    """

    manifest: Manifest
    problems: list[str]
    made_after: tuple[Manifest, ...] = ()
    made_some_time: tuple[Manifest, ...] = ()


def verify(store: Store, *, deep: bool) -> tuple[int, list[Damage]]:
    """Number of artifacts checked and those found damaged, by size or (deep) by hash.

    Damaged artifacts are taken out of the store, so that the next run builds them again, and so is what was made after
    their files were written over.
    """
    if isinstance(store, SharedStore):
        return _verify_shared(store, deep=deep)
    manifests = list(store.manifests())
    suspects = [manifest for manifest in manifests if _problems(store, manifest, deep)]
    with file_lock(store.root / "locks" / "store"):
        # Looked at again now that nobody publishes: one may have been mended or published meanwhile.
        damages = [
            _with_descendants(store, manifests, Damage(item, wrong))
            for item in suspects
            if (wrong := _problems(store, item, deep))
        ]
        for damage in damages:
            _take_out(store, damage.manifest)
            for descendant in damage.made_after:
                store.manifest_path(descendant.key).unlink(missing_ok=True)
        unreadable = [
            path for path in (store.root / "manifests").glob("*/[!.]*") if read_manifest(path) is None
        ]
        for path in unreadable:
            path.unlink()
    return len(manifests) + len(unreadable), damages


def _verify_shared(store: SharedStore, *, deep: bool) -> tuple[int, list[Damage]]:
    names = [file.name for file in store.remote.list("manifests")]
    manifests, sizes = list(store.manifests()), _sizes(store)
    suspects = [manifest for manifest in manifests if _remote_problems(store, manifest, sizes, deep)]
    damages: list[Damage] = []
    if suspects or len(manifests) < len(names):
        with store.session.collecting():
            sizes = _sizes(store)
            for manifest in suspects:
                if wrong := _remote_problems(store, manifest, sizes, deep):
                    damages.append(Damage(manifest, wrong, made_some_time=_made(manifests, manifest, wrong)))
                    store.take_out(manifest)
            readable = {manifest_name(manifest.key) for manifest in store.manifests()}
            store.remote.delete([name for name in names if name not in readable])
    return len(names), damages


def _with_descendants(store: Store, manifests: list[Manifest], damage: Damage) -> Damage:
    """What a disk changed by itself keeps its time of writing; then nobody knows which were made before."""
    made = _made(manifests, damage.manifest, damage.problems)
    folder = store.object_folder(damage.manifest.content)
    written = max((path.stat().st_mtime for path in folder.rglob("*") if path.is_file()), default=0.0)
    if written <= damage.manifest.created:
        return replace(damage, made_some_time=made)
    return replace(damage, made_after=tuple(item for item in made if item.created > written))


def _made(manifests: list[Manifest], damaged: Manifest, problems: list[str]) -> tuple[Manifest, ...]:
    """Nothing was made from files that are only missing."""
    is_missing = all(text.endswith("missing") for text in problems)
    return () if is_missing else tuple(descendants(manifests, damaged.key))


def _sizes(store: SharedStore) -> dict[str, int]:
    return {file.name: file.size for file in store.remote.list("objects")}


def _remote_problems(store: SharedStore, manifest: Manifest, sizes: dict[str, int], deep: bool) -> list[str]:
    size, wanted = sizes.get(object_name(manifest.content)), manifest.ref.num_bytes
    if size is None:
        return ["its files are missing"]
    if size != wanted:
        return [f"its files have {size} bytes instead of {wanted}"]
    if not deep:
        return []
    with tempfile.TemporaryDirectory(prefix="verisim-verify-") as folder:
        return store.read_files(manifest, Path(folder) / "files")


def _problems(store: Store, manifest: Manifest, deep: bool) -> list[str]:
    return problems(manifest, store.object_folder(manifest.content), deep=deep)


def _take_out(store: Store, manifest: Manifest) -> None:
    store.manifest_path(manifest.key).unlink(missing_ok=True)
    folder = store.object_folder(manifest.content)
    if folder.exists():
        store.discard(folder)
