"""Writes a dataset in one of the known forms: whole or not at all."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from tasks.datasets.annotations import TARGETS, Target
from tasks.exporting.card import Origin, write_card
from tasks.exporting.coco import write_coco_form
from tasks.exporting.rotated import write_rotated_form
from tasks.exporting.selection import Source, select_boxes
from tasks.exporting.voc import write_voc_form
from tasks.exporting.whole_folder import written_whole
from tasks.exporting.yolo import write_yolo_form

Format = Literal["coco", "yolo", "voc", "rotated"]
FORMATS: tuple[Format, ...] = get_args(Format)

_WRITERS: dict[Format, Callable[[Path, list[Source], tuple[Target, ...]], None]] = {
    "coco": write_coco_form,
    "yolo": write_yolo_form,
    "voc": write_voc_form,
    "rotated": write_rotated_form,
}


@dataclass(frozen=True)
class ExportConfig:
    """The form, whose boxes, and from which visible share on."""

    form: Format
    targets: tuple[Target, ...] = TARGETS
    min_visibility: float = 0.0


def export_dataset(sources: list[Source], target_folder: Path, config: ExportConfig, origin: Origin) -> int:
    """Write the images, their boxes and the dataset's card; returns the number of boxes.

    Raises ValueError for a folder that holds something, an empty dataset, two images of one name, and for images
    without what the form needs. Until the last step everything lies in a hidden folder beside the target.
    """
    _check_sources(sources)
    if not 0 <= config.min_visibility <= 1:
        raise ValueError(
            f"--min-visibility must be from 0 to 1, but was {config.min_visibility}; 0 keeps every box"
        )
    chosen = [
        replace(source, image=select_boxes(source.image, config.targets, config.min_visibility))
        for source in sources
    ]
    with written_whole(target_folder) as partial:
        _WRITERS[config.form](partial, chosen, config.targets)
        write_card(partial, [source.image for source in chosen], config.form, origin)
    return sum(len(source.image.annotations) for source in chosen)


def _check_sources(sources: list[Source]) -> None:
    if not sources:
        raise ValueError("there are no images to export; choose a dataset that has some")
    name, count = Counter(source.stem for source in sources).most_common(1)[0]
    if count > 1:
        raise ValueError(f"{count} images are called {name}; export their datasets one by one")
