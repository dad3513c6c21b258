"""Sets of small clean images with label maps of scenes, as steps leave them, in sequences of two."""

from pathlib import Path

import numpy as np

from tasks.class_tables.table import ClassTable
from tasks.formats.label_maps import LabelMapRecord, new_array, write_records

SIDE = 128  # a quarter of it is the least that the networks take
TABLE = ClassTable.model_validate(
    {
        "name": "small",
        "labels": [
            {"name": name, "id": number, "train_id": number, "color": [90 * number] * 3}
            for number, name in enumerate(("dark", "light"))
        ],
    }
)


def write_clean(
    folder: Path, count: int = 4, *, split: str = "train", side: int = SIDE, seed: int = 0
) -> Path:
    """`count` images of blocks of 8 pixels in drawn colours; what is light is of class 1."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    images = new_array(folder / "images.npy", (count, side, side, 3))
    labels = new_array(folder / "labels.npy", (count, side, side))
    for index in range(count):
        blocks = rng.integers(0, 256, (side // 8, side // 8, 3), dtype=np.uint8)
        images[index] = blocks.repeat(8, axis=0).repeat(8, axis=1)
        labels[index] = images[index].mean(axis=-1) > 128
    records = [
        LabelMapRecord(
            name=f"{split}/{index}.png",
            split=split,
            sequence=f"{split} {index // 2}",
            city="",
            camera="",
            has_label=True,
            width_px=side,
            height_px=side,
        )
        for index in range(count)
    ]
    write_records(folder, records, TABLE)
    return folder
