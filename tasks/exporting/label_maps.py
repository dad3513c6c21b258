"""Writes images with label maps in Cityscapes' or WoodScape's layout, or as plain folders: whole or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from tasks.class_tables.table import ClassTable
from tasks.exporting.card import Origin
from tasks.exporting.cityscapes import write_cityscapes_form
from tasks.exporting.label_map_card import LabelCounts, write_label_map_card
from tasks.exporting.labelled import Labelled
from tasks.exporting.plain_label_maps import write_folders_form
from tasks.exporting.whole_folder import written_whole
from tasks.exporting.woodscape import write_woodscape_form
from tasks.formats.label_maps import LabelMapSet, read_label_maps
from tasks.formats.soiling_masks import MASKS, read_masks

LabelMapForm = Literal["cityscapes", "woodscape", "folders"]

_WRITERS: dict[LabelMapForm, Callable[[Path, Sequence[Labelled], ClassTable | None], LabelCounts]] = {
    "cityscapes": write_cityscapes_form,
    "woodscape": write_woodscape_form,
    "folders": write_folders_form,
}


@dataclass(frozen=True)
class LabelMapExport:
    """What was written: images, how many of them with maps, and what the form could not say."""

    num_images: int
    num_labelled: int
    notes: tuple[str, ...]


def export_label_maps(
    folders: Sequence[Path], target_folder: Path, form: LabelMapForm, origin: Origin
) -> LabelMapExport:
    """Artifacts of label maps, as `tasks.formats.label_maps` has them, into a new folder with a dataset card.

    ValueError for a folder that holds something, for no images, and for artifacts whose class tables differ.
    """
    sets = [read_label_maps(folder) for folder in folders]
    images = [
        image for folder, one in zip(folders, sets, strict=True) for image in _labelled(one, _alphas(folder))
    ]
    if not images:
        raise ValueError("there are no images to export; choose a dataset that has some")
    table = _one_table([one.table for one in sets if one.table is not None])
    with written_whole(target_folder) as partial:
        counts = _WRITERS[form](partial, images, table)
        write_label_map_card(partial, form, [image.record for image in images], counts, origin)
    return LabelMapExport(len(images), sum(image.labels is not None for image in images), counts.notes)


def _labelled(data: LabelMapSet, alphas: np.ndarray | None) -> list[Labelled]:
    return [
        Labelled(
            record,
            data.images[index],
            None if data.labels is None or not record.has_label else data.labels[index],
            None if alphas is None else alphas[index],
        )
        for index, record in enumerate(data.records)
    ]


def _alphas(folder: Path) -> np.ndarray | None:
    return read_masks(folder) if (folder / MASKS).is_file() else None


def _one_table(tables: list[ClassTable]) -> ClassTable | None:
    for other in tables[1:]:
        if other != tables[0]:
            raise ValueError(
                f"the datasets have the class tables {tables[0].name} and {other.name}; export them one by one, or convert "
                "one when it is imported (label_maps.convert_to)"
            )
    return tables[0] if tables else None
