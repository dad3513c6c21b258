"""Step: soiled images with the label maps of their scenes, for segmenters that are to see through dirt."""

from pathlib import Path

from tasks.building.steps import step
from tasks.formats.label_maps import new_array, read_label_maps, write_records


@step("label-maps", libraries=("numpy",))
def label_scenes(out: Path, config: None, soiled: Path, clean: Path) -> None:
    """Images of `soiled`, and all else of `clean`, whose images they were made of, one by one in the same order."""
    dirty, data = read_label_maps(soiled), read_label_maps(clean)
    if dirty.images.shape != data.images.shape:
        raise ValueError(
            f"the soiled images are {list(dirty.images.shape)}, but the clean ones {list(data.images.shape)}; soil "
            "each image once"
        )
    for name, array in (data.arrays() | {"images": dirty.images}).items():
        whole = new_array(out / f"{name}.npy", array.shape, array.dtype)
        for index, image in enumerate(array):  # one after another, since not all may fit into memory
            whole[index] = image
    write_records(out, list(data.records), data.table)
