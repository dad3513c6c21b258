"""A folder of artifacts with one commit point each: readers never see half of one.

manifests/ab/<key>.json   commit point: written last, renamed into place
objects/ab/<content>/     the files of an artifact, read-only, shared by keys of equal content
building/<key>-<id>/      a build in progress, thrown away when it fails
scratch/<key>/            checkpoints of a long build; they survive a kill and go when it is published
locks/, leases/           held by the kernel for a living process only
runs/<run>.json           the roots that gc keeps
trash/                    renamed away, deleted without any lock
"""

import contextlib
import ctypes
import errno
import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.artifacts.leases import Lease
from tasks.artifacts.locking import file_lock
from tasks.artifacts.manifest import Manifest, describe_folder, problems, read_manifest
from tasks.artifacts.recipe import Recipe, Ref

LAYOUT = "1"
log = logging.getLogger("verisim.store")


@dataclass(frozen=True)
class Obtained:
    """An artifact and whether this call built it."""

    ref: Ref
    was_built: bool
    seconds: float


class Store:
    """Content-addressed artifacts below one local folder; safe for threads and processes of one host."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        for name in ("manifests", "objects", "building", "scratch", "locks", "leases", "runs", "trash"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        _check_layout(self.root / "layout")
        self._lease: Lease | None = None
        self._lease_guard = threading.Lock()

    def obtain(self, recipe: Recipe, build: Callable[[Path], None]) -> Obtained:
        """Find the artifact of `recipe`, or call `build(folder)` once and publish what it wrote.

        Processes that want the same key wait for the first and share its result.
        """
        if ref := self.find(recipe.key):
            return Obtained(ref, False, 0.0)
        with self.key_lock(recipe.key):
            if ref := self.find(recipe.key):
                return Obtained(ref, False, 0.0)
            return self._build(recipe, build)

    def find(self, key: str) -> Ref | None:
        """The artifact of `key` if all its files are there; it is then safe from gc while this process lives."""
        with self.shared_lock():
            manifest = self.manifest(key)
            if manifest is None:
                return None
            wrong = problems(manifest, self.object_folder(manifest.content))
            if wrong:
                log.warning(
                    "%s %s is damaged (%s): it will be built again", manifest.kind, key[:12], wrong[0]
                )
                return None
            self._hold(key)
            return manifest.ref

    def is_reachable(self) -> bool:
        """False while its disk or its host is away."""
        try:
            return (self.root / "layout").is_file()
        except OSError:
            return False

    def folder(self, ref: Ref) -> Path:
        """The artifact's files, to be read only."""
        return self.object_folder(ref.content)

    def scratch(self, key: str) -> Path:
        """A folder of a build's own that survives a kill, for checkpoints; removed when the key is published."""
        path = self.root / "scratch" / key
        path.mkdir(exist_ok=True)
        return path

    def manifest(self, key: str) -> Manifest | None:
        return read_manifest(self.manifest_path(key))

    def manifests(self) -> Iterator[Manifest]:
        """All readable manifests, oldest first."""
        found = (read_manifest(path) for path in (self.root / "manifests").glob("*/*.json"))
        return iter(
            sorted((manifest for manifest in found if manifest), key=lambda manifest: manifest.created)
        )

    def manifest_path(self, key: str) -> Path:
        return self.root / "manifests" / key[:2] / f"{key}.json"

    def object_folder(self, content: str) -> Path:
        return self.root / "objects" / content[:2] / content

    def key_lock(self, key: str) -> contextlib.AbstractContextManager[None]:
        """Exclusive for builders of one key."""
        waiting = lambda: log.info("another process builds %s: waiting for it", key[:12])  # noqa: E731
        return file_lock(self.root / "locks" / key, on_wait=waiting)

    def shared_lock(self) -> contextlib.AbstractContextManager[None]:
        """Held for moments by everyone who finds or publishes; gc takes the same lock exclusively."""
        return file_lock(self.root / "locks" / "store", shared=True)

    def discard(self, path: Path) -> None:
        """Take `path` out of the store at once, then delete it."""
        away = self.root / "trash" / uuid.uuid4().hex
        path.replace(away)
        remove(away)

    def _build(self, recipe: Recipe, build: Callable[[Path], None]) -> Obtained:
        folder = self.root / "building" / f"{recipe.key}-{uuid.uuid4().hex[:8]}"
        started = time.monotonic()
        try:
            folder.mkdir()
            build(folder)
            seconds = time.monotonic() - started
            ref = self._publish(recipe, folder, seconds)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise ValueError(f"{disk_full_message(self.root)}; {recipe.kind} was not stored") from error
            raise
        finally:
            remove(folder)
        remove(self.root / "scratch" / recipe.key)
        return Obtained(ref, True, seconds)

    def _publish(self, recipe: Recipe, folder: Path, seconds: float) -> Ref:
        manifest = describe_folder(recipe, folder, seconds=seconds)
        _make_read_only(folder)
        _sync_file_system(folder)
        with self.shared_lock():
            self._place_object(manifest, folder)
            self._hold(manifest.key)
            write_atomically(self.manifest_path(manifest.key), manifest.to_json())
        return manifest.ref

    def _place_object(self, manifest: Manifest, folder: Path) -> None:
        """Move the files to their content's place, unless the same content stands there whole."""
        place = self.object_folder(manifest.content)
        place.parent.mkdir(exist_ok=True)
        with file_lock(self.root / "locks" / f"content-{manifest.content}"):
            if place.exists() and problems(manifest, place, deep=True):
                self.discard(place)
            if not place.exists():
                folder.replace(place)

    def _hold(self, key: str) -> None:
        with self._lease_guard:
            if self._lease is None:
                self._lease = Lease(self.root / "leases")
            self._lease.add(key)


def write_atomically(path: Path, text: str) -> None:
    """Write a small file so that readers see the old text or the new one. Makes no store where one is away."""
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with temporary.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Delete a folder or file of the store, read-only or not; nothing there is fine."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def disk_full_message(root: Path) -> str:
    free = shutil.disk_usage(root).free / 1e6
    return (
        f"the disk of the store {root} is full ({free:.0f} MB free): free some space "
        "(`python -m flows artifacts gc` helps) or set another `store`, then run the same command again"
    )


def _check_layout(path: Path) -> None:
    if not path.exists():
        write_atomically(path, LAYOUT)
    found = path.read_text().strip()
    if found != LAYOUT:
        raise ValueError(
            f"the store {path.parent} has layout {found!r}, but this version reads layout {LAYOUT!r}: "
            "use the version that wrote it, or another folder"
        )


def _make_read_only(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)


def _sync_file_system(folder: Path) -> None:
    """Bring all written files to the disk in one call: an fsync per file would cost seconds for 2,000."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), "syncfs failed", str(folder))
    except AttributeError:  # no syncfs on this platform
        os.sync()
    finally:
        os.close(descriptor)
