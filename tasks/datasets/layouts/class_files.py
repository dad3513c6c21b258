"""The file that says what the class numbers of text labels mean: a data.yaml, an obj.data, a classes.txt or an obj.names."""

from collections.abc import Mapping
from pathlib import Path

from blender_assets.both_sides.text_reading import shown
from blender_assets.both_sides.yaml_reading import read_yaml
from tasks.datasets.layouts.dataset_files import FileIndex, files_below
from tasks.datasets.layouts.dataset_paths import require_inside
from tasks.datasets.layouts.listed_splits import read_config

# in the order in which they count
_NAMES = (
    *("data.yaml", "data.yml", "dataset.yaml", "dataset.yml"),
    *("obj.data", "obj.names", "classes.txt", "_darknet.labels"),
)
_YAML = (".yaml", ".yml")
_DEPTH = 2  # of the folders below the named one in which other YAML files are looked for


def is_class_file(path: Path) -> bool:
    return path.name.lower() in _NAMES or path.suffix.lower() in (*_YAML, ".data", ".names", ".labels")


def find_class_file(place: Path, files: Mapping[str, Path]) -> Path | None:
    """The one that counts of those among `files`, which lie below `place`, or in the folder above.

    ValueError where two of the same kind name different classes.
    """
    for name in _NAMES:
        own = [path for path in files.values() if path.name.lower() == name]
        if own:
            require_inside(place, own)
            return _the_same(own)
    others = [path for name, path in files.items() if _names_classes(name, path)]
    if len(others) > 1:
        raise ValueError(
            f"several files may name the classes: {', '.join(map(str, others))}; name one of them as "
            "real_images.annotations"
        )
    above = (path for name in _NAMES if (path := place.parent / name).is_file())
    return others[0] if others else next(above, None)


def names_file(path: Path) -> Path:
    """The file with the names themselves: that which an obj.data names, else `path`."""
    if path.suffix.lower() != ".data":
        return path
    name = read_config(path).get("names", "obj.names")
    files = files_below(path.parent)
    found = FileIndex(files).find(name)
    if len(found) != 1:
        raise ValueError(
            f"{path} has names = {shown(name)}, which is not in {path.parent}; put the list of classes there as obj.names"
        )
    require_inside(path.parent, found)
    return files[found[0]]


def has_splits(path: Path) -> bool:
    """Whether such a file may also name the images of each split."""
    return path.suffix.lower() in (*_YAML, ".data")


def _the_same(paths: list[Path]) -> Path:
    """The uppermost; ValueError where another one differs from it."""
    first, *rest = sorted(paths, key=lambda path: (len(path.parts), path))
    other = next((path for path in rest if path.read_bytes() != first.read_bytes()), None)
    if other is not None and first.parent not in other.parents:
        raise ValueError(
            f"{first} and {other} name different classes; make them the same, or annotate a folder of one"
        )
    return first


def _names_classes(name: str, path: Path) -> bool:
    """Whether another YAML file than those above has the fields of a dataset."""
    if path.suffix.lower() not in _YAML or name.count("/") > _DEPTH:
        return False
    try:
        content = read_yaml(path)
    except ValueError:
        return False
    return isinstance(content, dict) and "names" in content and bool({"train", "val", "path"} & set(content))
