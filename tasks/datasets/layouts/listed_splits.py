"""The splits that a YOLO dataset's data.yaml or obj.data gives its images, as folders or as lists of images."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from blender_assets.both_sides.text_reading import printable, read_text, shown
from blender_assets.both_sides.yaml_reading import read_yaml
from tasks.datasets.layouts.dataset_files import FileIndex, path_parts
from tasks.datasets.layouts.dataset_paths import require_inside
from tasks.datasets.split_names import SplitName, split_meant


@dataclass(frozen=True)
class ListedSplits:
    """The splits of every image that is listed, by its name; `notes` say what could not be followed.

    `lists`: the text files that list images.
    """

    splits: Mapping[str, frozenset[SplitName]]
    notes: tuple[str, ...] = ()
    lists: frozenset[Path] = frozenset()


def read_listed_splits(config: Path, files: Mapping[str, Path], images: Mapping[str, Path]) -> ListedSplits:
    """Of `images` by name; `files`: all files below the folder of `config`, in which its places are looked for.

    Places of another machine count by the end of their paths. ValueError for a place that is none.
    """
    content = read_config(config)
    listing = _Listing(config, files, images)
    found: dict[str, set[SplitName]] = {}
    notes = []
    for field, value in content.items():
        split = split_meant(field)
        for place in _places(config, field, value) if split else ():
            names = listing.images_of(place, str(content.get("path") or ""))
            if split and names is not None:
                for name in names:
                    found.setdefault(name, set()).add(split)
            else:
                notes.append(
                    f"{config} names {shown(place)} for {printable(field)}, which is not below {config.parent}"
                )
    splits = {name: frozenset(splits) for name, splits in found.items()}
    return ListedSplits(splits, tuple(notes), frozenset(listing.lists))


def read_config(path: Path) -> dict[str, Any]:
    """The fields of a data.yaml, or of Darknet's `key = value` lines."""
    if path.suffix.lower() in (".yaml", ".yml"):
        content = read_yaml(path)
        if not isinstance(content, dict):
            raise ValueError(
                f"{path} holds no fields; a data.yaml has names, train and val, e.g. names: [person]"
            )
        return content
    lines = (line.partition("=") for line in read_text(path).splitlines())
    return {key.strip(): value.strip() for key, mark, value in lines if mark}


def _places(config: Path, field: str, value: Any) -> Iterator[str]:
    for place in value if isinstance(value, list) else [value]:
        if isinstance(place, str):
            yield place
        elif place is not None:
            raise ValueError(
                f"{config} has the {printable(field)} {shown(value)}; allowed are a folder of images, a list file, or "
                "several in [..]"
            )


class _Listing:
    """Looks the places of a configuration up among the files that are there."""

    def __init__(self, config: Path, files: Mapping[str, Path], images: Mapping[str, Path]) -> None:
        self.lists: list[Path] = []  # that were read
        self._base = config.parent
        self._files = FileIndex(files)
        self._images = FileIndex(images)
        self._by_folder: dict[str, list[str]] = {}
        for name, path in images.items():
            own = path.relative_to(self._base) if path.is_relative_to(self._base) else Path(name)
            for folder in own.parents:
                self._by_folder.setdefault(folder.as_posix(), []).append(name)

    def images_of(self, place: str, path: str) -> list[str] | None:
        """Names of the images in a folder or a list file; None where there is no such place."""
        if place.strip().lower().endswith(".txt"):
            files = self._files.find(place)
            return self._of_list(files[0]) if len(files) == 1 else None
        parts = [*path_parts(path), *path_parts(place)]
        if not path_parts(place):
            return self._by_folder.get(".")
        for start in range(len(parts)):
            if (names := self._by_folder.get("/".join(parts[start:]))) is not None:
                return names
        return None

    def _of_list(self, name: str) -> list[str]:
        """ValueError for a line whose image is not there."""
        require_inside(self._base, [name])
        path, found = self._files.files[name], []
        self.lists.append(path)
        folder = PurePosixPath(name).parent.as_posix()
        for number, line in enumerate(read_text(path).splitlines(), start=1):
            if not line.strip():
                continue
            names = self._images.find(line.strip(), near=[folder])
            if len(names) != 1:
                why = "may be several" if names else "is not there"
                raise ValueError(
                    f"{path}: line {number} names the image {shown(line.strip())}, which {why} among the images; mend the "
                    "line, or set real_images.images to the folder of the images"
                )
            found.append(names[0])
        return found
