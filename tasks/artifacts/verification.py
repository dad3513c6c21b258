"""Checking stored artifacts against their manifests."""

from dataclasses import dataclass

from tasks.artifacts.locking import file_lock
from tasks.artifacts.manifest import Manifest, problems, read_manifest
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


def _problems(store: Store, manifest: Manifest, deep: bool) -> list[str]:
    return problems(manifest, store.object_folder(manifest.content), deep=deep)


def _take_out(store: Store, manifest: Manifest) -> None:
    store.manifest_path(manifest.key).unlink(missing_ok=True)
    folder = store.object_folder(manifest.content)
    if folder.exists():
        store.discard(folder)
