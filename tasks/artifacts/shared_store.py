"""A store that several hosts share: the same layout below a URL, with a local folder that holds what this host used.

manifests/ab/<key>.json   as in a folder: written last
objects/ab/<content>      one file an artifact: the bytes of its files in the manifest's order, so that 2,000 small
                          files go up in one put, and a put shows whole or not at all
locks/, leases/           as in `session`
runs/, tags/, pages/,
layout                    as in a folder
"""

import contextlib
import hashlib
import logging
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from tasks.artifacts.disk import remove
from tasks.artifacts.locking import file_lock
from tasks.artifacts.manifest import FileEntry, Manifest, parse_manifest, problems, read_manifest
from tasks.artifacts.recipe import Ref
from tasks.artifacts.remote_folder import RemoteFolder
from tasks.artifacts.session import LEASE_S, Session
from tasks.artifacts.store import PAGES, DamagedError, Store, check_layout

_CHUNK_BYTES = 1 << 20
log = logging.getLogger("verisim.store")


class SharedStore(Store):
    """Safe for threads, processes and hosts. What is found is downloaded when its files are first asked for."""

    def __init__(self, remote: RemoteFolder, cache: Path, *, lease_s: float = LEASE_S) -> None:
        super().__init__(cache)
        self.place, self.remote = remote.url, remote
        check_layout(self.place, lambda: remote.read("layout"), lambda text: remote.write("layout", text))
        self.session = Session(remote, lease_s=lease_s)

    def find(self, key: str) -> Ref | None:
        """The artifact of `key` if it is whole in the shared store, where it is uploaded to if only this host has it."""
        with self.session.using():
            manifest = self._find_remote(key)
            if manifest is None and (manifest := self._whole_here(key)):
                log.warning("%s %s is missing in %s: uploading it again", manifest.kind, key[:12], self.place)
                self._upload(manifest)
            if manifest is None:
                return None
            self.session.hold(key)
            return manifest.ref

    def folder(self, ref: Ref) -> Path:
        """The artifact's files, to be read only; downloaded where this host has not got them.

        ValueError where they are gone or damaged.
        """
        manifest = self._whole_here(ref.key)
        if manifest is None or manifest.content != ref.content:
            self._download(ref)
        return self.object_folder(ref.content)

    def check_bytes(self, ref: Ref) -> None:
        """What is damaged here only is downloaded again, and thereby hashed."""
        try:
            super().check_bytes(ref)
        except DamagedError as error:
            log.warning("%s: fetching it from %s again", error, self.place)
            with file_lock(self.root / "locks" / "store"):
                self.manifest_path(ref.key).unlink(missing_ok=True)
                self.discard(self.object_folder(ref.content))
            self._download(ref)

    def address(self, manifest: Manifest) -> str:
        return f"{self.place}/{object_name(manifest.content)}"

    def manifest(self, key: str) -> Manifest | None:
        content = self.remote.read(manifest_name(key))
        return None if content is None else parse_manifest(content, key)

    def artifact_keys(self) -> list[str]:
        return [Path(file.name).stem for file in self.remote.list("manifests")]

    def manifests(self) -> Iterator[Manifest]:
        """All readable manifests, oldest first."""
        contents = self.remote.read_many(file.name for file in self.remote.list("manifests"))
        found = (parse_manifest(content, Path(name).stem) for name, content in contents.items())
        return iter(sorted(filter(None, found), key=lambda manifest: manifest.created))

    @contextlib.contextmanager
    def key_lock(self, key: str) -> Iterator[None]:
        """Exclusive for builders of one key: first on this host, then among all."""
        with super().key_lock(key), self.session.lock(key):
            yield

    def write_record(self, run: str, text: str) -> None:
        self.remote.write(f"runs/{run}.json", text.encode())

    def records(self) -> dict[str, str]:
        return self._read_folder("runs")

    def delete_records(self, runs: Iterable[str]) -> None:
        for run in list(runs):
            pages = [file.name for file in self.remote.list(f"{PAGES}/{run}")]
            self.remote.delete([f"runs/{run}.json", *pages])

    def write_tag(self, name: str, text: str) -> None:
        self.remote.write(f"tags/{name}.json", text.encode())

    def tags(self) -> dict[str, str]:
        return self._read_folder("tags")

    def delete_tag(self, name: str) -> None:
        self.remote.delete([f"tags/{name}.json"])

    def write_setting(self, name: str, text: str) -> None:
        self.remote.write(name, text.encode())

    def read_setting(self, name: str) -> str | None:
        content = self.remote.read(name)
        return None if content is None else content.decode()

    def used_bytes(self) -> int:
        return sum(file.size for file in self.remote.list("objects"))

    def read_files(self, manifest: Manifest, folder: Path) -> list[str]:
        """Download an artifact into `folder` and hash it; what is wrong with it."""
        packed = folder.with_name(f"{folder.name}.packed")
        try:
            self.remote.download(object_name(manifest.content), packed)
            with packed.open("rb") as file:
                return [text for entry in manifest.files if (text := _unpack(file, entry, folder))]
        except FileNotFoundError:
            return ["its files are missing"]
        finally:
            remove(packed)

    def take_out(self, manifest: Manifest) -> None:
        """Remove a damaged artifact from the shared store, so that it is built again."""
        self.remote.delete([manifest_name(manifest.key), object_name(manifest.content)])

    def _read_folder(self, folder: str) -> dict[str, str]:
        contents = self.remote.read_many(file.name for file in self.remote.list(folder))
        return {Path(name).stem: content.decode() for name, content in contents.items()}

    def _find_remote(self, key: str) -> Manifest | None:
        manifest = self.manifest(key)
        if manifest is None:
            return None
        file = self.remote.stat(object_name(manifest.content))
        if file is not None and file.size == manifest.ref.num_bytes:
            return manifest
        found = "missing" if file is None else f"{file.size} bytes instead of {manifest.ref.num_bytes}"
        log.warning(
            "%s %s is damaged (its files are %s): it will be made whole again", manifest.kind, key[:12], found
        )
        return None

    def _whole_here(self, key: str) -> Manifest | None:
        """What this host has of `key`; it is then safe from gc of the local folder while this process lives."""
        with self.shared_lock():
            manifest = read_manifest(self.manifest_path(key))
            if manifest is None or problems(manifest, self.object_folder(manifest.content)):
                return None
            self._hold(key)
            return manifest

    def _publish(self, manifest: Manifest, folder: Path) -> None:
        """Here first: should the network be away, the work is kept and uploaded when it is looked for again."""
        super()._publish(manifest, folder)
        with self.session.using():
            self._upload(manifest)
            self.session.hold(manifest.key)

    def _upload(self, manifest: Manifest) -> None:
        name = object_name(manifest.content)
        file = self.remote.stat(name)
        if file is None or file.size != manifest.ref.num_bytes:
            packed = self.root / "building" / f"{manifest.key}-{uuid.uuid4().hex[:8]}.packed"
            try:
                _pack(manifest, self.object_folder(manifest.content), packed)
                self.remote.upload(packed, name)
            finally:
                remove(packed)
        self.remote.write(manifest_name(manifest.key), manifest.to_json().encode())

    def _download(self, ref: Ref) -> None:
        folder = self.root / "building" / f"{ref.content}-{uuid.uuid4().hex[:8]}"
        with file_lock(self.root / "locks" / ref.content):
            manifest = self.manifest(ref.key)
            if manifest is None or manifest.content != ref.content:
                raise ValueError(f"the {ref.kind} {ref.key[:12]} is gone from {self.place}; {_AGAIN}")
            here = self._whole_here(ref.key)
            if here is not None and here.content == ref.content:
                return  # another thread was faster
            try:
                folder.mkdir()
                if wrong := self.read_files(manifest, folder):
                    self.take_out(manifest)
                    raise ValueError(
                        f"the {ref.kind} {ref.key[:12]} was damaged in {self.place} ({wrong[0]}) and is taken out; {_AGAIN}"
                    )
                super()._publish(manifest, folder)
            finally:
                remove(folder)


_AGAIN = "run the same command again, which builds it anew"


def manifest_name(key: str) -> str:
    return f"manifests/{key[:2]}/{key}.json"


def object_name(content: str) -> str:
    return f"objects/{content[:2]}/{content}"


def _pack(manifest: Manifest, folder: Path, target: Path) -> None:
    with target.open("wb") as packed:
        for entry in manifest.files:
            with (folder / entry.path).open("rb") as file:
                shutil.copyfileobj(file, packed, _CHUNK_BYTES)


def _unpack(packed: IO[bytes], entry: FileEntry, folder: Path) -> str | None:
    """Write the next file of an artifact; what is wrong with it."""
    path, hasher, missing = folder / entry.path, hashlib.sha256(), entry.size
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        while missing and (chunk := packed.read(min(missing, _CHUNK_BYTES))):
            file.write(chunk)
            hasher.update(chunk)
            missing -= len(chunk)
    return None if hasher.hexdigest() == entry.sha256 else f"{entry.path} has other bytes than were written"
