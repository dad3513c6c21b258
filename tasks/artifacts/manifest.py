"""The record of one artifact: what it was made from and which files it holds."""

import dataclasses
import hashlib
import json
import os
import stat
import time
from pathlib import Path
from typing import Any

from tasks.artifacts.canonical import digest_file, to_json
from tasks.artifacts.recipe import Recipe, Ref


@dataclasses.dataclass(frozen=True)
class FileEntry:
    """One file of an artifact, its path relative to the artifact's folder."""

    path: str
    size: int
    sha256: str


@dataclasses.dataclass(frozen=True)
class Manifest:
    """Lineage (`parts`, `input_keys`) and content of one artifact."""

    kind: str
    key: str
    content: str
    parts: dict[str, Any]
    input_keys: dict[str, list[str]]
    files: tuple[FileEntry, ...]
    seconds: float
    created: float

    @property
    def ref(self) -> Ref:
        size = sum(file.size for file in self.files)
        return Ref(self.kind, self.key, self.content, len(self.files), size)

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), sort_keys=True)


def describe_folder(recipe: Recipe, folder: Path, *, seconds: float) -> Manifest:
    """The manifest of a built folder; its content digest covers the files' paths and bytes."""
    files = list_files(folder)
    content = content_digest(files)
    return Manifest(
        recipe.kind, recipe.key, content, recipe.parts, recipe.input_keys, files, seconds, time.time()
    )


def content_digest(files: tuple[FileEntry, ...]) -> str:
    """As `digest` has it; the parts are JSON types, and every manifest that is read is checked so."""
    return hashlib.sha256(to_json([[file.path, file.sha256] for file in files]).encode()).hexdigest()


def list_files(folder: Path) -> tuple[FileEntry, ...]:
    """Every file below `folder`, sorted by path. An artifact holds plain files only."""
    entries = []
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            entries.append(
                FileEntry(path.relative_to(folder).as_posix(), path.stat().st_size, digest_file(path))
            )
        else:
            assert stat.S_ISDIR(mode), f"a step wrote {path}, which is neither a file nor a folder"
    return tuple(entries)


def read_manifest(path: Path) -> Manifest | None:
    """The manifest at `path`, or None when there is none or its text is damaged."""
    try:
        return parse_manifest(path.read_bytes(), path.stem)
    except FileNotFoundError:
        return None


def parse_manifest(content: bytes, key: str) -> Manifest | None:
    """The manifest of `key`; None where its text is damaged, or names files outside of the artifact's folder."""
    try:
        record = json.loads(content)
        files = tuple(FileEntry(**file) for file in record.pop("files"))
        manifest = Manifest(**record, files=files)
        is_whole = content_digest(files) == manifest.content and key == manifest.key
        return manifest if is_whole and all(_is_inside(file.path) for file in files) else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _is_inside(path: str) -> bool:
    return path[:1] != "/" and ".." not in path.split("/")


def problems(manifest: Manifest, folder: Path, *, deep: bool = False) -> list[str]:
    """What is wrong with the files of `folder`: by size, or by hash when `deep`."""
    return [text for file in manifest.files if (text := _problem(file, folder, deep))]


def _problem(file: FileEntry, folder: Path, deep: bool) -> str | None:
    try:
        size = os.stat(f"{folder}/{file.path}").st_size  # noqa: PTH116 - pathlib doubles the cost of a hit
    except (FileNotFoundError, NotADirectoryError):
        return f"{file.path} is missing"
    if size != file.size:
        return f"{file.path} has {size} bytes instead of {file.size}"
    if deep and digest_file(folder / file.path) != file.sha256:
        return f"{file.path} has other bytes than were written"
    return None
