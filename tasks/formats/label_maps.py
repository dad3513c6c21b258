"""Images with label maps as a step leaves them: `images.npy`, `labels.npy`, `depth.npy`, `records.json`, `classes.json`.

`labels.npy` holds training ids, 255 ignored; it is missing where no image has a map, and `depth.npy` where depth is not
known.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

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
    """`images` uint8 memmap [n, h, w, 3] RGB; `labels` uint8 memmap [n, h, w], and `table`, where there are maps.

    `depth_cm` uint16 memmap [n, h, w], where it is known: centimetres along the camera's axis, 0 for what has none.
    """

    images: np.ndarray
    records: tuple[LabelMapRecord, ...]
    labels: np.ndarray | None
    table: ClassTable | None
    depth_cm: np.ndarray | None = None

    def arrays(self) -> dict[str, np.ndarray]:
        """Those that there are, by the names of their files without ending."""
        found = {"images": self.images, "labels": self.labels, "depth": self.depth_cm}
        return {name: array for name, array in found.items() if array is not None}


def read_label_maps(folder: Path) -> LabelMapSet:
    """The content of one artifact; arrays are read when they are indexed."""
    records = json.loads((folder / "records.json").read_text(encoding="utf-8"))
    classes = folder / "classes.json"
    return LabelMapSet(
        images=np.load(folder / "images.npy", mmap_mode="r"),
        records=tuple(LabelMapRecord(**record) for record in records),
        labels=_open(folder / "labels.npy"),
        table=ClassTable.model_validate_json(classes.read_bytes()) if classes.exists() else None,
        depth_cm=_open(folder / "depth.npy"),
    )


def _open(path: Path) -> np.ndarray | None:
    return np.load(path, mmap_mode="r") if path.exists() else None


def write_records(folder: Path, records: list[LabelMapRecord], table: ClassTable | None) -> None:
    """All but the arrays, which are written image by image."""
    (folder / "records.json").write_text(
        json.dumps([asdict(record) for record in records], indent=1), encoding="utf-8"
    )
    if table is not None:
        (folder / "classes.json").write_text(table.model_dump_json(indent=1), encoding="utf-8")


def write_part(folder: Path, data: LabelMapSet, chosen: list[int]) -> None:
    """The set with these of its images alone, in this order; one after another, since not all may fit into memory."""
    for name, array in data.arrays().items():
        kept = new_array(folder / f"{name}.npy", (len(chosen), *array.shape[1:]), array.dtype)
        for place, index in enumerate(chosen):
            kept[place] = array[index]
    write_records(folder, [data.records[index] for index in chosen], data.table)


def new_array(path: Path, shape: tuple[int, ...], dtype: DTypeLike = np.uint8) -> np.ndarray:
    """A memmap of zeros to write into, as an .npy file."""
    return np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
