"""Reads a user's class table: YAML or JSON (also Mapillary's config.json), CSV, or text of colours and names.

labels: [{name: road, id: 0, color: [128, 64, 128]}, {name: void, id: 255, ignore: true}]
names: [road, pavement]        # or {0: road, 7: pavement}
"""

from pathlib import Path
from typing import Any

from blender_assets.both_sides.places import is_file
from blender_assets.both_sides.text_reading import read_text, shown
from blender_assets.both_sides.yaml_reading import read_yaml
from tasks.class_tables.table import ClassTable, Label, checked_table, with_train_ids
from tasks.class_tables.text_tables import csv_rows, text_rows

_FORM = "e.g. labels: [{name: road, id: 0, color: [128, 64, 128]}, {name: void, id: 255, ignore: true}]"
_IGNORED_NAMES = frozenset({"void", "unlabelled", "unlabeled", "ignore", "ignored"})
_MOST_LABELS = 10_000
# of other tools: Mapillary's `readable`, `instances`; Cityscapes' own names of fields
_ALLOWED = frozenset({
    *("name", "id", "train_id", "trainId", "color", "colour", "ignore", "evaluate", "readable", "instances"),
    *("category", "catId", "hasInstances", "ignoreInEval", "supercategory", "isthing"),
})  # fmt: skip


def read_class_table(path: Path) -> ClassTable:
    """The table of a file, called like it. ValueError in one line names the file, the value and the mend.

    Labels without an id are numbered from 0 in their order. Where no label has a train_id, those that are not ignored
    are counted; ignored are those that say so, that are not evaluated, or that are called void or unlabelled.
    """
    if not is_file(path):
        raise ValueError(f"there is no class table {path}; name a YAML, JSON, CSV or text file of classes")
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml", ".json"):
        content = read_yaml(path)
    elif suffix == ".csv":
        content = csv_rows(read_text(path), str(path))
    elif suffix == ".txt":
        content = text_rows(read_text(path), str(path))
    else:
        raise ValueError(
            f"the class table {path} is of no kind that is read; .yaml, .json, .csv and .txt are"
        )
    return table_of(content, name=path.stem, source=str(path))


def table_of(content: Any, *, name: str, source: str) -> ClassTable:
    """The table of parsed `content`; see `read_class_table`."""
    records = [_record(item, number, source) for number, item in enumerate(_items(content, source))]
    labels = [_label(record, number, source) for number, record in enumerate(records)]
    if any(label.train_id is not None for label in labels):
        return checked_table(name, labels, source=source)
    ignored = [_is_ignored(record, source) for record in records]
    return checked_table(name, with_train_ids(labels, ignored), source=source)


def _items(content: Any, source: str) -> list[Any]:
    if isinstance(content, dict):
        content = content.get("labels", content.get("names", content))
    if isinstance(content, dict):
        content = [{"id": _whole_key(key, source), "name": value} for key, value in content.items()]
    if not isinstance(content, list) or not content:
        raise ValueError(f"{source} holds {shown(content)}, but a list of labels is needed, {_FORM}")
    if len(content) > _MOST_LABELS:
        raise ValueError(f"{source} has {len(content)} labels, but at most {_MOST_LABELS} are read")
    return content


def _whole_key(key: Any, source: str) -> int:
    text = str(key)
    if isinstance(key, bool) or not (text.isascii() and text.isdigit() and len(text) < 7):
        raise ValueError(f"{source} has {shown(key)} where an id is needed, {_FORM}")
    return int(text)


def _record(item: Any, number: int, source: str) -> dict[str, Any]:
    record = {"name": item} if isinstance(item, str) else item
    if not isinstance(record, dict):
        raise ValueError(
            f"{source}: label {number + 1} is {shown(item)}, but a name with its fields is needed, {_FORM}"
        )
    unknown = [key for key in record if key not in _ALLOWED]
    if unknown:
        raise ValueError(
            f"{source}: label {number + 1} has the unknown field {shown(unknown[0])}; remove it, {_FORM}"
        )
    return record


def _label(record: dict[str, Any], number: int, source: str) -> Label:
    place, name = f"{source}: label {number + 1}", record.get("name")
    if not isinstance(name, str) or not name.strip() or not name.strip().isprintable():
        raise ValueError(f"{place} has the name {shown(name)}, but a line of text is needed, {_FORM}")
    train_id = _whole(record.get("train_id", record.get("trainId")), f"{place} has the train_id")
    own_id = _whole(record.get("id", number), f"{place} has the id")
    if own_id is None:
        raise ValueError(f"{place} has no id; give a whole number, or leave `id` out")
    return Label(
        name=name.strip(),
        id=own_id,
        train_id=None if train_id in (-1, 255) else train_id,
        color=_color(record.get("color", record.get("colour")), place),
    )


def _whole(value: Any, what: str) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError(f"{what} {shown(value)}, but a whole number is needed")
    return value


def _color(value: Any, place: str) -> tuple[int, int, int] | None:
    if value is None:
        return None
    numbers = value if isinstance(value, list) else []
    if len(numbers) != 3 or not all(type(one) is int and 0 <= one <= 255 for one in numbers):
        raise ValueError(
            f"{place} has the colour {shown(value)}, but red, green and blue from 0 to 255 are needed, e.g. [128, 64, 128]"
        )
    return (numbers[0], numbers[1], numbers[2])


def _is_ignored(record: dict[str, Any], source: str) -> bool:
    """By `ignore`, by Mapillary's `evaluate`, by Cityscapes' `ignoreInEval`, or by a name that says so."""
    answers = [record[key] for key in ("ignore", "evaluate", "ignoreInEval") if key in record]
    for value in answers:
        if not isinstance(value, bool):
            raise ValueError(
                f"{source}: the label {shown(record.get('name'))} has {shown(value)} where true or false is needed"
            )
    if "ignore" in record or "ignoreInEval" in record:
        return bool(record.get("ignore", record.get("ignoreInEval")))
    last = record["name"].split("--")[-1].strip().lower()
    return not record.get("evaluate", True) or last in _IGNORED_NAMES
