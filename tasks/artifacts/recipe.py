"""What decides an artifact's identity: its kind, configuration, inputs by content, code and libraries."""

import contextlib
import dataclasses
import functools
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from tasks.artifacts.canonical import canonical, digest, digest_file
from tasks.artifacts.code_version import code_version


@dataclasses.dataclass(frozen=True)
class Ref:
    """A small, JSON-able name of a published artifact; `content` is the digest of its files."""

    kind: str
    key: str
    content: str
    num_files: int = 0
    num_bytes: int = 0


@dataclasses.dataclass(frozen=True)
class SourceFiles:
    """Files outside the store, by name; their bytes, not their places, enter a key."""

    files: Mapping[str, Path]

    @functools.cached_property
    def content(self) -> str:
        """Of the files as they were when it was first asked for."""
        return self._digest()

    def require_unchanged(self) -> None:
        """ValueError where a file is no longer what `content` says: what was made of it belongs to no key."""
        with contextlib.suppress(OSError):  # one that is gone has changed as well
            if self._digest() == self.content:
                return
        places = ", ".join(str(path) for path in self.files.values())
        raise ValueError(f"a file changed while it was read: {places}; run the same command again")

    def _digest(self) -> str:
        return digest({name: digest_file(path) for name, path in self.files.items()})


@functools.cache
def library_version(name: str) -> str:
    """Constant while a process runs; reading it takes a millisecond, and a sweep asks thousands of times."""
    return metadata.version(name)


Input = Ref | SourceFiles | tuple[Ref, ...]


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Everything that the bytes of one artifact depend on."""

    kind: str
    config: Any
    inputs: Mapping[str, Input]
    code: tuple[str, ...]
    libraries: tuple[str, ...]

    @functools.cached_property
    def key(self) -> str:
        return digest(self.parts)

    @functools.cached_property
    def parts(self) -> dict[str, Any]:
        """The parts of the key, in JSON types; `explain` compares them field by field."""
        return {
            "kind": self.kind,
            "config": canonical(self.config),
            "inputs": {name: _contents(value) for name, value in self.inputs.items()},
            "code": code_version(self.code),
            "libraries": {name: library_version(name) for name in self.libraries},
        }

    @property
    def input_keys(self) -> dict[str, list[str]]:
        """Keys of the artifacts it was made from: lineage, not identity."""
        return {name: [ref.key for ref in _refs(value)] for name, value in self.inputs.items()}


def _refs(value: Input) -> tuple[Ref, ...]:
    if isinstance(value, SourceFiles):
        return ()
    return (value,) if isinstance(value, Ref) else value


def _contents(value: Input) -> str | list[str]:
    return [ref.content for ref in value] if isinstance(value, tuple) else value.content
