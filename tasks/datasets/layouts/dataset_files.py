"""The files below a dataset's folder, by names that mean the same on every machine, and found by what others call them."""

import itertools
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from blender_assets.both_sides.places import is_file
from tasks.images.files import IMAGE_SUFFIXES, read_image

# what file browsers, archives and notebooks leave behind, beside all that is hidden
_LITTER = frozenset({"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "$recycle.bin"})
_HASH_PREFIX = re.compile(r"^[0-9a-f]{8}-(?=.)")  # that Label Studio puts before the names of uploads

_ROBOFLOW_SUFFIX = re.compile(r"(_[a-z]{3,4})?\.rf\.[0-9A-Za-z]+$")  # of a_jpg.rf.0123abcd.jpg


def is_litter(name: str) -> bool:
    """Whether a file or folder is no data of anybody: hidden, or left by a program that only showed the folder."""
    return name.startswith(".") or name.lower() in _LITTER


def files_below(folder: Path, *, depth: int | None = None) -> dict[str, Path]:
    """Every file that is no litter by its path in `folder`, sorted; folders more than `depth` below it are not entered.

    Links to folders are not followed; what would wait for a writer (a pipe) or leads to itself is no file.
    """
    return dict(sorted(_walk(folder, "", depth)))


def _walk(folder: Path, prefix: str, depth: int | None) -> Iterator[tuple[str, Path]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = prefix + _readable(entry.name)
            if is_litter(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth != 0:
                    yield from _walk(Path(entry.path), f"{name}/", None if depth is None else depth - 1)
            elif entry.is_file(follow_symlinks=False) or is_file(Path(entry.path)):
                yield name, Path(entry.path)


def _readable(name: str) -> str:
    """A file's name as text, also where the locale knows none of its letters."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def images_of(files: Mapping[str, Path]) -> dict[str, Path]:
    """The files that are images by their endings."""
    return {name: path for name, path in files.items() if path.suffix.lower() in IMAGE_SUFFIXES}


def image_size(path: Path) -> tuple[int, int]:
    """(width, height) of an image as it is read."""
    height, width = read_image(path).shape[:2]
    return width, height


class FileIndex:
    """Finds files of a folder by what another machine called them: by their name and as much of their path as fits."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self.files = files
        self._by_last: dict[str, list[str]] = {}
        self._folders = {folded(name.rpartition("/")[0]) for name in files}
        for name in files:
            self._by_last.setdefault(folded(PurePosixPath(name).name), []).append(name)

    def has_folder(self, parts: list[str]) -> bool:
        """Whether some file's folder ends with these parts."""
        wanted = "/".join(map(folded, parts))
        return any(f"/{folder}".endswith(f"/{wanted}") for folder in self._folders)

    def find(self, foreign: str, *, near: Iterable[str] = ()) -> list[str]:
        """Names of the files that may be meant; one where it is plain.

        The path within one of the folders `near`, then the path itself, count first; then the files with the longest
        common end of their paths, also as a URL of Label Studio and without the digits that it puts before a name.
        """
        for parts in (path_parts(foreign), path_parts(_path_of_url(foreign))):
            for folder in (*near, ""):
                if (name := "/".join(filter(None, (folder, *parts)))) in self.files:
                    return [name]
            if found := self._by_end(parts):
                return found
        return []

    def _by_end(self, parts: list[str]) -> list[str]:
        last = folded(parts[-1]) if parts else ""
        candidates = self._by_last.get(last) or self._by_last.get(without_upload_hash(last), [])
        common = {name: _common_end(parts, name.split("/")) for name in candidates}
        return [name for name in candidates if common[name] == max(common.values())]


def _path_of_url(foreign: str) -> str:
    """Without what follows a path, but for Label Studio's `?d=`, which the path follows."""
    _, is_local, local = foreign.rpartition("?d=")
    return unquote(local if is_local else foreign.partition("?")[0])


def leaves_folder(foreign: str) -> bool:
    """Whether a name is an absolute path, or leads upwards."""
    return foreign.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", foreign)


def without_upload_hash(name: str) -> str:
    """A file's name as it was before it was uploaded to Label Studio."""
    return _HASH_PREFIX.sub("", name)


def original_stem(name: str) -> str:
    """What a file was called before Label Studio or Roboflow took it, without its ending: their hashes tell no clip."""
    return without_upload_hash(_ROBOFLOW_SUFFIX.sub("", PurePosixPath(name).stem))


def stem(name: str) -> str:
    """A path without its ending."""
    return PurePosixPath(name).with_suffix("").as_posix()


def path_parts(foreign: str) -> list[str]:
    """Of a path of any system, without what leads upwards."""
    return [part for part in re.split(r"[/\\]", foreign) if part not in ("", ".", "..")]


def _common_end(parts: list[str], others: list[str]) -> int:
    pairs = zip(reversed(parts), reversed(others), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: folded(pair[0]) == folded(pair[1]), pairs))


def folded(name: str) -> str:
    """A name as systems compare it that know no case, or write accents as letters of their own."""
    return unicodedata.normalize("NFC", name).casefold()
