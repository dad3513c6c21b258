"""A folder of artifacts with one commit point each: readers never see half of one.

manifests/ab/<key>.json   commit point: written last, renamed into place
objects/ab/<content>/     the files of an artifact, read-only, shared by keys of equal content
building/<key>-<id>/      a build in progress, thrown away when it fails
scratch/<key>/            checkpoints of a long build; they survive a kill and go when it is published
locks/, leases/           held by the kernel for a living process only
runs/<run>.json           the roots that gc keeps
tags/<tag>.json           names that people gave to runs and artifacts, which gc keeps too
pages/<run>/              what runs left for people; goes with the run's record
trash/                    renamed away, deleted without any lock
"""

import contextlib
import errno
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.artifacts.disk import (
    disk_full_message,
    make_read_only,
    read_bytes,
    read_folder,
    remove,
    sync_file_system,
    weight,
    write_atomically,
)
from tasks.artifacts.leases import Lease
from tasks.artifacts.locking import file_lock
from tasks.artifacts.manifest import Manifest, describe_folder, problems, read_manifest
from tasks.artifacts.recipe import Recipe, Ref

LAYOUT = "2"
PAGES = "pages"
FOLDERS = ("manifests", "objects", "building", "scratch", "locks", "leases", "runs", "tags", "trash")
log = logging.getLogger("verisim.store")


@dataclass(frozen=True)
class Obtained:
    """An artifact and whether this call built it."""

    ref: Ref
    was_built: bool
    seconds: float


class DamagedError(ValueError):
    """An artifact's files have other bytes than were published."""


class Store:
    """Content-addressed artifacts below one local folder; safe for threads and processes of one host."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.place = str(self.root)  # what a person calls the store
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        path = self.root / "layout"
        check_layout(self.place, lambda: read_bytes(path), lambda text: write_atomically(path, text.decode()))
        self._lease: Lease | None = None
        self._lease_guard = threading.Lock()
        self._checks: dict[str, threading.Lock] = {}  # by content: held while it is hashed
        self._whole: set[str] = set()  # contents whose bytes this process has hashed

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

    def check_bytes(self, ref: Ref) -> None:
        """Hash files that are about to be read, once in a process; DamagedError for other bytes than were published."""
        with self._checks.setdefault(ref.content, threading.Lock()):
            if ref.content in self._whole:
                return
            manifest = read_manifest(self.manifest_path(ref.key))
            if manifest and (wrong := problems(manifest, self.object_folder(ref.content), deep=True)):
                raise DamagedError(
                    f"the {ref.kind} {ref.key[:12]} is damaged ({wrong[0]}), and nothing is made from it: `python -m flows "
                    "artifacts verify --deep` takes it out and says what was made from it before; run the same command then"
                )
            self._whole.add(ref.content)

    def address(self, manifest: Manifest) -> str:
        """Where its files lie, for a person."""
        return str(self.object_folder(manifest.content))

    def scratch(self, key: str) -> Path:
        """A folder of a build's own that survives a kill, for checkpoints; removed when the key is published."""
        path = self.root / "scratch" / key
        path.mkdir(exist_ok=True)
        return path

    def manifest(self, key: str) -> Manifest | None:
        return read_manifest(self.manifest_path(key))

    def artifact_keys(self) -> list[str]:
        """Of all manifests, readable or not."""
        return [path.stem for path in (self.root / "manifests").glob("*/[!.]*.json")]

    def manifests(self) -> Iterator[Manifest]:
        """All readable manifests, oldest first."""
        found = (read_manifest(path) for path in (self.root / "manifests").glob("*/*.json"))
        return iter(
            sorted((manifest for manifest in found if manifest), key=lambda manifest: manifest.created)
        )

    def write_record(self, run: str, text: str) -> None:
        """Keep the record of a run, a root of gc, under its id."""
        write_atomically(self.root / "runs" / f"{run}.json", text)

    def records(self) -> dict[str, str]:
        """The records of all runs by their ids."""
        return read_folder(self.root / "runs")

    def delete_records(self, runs: Iterable[str]) -> None:
        for run in runs:
            (self.root / "runs" / f"{run}.json").unlink(missing_ok=True)
            remove(self.root / PAGES / run)

    def write_tag(self, name: str, text: str) -> None:
        write_atomically(self.root / "tags" / f"{name}.json", text)

    def tags(self) -> dict[str, str]:
        """What people named, by the names."""
        return read_folder(self.root / "tags")

    def delete_tag(self, name: str) -> None:
        (self.root / "tags" / f"{name}.json").unlink(missing_ok=True)

    def write_setting(self, name: str, text: str) -> None:
        write_atomically(self.root / name, text)

    def read_setting(self, name: str) -> str | None:
        content = read_bytes(self.root / name)
        return None if content is None else content.decode()

    def used_bytes(self) -> int:
        """Bytes of all artifacts on the disk; hard links count once."""
        return weight(self.root / "objects")

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
            manifest = describe_folder(recipe, folder, seconds=seconds)
            self._publish(manifest, folder)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise ValueError(f"{disk_full_message(self.root)}; {recipe.kind} was not stored") from error
            raise
        finally:
            remove(folder)
        remove(self.root / "scratch" / recipe.key)
        return Obtained(manifest.ref, True, seconds)

    def _publish(self, manifest: Manifest, folder: Path) -> None:
        """Take the files of `folder` in; the last act makes them an artifact."""
        make_read_only(folder)
        sync_file_system(folder)
        with self.shared_lock():
            self._place_object(manifest, folder)
            self._hold(manifest.key)
            write_atomically(self.manifest_path(manifest.key), manifest.to_json())
        self._whole.add(manifest.content)

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


def check_layout(place: str, read: Callable[[], bytes | None], write: Callable[[bytes], None]) -> None:
    """Say the layout of a new store, and bring an older one to this one: layout 2 added `tags` to layout 1.

    ValueError for any other. The versions that know layout 1 refuse layout 2: their gc would not keep what is tagged.
    """
    content = read()
    found = LAYOUT if content is None else content.decode(errors="replace").strip()
    if found not in ("1", LAYOUT):
        raise ValueError(
            f"the store {place} has layout {found!r}, but this version reads layout {LAYOUT!r}: "
            "update Verisim to the version that wrote it, or set another `store`"
        )
    if content is None or found != LAYOUT:
        write(LAYOUT.encode())
    if found != LAYOUT:
        log.warning(
            "the store %s had layout %s and has layout %s now, which older versions refuse",
            place,
            found,
            LAYOUT,
        )
