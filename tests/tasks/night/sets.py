"""Sets of images of one brightness each, and what their records say."""

import numpy as np

from tasks.class_tables.table import ClassTable, Label
from tasks.formats.label_maps import LabelMapRecord, write_records

TABLE = ClassTable(
    name="two", labels=(Label(name="road", id=0, train_id=0), Label(name="car", id=1, train_id=1))
)


def write_set(folder, levels, *, conditions=None, sequences=None, prefix="", height=32, width=48):
    folder.mkdir()
    images = np.zeros((len(levels), height, width, 3), np.uint8)
    images[:] = np.asarray(levels).reshape(-1, 1, 1, 1)
    np.save(folder / "images.npy", images)
    np.save(folder / "labels.npy", np.zeros(images.shape[:3], np.uint8))
    records = [
        LabelMapRecord(
            name=f"{prefix}{number}.png",
            split="train",
            sequence="" if sequences is None else sequences[number],
            city="",
            camera="",
            has_label=True,
            width_px=width,
            height_px=height,
            condition="" if conditions is None else conditions[number],
        )
        for number in range(len(levels))
    ]
    write_records(folder, records, TABLE)
    return folder
