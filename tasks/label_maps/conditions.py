"""The light in which images were taken, as a table beside them says it: NEXET's train.csv, or one like it."""

import csv
from collections.abc import Iterable
from io import StringIO
from pathlib import Path, PurePosixPath

from blender_assets.both_sides.text_reading import read_text, shown

_NAMES = ("image_filename", "image", "filename", "name")
_LIGHTS = ("timeofday", "lighting", "condition", "light")


def read_conditions(path: Path, images: Iterable[str]) -> dict[str, str]:
    """The condition of each of `images`, in small letters, by its whole name; "" where the table has none of its file name.

    ValueError in one line for a table without a column of names or of light, one that says two lights of a file, and one
    that has none of the images.
    """
    if not path.is_file():
        raise ValueError(
            f"label_maps.conditions is {path}, but there is no such file; name a CSV file, or leave it out"
        )
    table = csv.DictReader(StringIO(read_text(path)))
    columns = {column.strip().lower(): column for column in table.fieldnames or () if column}
    name, light = _column(path, columns, _NAMES), _column(path, columns, _LIGHTS)
    said: dict[str, str] = {}
    for row in table:
        file, condition = (str(row[column] or "").strip() for column in (name, light))
        _add(said, PurePosixPath(file).name, condition.lower(), path)
    found = {image: said.get(PurePosixPath(image).name, "") for image in images}
    if not any(found.values()):
        first = next(iter(found), "none")
        raise ValueError(
            f"{path} says the light of {len(said)} files, but of none of the {len(found)} images, the first of which is "
            f"{shown(first)}; give the table of these images"
        )
    return found


def _column(path: Path, columns: dict[str, str], wanted: tuple[str, ...]) -> str:
    for name in wanted:
        if name in columns:
            return columns[name]
    raise ValueError(
        f"{path} has the columns {shown(list(columns.values()))}, but none of {', '.join(wanted)}"
    )


def _add(said: dict[str, str], file: str, condition: str, path: Path) -> None:
    if said.setdefault(file, condition) != condition:
        raise ValueError(
            f"{path} says both {said[file]} and {condition} of {shown(file)}; keep one of the lines"
        )
