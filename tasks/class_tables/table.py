"""A class table: the labels of label maps with their ids, training ids and colours.

Training ids count the classes from 0; labels without one are ignored, which maps write as 255.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from blender_assets.both_sides.text_reading import shown

Color = tuple[int, int, int]
IGNORED = 255  # in maps of training ids
UNKNOWN = 254  # in lookup tables: a value that the class table does not have
MOST_CLASSES = 254
MOST_ID = 2**16 - 1
_SAID = 3


class Label(BaseModel):
    """One kind of pixel; several labels may share a training id, and labels without one are ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    id: int
    train_id: int | None = None
    color: Color | None = None  # RGB


class ClassTable(BaseModel):
    """The labels in the order of their file. Made by `checked_table`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    labels: tuple[Label, ...]

    def trained(self) -> tuple[Label, ...]:
        """The first label of every training id, in their order."""
        first: dict[int, Label] = {}
        for label in self.labels:
            if label.train_id is not None:
                first.setdefault(label.train_id, label)
        return tuple(first[train_id] for train_id in sorted(first))

    def class_names(self) -> tuple[str, ...]:
        """By training id."""
        return tuple(label.name for label in self.trained())

    @property
    def num_classes(self) -> int:
        return len(self.trained())

    @property
    def has_colors(self) -> bool:
        return any(label.color is not None for label in self.labels)


def checked_table(name: str, labels: Sequence[Label], *, source: str) -> ClassTable:
    """A table whose ids and colours mean one thing each. ValueError in one line that begins with `source`."""
    _check_ids(labels, source)
    _check_train_ids(labels, source)
    _check_colors(labels, source)
    return ClassTable(name=name, labels=tuple(labels))


def with_train_ids(labels: Sequence[Label], ignored: Sequence[bool]) -> list[Label]:
    """The labels with training ids that count those not ignored."""
    numbers = np.cumsum([not skip for skip in ignored]) - 1
    return [
        label.model_copy(update={"train_id": None if skip else int(number)})
        for label, skip, number in zip(labels, ignored, numbers, strict=True)
    ]


def train_ids_of_ids(table: ClassTable) -> np.ndarray:
    """uint8 [largest id + 1, at least 256]: the training id of every id, 255 ignored, 254 unknown.

    255 is ignored too where the table has no such id, as label maps of all kinds use it.
    """
    lookup = np.full(max(256, *(label.id + 1 for label in table.labels)), UNKNOWN, np.uint8)
    lookup[IGNORED] = IGNORED
    for label in table.labels:
        lookup[label.id] = _train_id(label)
    return lookup


def train_ids_of_train_ids(table: ClassTable) -> np.ndarray:
    """uint8 [256]: training ids as they are, 255 ignored, 254 what is none."""
    lookup = np.full(256, UNKNOWN, np.uint8)
    lookup[IGNORED] = IGNORED
    lookup[: table.num_classes] = np.arange(table.num_classes)
    return lookup


def train_ids_of_colors(table: ClassTable) -> np.ndarray:
    """uint8 [2^24]: the training id of every colour as red << 16 | green << 8 | blue, 255 ignored, 254 unknown.

    Of labels with one colour (Cityscapes' pole and polegroup) that counts which is not ignored.
    """
    lookup = np.full(2**24, UNKNOWN, np.uint8)
    for label in sorted(table.labels, key=lambda label: label.train_id is not None):
        if label.color is not None:
            red, green, blue = label.color
            lookup[red << 16 | green << 8 | blue] = _train_id(label)
    return lookup


def color_lookup(table: ClassTable) -> np.ndarray:
    """uint8 [256, 3]: the colour of every training id; black for those without one, and for what is ignored."""
    colors = np.zeros((256, 3), np.uint8)
    for train_id, label in enumerate(table.trained()):
        colors[train_id] = label.color or (0, 0, 0)
    return colors


def id_lookup(table: ClassTable) -> np.ndarray:
    """uint16 [256]: the id of every training id's first label, and for 255 the first ignored label's id, else 255."""
    ids = np.full(256, IGNORED, np.uint16)
    for train_id, label in enumerate(table.trained()):
        ids[train_id] = label.id
    ids[IGNORED] = next((label.id for label in table.labels if label.train_id is None), IGNORED)
    return ids


def _train_id(label: Label) -> int:
    return IGNORED if label.train_id is None else label.train_id


def _check_ids(labels: Sequence[Label], source: str) -> None:
    if not labels:
        raise ValueError(f"{source} has no labels; list names with ids or colours")
    twice = [value for value, count in Counter(label.id for label in labels).items() if count > 1]
    if twice:
        names = [label.name for label in labels if label.id == twice[0]]
        raise ValueError(
            f"{source} gives the id {twice[0]} to {shown(names[:_SAID])}; give each label an id of its own"
        )
    for label in labels:
        if not 0 <= label.id <= MOST_ID:
            raise ValueError(
                f"{source} gives {shown(label.name)} the id {shown(label.id)}, but 0 to {MOST_ID} are allowed; mend it"
            )


def _check_train_ids(labels: Sequence[Label], source: str) -> None:
    found = sorted({label.train_id for label in labels if label.train_id is not None})
    if not found:
        raise ValueError(
            f"{source} ignores all its labels; leave `ignore` out for those that are to be learnt"
        )
    if len(found) > MOST_CLASSES:
        raise ValueError(
            f"{source} has {len(found)} classes, but at most {MOST_CLASSES} are allowed; give labels that belong together "
            "one train_id"
        )
    if found != list(range(len(found))):
        raise ValueError(
            f"{source} has the train_ids {shown(found)}, but they must count from 0 without a gap; renumber them, or leave "
            "them all out"
        )


def _check_colors(labels: Sequence[Label], source: str) -> None:
    owners: dict[Color, Label] = {}
    for label in labels:
        if label.color is None or label.train_id is None:
            continue
        other = owners.setdefault(label.color, label)
        if other.train_id != label.train_id:
            raise ValueError(
                f"{source} gives {shown(other.name)} and {shown(label.name)} the same colour {label.color}; "
                "give each its own, or both one train_id"
            )
