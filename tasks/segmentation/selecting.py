"""Step: takes some images out of a set with label maps, by what their records say."""

import fnmatch
from dataclasses import asdict
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from tasks.building.steps import step
from tasks.formats.label_maps import LabelMapRecord, new_array, read_label_maps, write_records


class SelectionConfig(BaseModel):
    """Patterns by the field of a record: an image is taken where each named field fits one of its patterns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: dict[str, tuple[str, ...]]


def matches(record: LabelMapRecord, where: dict[str, tuple[str, ...]]) -> bool:
    """Whether each named field fits one of its patterns."""
    fields = asdict(record)
    return all(
        any(fnmatch.fnmatchcase(str(fields[name]), pattern) for pattern in patterns)
        for name, patterns in where.items()
    )


@step("label-maps", libraries=("numpy",))
def select_label_maps(out: Path, config: SelectionConfig, images: Path) -> None:
    """The same files as the set has, of fewer images. ValueError where none fits."""
    data = read_label_maps(images)
    chosen = [index for index, record in enumerate(data.records) if matches(record, config.where)]
    if not chosen:
        raise ValueError(
            f"no image fits {dict(config.where)}; the first of {len(data.records)} is {asdict(data.records[0])}"
        )
    for name, array in (("images", data.images), ("labels", data.labels)):
        if array is not None:
            kept = new_array(out / f"{name}.npy", (len(chosen), *array.shape[1:]))
            kept[:] = np.asarray(array)[chosen]
    write_records(out, [data.records[index] for index in chosen], data.table)
