"""Images with label maps as a step leaves them: `images.npy`, `labels.npy`, `records.json` and `classes.json`.

`labels.npy` holds training ids, 255 ignored; it is missing where no image has a map.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tasks.class_tables.table import ClassTable


@dataclass(frozen=True)
class LabelMapRecord:
    """One image of a set, in the order of its arrays; "" where nothing says a name.

    `width_px` and `height_px` are those of the user's file, before it was scaled.
    """

    name: str
    split: str
    sequence: str
    city: str
    camera: str
    has_label: bool
    width_px: int
    height_px: int
    condition: str = ""  # such as night


@dataclass(frozen=True)
class LabelMapSet:
    """`images` uint8 memmap [n, h, w, 3] RGB; `labels` uint8 memmap [n, h, w], and `table`, where there are maps."""

    images: np.ndarray
    records: tuple[LabelMapRecord, ...]
    labels: np.ndarray | None
    table: ClassTable | None


def read_label_maps(folder: Path) -> LabelMapSet:
    """The content of one artifact; arrays are read when they are indexed."""
    records = json.loads((folder / "records.json").read_text(encoding="utf-8"))
    labels, classes = folder / "labels.npy", folder / "classes.json"
    return LabelMapSet(
        images=np.load(folder / "images.npy", mmap_mode="r"),
        records=tuple(LabelMapRecord(**record) for record in records),
        labels=np.load(labels, mmap_mode="r") if labels.exists() else None,
        table=ClassTable.model_validate_json(classes.read_bytes()) if classes.exists() else None,
    )


def write_records(folder: Path, records: list[LabelMapRecord], table: ClassTable | None) -> None:
    """All but the arrays, which are written image by image."""
    (folder / "records.json").write_text(
        json.dumps([asdict(record) for record in records], indent=1), encoding="utf-8"
    )
    if table is not None:
        (folder / "classes.json").write_text(table.model_dump_json(indent=1), encoding="utf-8")


def new_array(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """A uint8 memmap of zeros to write into, as an .npy file."""
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
