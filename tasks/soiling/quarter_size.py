"""Step: a set of images at a quarter of their width and height, at which the seed's CycleGANs work."""

from pathlib import Path

import numpy as np

from models.soiling.super_resolution.config import FACTOR
from tasks.building.steps import step
from tasks.formats.label_maps import new_array, read_label_maps, write_records

_PART = 32


@step("label-maps", libraries=("torch", "numpy"))
def reduce_label_maps(out: Path, config: None, images: Path) -> None:
    """Images as U's training reduces them, label maps by the pixel below and right of the middle of each four by four.

    ValueError where 4 does not divide a side.
    """
    from models.soiling.super_resolution.applying import reduce

    data = read_label_maps(images)
    count, height, width = (int(size) for size in data.images.shape[:3])
    size = (width // FACTOR, height // FACTOR)
    reduced = new_array(out / "images.npy", (count, size[1], size[0], 3))
    for start in range(0, count, _PART):
        reduced[start : start + _PART] = reduce(np.array(data.images[start : start + _PART]))
    if data.labels is not None:
        labels = new_array(out / "labels.npy", (count, size[1], size[0]))
        for index, own in enumerate(data.labels):
            labels[index] = own[FACTOR // 2 :: FACTOR, FACTOR // 2 :: FACTOR]
    write_records(out, list(data.records), data.table)
