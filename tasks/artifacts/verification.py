"""Checking stored artifacts against their manifests."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tasks.artifacts.locking import file_lock
from tasks.artifacts.manifest import Manifest, problems, read_manifest
from tasks.artifacts.shared_store import SharedStore, manifest_name, object_name
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
    if isinstance(store, SharedStore):
        return _verify_shared(store, deep=deep)
    manifests = list(store.manifests())
    suspects = [manifest for manifest in manifests if _problems(store, manifest, deep)]
    with file_lock(store.root / "locks" / "store"):
        # Looked at again now that nobody publishes: one may have been mended or published meanwhile.
        damages = [Damage(item, wrong) for item in suspects if (wrong := _problems(store, item, deep))]
        for damage in damages:
            _take_out(store, damage.manifest)
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
                    damages.append(Damage(manifest, wrong))
                    store.take_out(manifest)
            readable = {manifest_name(manifest.key) for manifest in store.manifests()}
            store.remote.delete([name for name in names if name not in readable])
    return len(names), damages


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
