"""Digests of code that earlier processes worked out, kept beside Python's bytecode for as long as no file changes."""

import contextlib
import hashlib
import json
import sys
import threading
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

PLACE = "tasks/__pycache__/code_versions"  # the suffix of no source: the file does not enter a digest itself


class KnownVersions:
    """Digests by name, below one root. They hold for the bytes of all files, which are read: a date tells less."""

    def __init__(self, root: Path, list_files: Callable[[], Iterable[Path]]) -> None:
        """`list_files` lists everything below `root` that can enter a digest, always in the same order."""
        self._root, self._path, self._list_files = root, root / PLACE, list_files
        self._writing = threading.Lock()
        self._state = self.digest_files()

    def find(self, name: str) -> str | None:
        return self._read().get(name)

    def add(self, name: str, version: str) -> None:
        """Keep a digest that was just worked out, unless a file changed since the start: it may be of both states.

        What another process adds in the same moment may be lost, and a folder that cannot be written keeps nothing.
        """
        if not self.is_current():
            return
        with self._writing, contextlib.suppress(OSError):
            text = json.dumps({"files": self._state, "versions": self._read() | {name: version}})
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._path.with_name(f".{self._path.name}.{uuid.uuid4().hex[:8]}")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(self._path)

    def is_current(self) -> bool:
        """Whether all files are as at the start."""
        return self.digest_files() == self._state

    def digest_files(self) -> str:
        """Of all files as they are now, and of the Python that runs."""
        hasher = hashlib.sha256(sys.version.encode())  # another Python describes the same code in other words
        for path in self._list_files():
            with contextlib.suppress(FileNotFoundError):  # an editor replaces it in this moment
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                hasher.update(f"{path.relative_to(self._root).as_posix()}\0{content}\0".encode())
        return hasher.hexdigest()

    def _read(self) -> dict[str, str]:
        """Nothing where the file is damaged, or is about other states of the files."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        is_current = isinstance(content, dict) and content.get("files") == self._state
        return content["versions"] if is_current else {}
