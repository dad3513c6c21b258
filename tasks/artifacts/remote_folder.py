"""Files below a URL that fsspec understands, read and written with patience where the network is away for a while."""

import itertools
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import fsspec

PATIENCE_S = 90.0
log = logging.getLogger("verisim.store")

# A put shows whole or not at all there; elsewhere a file is written under another name and moved.
_OBJECT_STORES = ("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "memory")
# One failed attempt must not take minutes: patience is ours.
_OPTIONS = {
    "s3": {"config_kwargs": {"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 1}}},
    "file": {"auto_mkdir": True},
}
_ALIASES = {"s3a": "s3", "local": "file"}
# By name: which of these libraries is installed depends on the store.
_PASSING = ("HTTPClientError", "ConnectionError", "ClientConnectionError", "TimeoutError")
_LASTING = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)


class StoreUnreachable(OSError, ValueError):
    """The network or the server of a shared store was away for longer than a run waits."""


@dataclass(frozen=True)
class RemoteFile:
    """One file: its name in the folder, bytes, and seconds since 1970 by the clock of the remote side."""

    name: str
    size: int
    modified: float


class RemoteFolder:
    """All names are relative to `url`. Safe for threads; every call ends within about `patience_s`, or succeeds."""

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S) -> None:
        self.url = url.rstrip("/")
        self._patience_s = patience_s
        self._files, self._root = _open(self.url)
        protocols = (self._files.protocol,) if isinstance(self._files.protocol, str) else self._files.protocol
        self._puts_whole = any(protocol in _OBJECT_STORES for protocol in protocols)

    def lose_patience(self) -> None:
        """From now on nothing is tried twice: the process ends."""
        self._patience_s = 0.0

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, None where there is none."""
        try:
            return self._patiently(self._files.cat_file, self._path(name))
        except FileNotFoundError:
            return None

    def read_many(self, names: Iterable[str]) -> dict[str, bytes]:
        """The bytes of those files that are there, fetched at the same time."""
        paths = {self._path(name): name for name in names}
        if not paths:
            return {}
        found = self._patiently(self._files.cat, list(paths), on_error="omit")
        found = found if isinstance(found, dict) else dict.fromkeys(paths, found)
        return {paths[path]: content for path, content in found.items() if content is not None}

    def write(self, name: str, content: bytes) -> None:
        """Readers see the old bytes or the new ones."""
        self._place(name, lambda path: self._files.pipe_file(path, content))

    def create(self, name: str, content: bytes) -> bool:
        """Write a file that must not be there yet: of several callers, each with other bytes, one gets True."""
        try:
            self._patiently(self._files.pipe_file, self._path(name), content, mode="create")
        except FileExistsError:
            return self.read(name) == content  # ours, where only the answer to an earlier attempt was lost
        return True

    def upload(self, path: Path, name: str) -> None:
        """Readers see nothing of the file before all of it."""
        self._place(name, lambda target: self._files.put_file(str(path), target))

    def download(self, name: str, path: Path) -> None:
        """FileNotFoundError where there is no such file."""
        self._patiently(self._files.get_file, self._path(name), str(path))

    def signed_link(self, name: str, *, seconds: int) -> str:
        """An address that reads a file for so long; ValueError where the file system signs none."""
        try:
            return self._files.sign(self._path(name), expiration=seconds)
        except NotImplementedError:
            raise ValueError(f"the store {self.url} signs no links; only a bucket does") from None

    def stat(self, name: str) -> RemoteFile | None:
        """None where there is no such file, also where it is a folder."""
        try:
            info = self._patiently(self._files.info, self._path(name))
        except FileNotFoundError:
            return None
        return _describe(info, name) if info["type"] == "file" else None

    def list(self, folder: str) -> list[RemoteFile]:
        """All files below a folder, by name."""
        root = self._path(folder)
        try:
            found = self._patiently(self._files.find, root, detail=True)
        except FileNotFoundError:
            return []
        start = len(self._files._strip_protocol(root)) + 1
        # s3fs calls a folder a find whose first file appears while it looks.
        files = {path: info for path, info in sorted(found.items()) if info["type"] == "file"}
        return [_describe(info, f"{folder}/{path[start:]}") for path, info in files.items()]

    def delete(self, names: Iterable[str]) -> None:
        """Files that are gone already are fine."""
        for chunk in _chunks([self._path(name) for name in names], 1000):
            try:
                self._patiently(self._files.rm, chunk)
            except FileNotFoundError:
                self._delete_each(chunk)

    def _delete_each(self, paths: "list[str]") -> None:
        for path in paths:
            try:
                self._patiently(self._files.rm_file, path)
            except FileNotFoundError:
                continue

    def _place(self, name: str, write: Callable[[str], Any]) -> None:
        target = self._path(name)
        if self._puts_whole:
            try:
                self._patiently(write, target)
            except FileNotFoundError as error:
                raise ValueError(
                    f"the store {self.url} cannot be written to ({_one_line(error)}); make its bucket first"
                ) from None
            return
        temporary = self._path(f"incoming/{uuid.uuid4().hex}")
        self._patiently(write, temporary)
        self._patiently(self._files.makedirs, target.rpartition("/")[0], exist_ok=True)
        self._patiently(self._files.mv, temporary, target)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _patiently(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Try again with growing pauses for as long as the fault may pass."""
        started = time.monotonic()
        for wait_s in itertools.chain((0.5, 1, 2, 4), itertools.repeat(8)):  # s
            try:
                return call(*arguments, **named)
            except Exception as error:
                self._raise_if_lasting(error)
                silent_s = time.monotonic() - started
                if silent_s + wait_s > self._patience_s:
                    raise StoreUnreachable(
                        f"the store {self.url} cannot be reached for {silent_s:.0f} s ({_one_line(error)}); what is "
                        "finished is kept: see to the network or the server, then run the same command again"
                    ) from error
                if silent_s < wait_s:
                    log.warning("the store %s does not answer (%s): trying again", self.url, _one_line(error))
                time.sleep(wait_s)
        raise AssertionError("unreachable")

    def _raise_if_lasting(self, error: Exception) -> None:
        if isinstance(error, FileNotFoundError | FileExistsError):
            raise error
        if isinstance(error, PermissionError) or type(error).__name__ == "NoCredentialsError":
            raise ValueError(
                f"the store {self.url} refuses access ({_one_line(error)}); check the credentials, e.g. AWS_PROFILE"
            ) from error
        names = {base.__name__ for base in type(error).__mro__}
        if isinstance(error, _LASTING) or not (isinstance(error, OSError) or names & set(_PASSING)):
            raise error


def _open(url: str) -> tuple[Any, str]:
    """The file system and the path in it; ValueError for a URL that nothing here understands."""
    protocol = url.partition("://")[0]
    options = _OPTIONS.get(_ALIASES.get(protocol, protocol), {})
    try:
        files, root = fsspec.url_to_fs(url, skip_instance_cache=True, use_listings_cache=False, **options)
    except ImportError as error:
        raise ValueError(f"the store {url} needs a package that is not installed: {error}") from None
    except ValueError as error:
        raise ValueError(
            f"store is {url!r}, which no file system understands ({error}); give a folder, or a URL such as "
            "s3://bucket/prefix"
        ) from None
    return files, str(root).rstrip("/")


def _describe(info: dict[str, Any], name: str) -> RemoteFile:
    fields = ("LastModified", "mtime", "updated", "last_modified", "created")
    modified = next(info[field] for field in fields if info.get(field) is not None)
    seconds = modified.timestamp() if isinstance(modified, datetime) else float(modified)
    return RemoteFile(name, int(info["size"] or 0), seconds)


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def _chunks(items: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
