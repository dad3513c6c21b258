"""Step: several sets of images with label maps as one."""

from pathlib import Path

import numpy as np

from tasks.building.steps import step
from tasks.formats.label_maps import LabelMapSet, new_array, read_label_maps, write_records


@step("label-maps", libraries=("numpy",))
def join_label_maps(out: Path, config: None, sets: list[Path]) -> None:
    """All images, one set behind the other, with what all sets have: label maps, depth. ValueError for other sizes or
    classes.
    """
    found = [read_label_maps(folder) for folder in sets]
    _check_alike(found)
    count = sum(len(data.records) for data in found)
    for name in set.intersection(*(set(data.arrays()) for data in found)):
        arrays = [data.arrays()[name] for data in found]
        whole, start = new_array(out / f"{name}.npy", (count, *arrays[0].shape[1:]), arrays[0].dtype), 0
        for array in arrays:
            for image in array:  # one after another, since not all may fit into memory
                whole[start], start = np.asarray(image), start + 1
    write_records(out, [record for data in found for record in data.records], found[0].table)


def _check_alike(found: list[LabelMapSet]) -> None:
    first = found[0]
    for data in found[1:]:
        sizes = [f"{each.images.shape[2]} x {each.images.shape[1]}" for each in (first, data)]
        if sizes[0] != sizes[1]:
            raise ValueError(
                f"sets of images of {sizes[0]} and {sizes[1]} px cannot be one set; scale both alike (size_px)"
            )
        names = [each.table.class_names() if each.table else () for each in (first, data)]
        if names[0] != names[1]:
            raise ValueError(
                f"sets with the classes {', '.join(names[0])} and {', '.join(names[1])} cannot be one set; read both with "
                "the same class table (classes, convert_to)"
            )
