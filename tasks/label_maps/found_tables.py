"""Class tables that lie with the label maps: Mapillary's config.json, label_colors.txt, class_dict.csv and the like."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from tasks.class_tables.reading import read_class_table
from tasks.class_tables.table import ClassTable
from tasks.datasets.layouts.dataset_paths import require_inside

_TABLE_NAMES = (
    *("classes.yaml", "classes.yml", "classes.json", "classes.csv", "classes.txt", "class_dict.csv"),
    *("label_colors.txt", "labelmap.txt", "labels.yaml", "labels.txt"),
)
_DEPTH = 2
_VERSION = re.compile(r"/(v\d+\.\d+)/")
_MAPILLARY = re.compile(r"(?:.*/)?config(?:_(v\d+\.\d+))?\.json", re.IGNORECASE)


def found_table(files: Mapping[str, Path], place: Path) -> ClassTable | None:
    """The table whose file has one of the usual names; None where there is none.

    ValueError for several that differ, and for one that cannot be read.
    """
    found = [
        path
        for name, path in files.items()
        if PurePosixPath(name).name.lower() in _TABLE_NAMES and name.count("/") <= _DEPTH
    ]
    if len({path.read_bytes() for path in found}) > 1:
        raise ValueError(
            f"several files in {place} may be the class table: {', '.join(path.name for path in found)}; name one of "
            "them as label_maps.classes"
        )
    if not found:
        return None
    require_inside(place, found)
    return read_class_table(found[0])


def mapillary_table(files: Mapping[str, Path], labels: Iterable[str], place: Path) -> ClassTable:
    """The config.json of the labels' own version. ValueError where there is none."""
    configs = {match[1]: path for name, path in files.items() if (match := _MAPILLARY.fullmatch(name))}
    version = next((match[1] for name in labels if (match := _VERSION.search(name))), None)
    path = configs.get(version, configs.get(None))
    if path is None:
        wanted = f"config_{version}.json" if version else "config.json"
        raise ValueError(
            f"{place} has Mapillary's folders, but no {wanted} with its classes; copy it there, or name a class table as "
            "label_maps.classes"
        )
    require_inside(place, [path])
    return read_class_table(path)


def of_one_version(stems: Mapping[str, str]) -> dict[str, str]:
    """Of Mapillary's labels in several versions those of the newest."""
    versions = {name: match[1] if (match := _VERSION.search(name)) else "" for name in stems}
    newest = max(versions.values(), default="")
    return {name: stem for name, stem in stems.items() if versions[name] == newest}
