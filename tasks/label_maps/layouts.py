"""Finds what a person points at: images, their label maps, what the maps' values mean, and the splits that folders name."""

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath

from blender_assets.both_sides.places import is_folder
from tasks.datasets.layouts.dataset_files import files_below
from tasks.label_maps.annotated import LabelledDataset, LabelledImage
from tasks.label_maps.coco_layout import find_coco
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.folder_layout import find_folders, find_unlabelled
from tasks.label_maps.named_reading import find_named

_FINDERS = {"coco": find_coco, "folders": find_folders}


def find_label_maps(config: LabelMapsConfig, folder: Path) -> LabelledDataset:
    """The images in `config.folder`, a place relative to `folder`, with their label maps.

    Published layouts count first, then COCO's JSON files, then folders of images and maps; a folder without maps needs no
    class table. ValueError says in one line what was found and what to write.
    """
    files = _files(config, folder)
    dataset = _recognised(files, config, folder)
    if not dataset.images:
        raise ValueError(
            f"label_maps.folder names {config.folder}, in which there are no images; name the folder above the images"
        )
    notes = (*dataset.notes, *_notes(dataset, config))
    images = tuple(_with_sequence(image, config) for image in dataset.images)
    return replace(dataset, images=images, notes=notes)


def _files(config: LabelMapsConfig, folder: Path) -> dict[str, Path]:
    """By name; label maps that lie apart are called as if they lay beside the images."""
    for field, place in (("folder", config.folder), ("labels", config.labels)):
        if place is not None and not is_folder(folder / place):
            raise ValueError(
                f"label_maps.{field} names {place}, but there is no such folder; name an unpacked folder"
            )
    own = files_below(folder / config.folder)
    if config.labels is None:
        return own
    apart = files_below(folder / config.labels)
    taken = set(apart.values())
    return {
        **{f"images/{name}": path for name, path in own.items() if path not in taken},
        **{f"labels/{name}": path for name, path in apart.items()},
    }


def _recognised(files: dict[str, Path], config: LabelMapsConfig, folder: Path) -> LabelledDataset:
    if config.layout == "unlabelled":
        return find_unlabelled(files)
    if config.layout in _FINDERS:
        dataset = _FINDERS[config.layout](files, config, folder)
        if dataset is None:
            raise ValueError(
                f"label_maps.layout is {config.layout}, but {config.folder} holds no label maps of this kind; leave "
                "`layout` out"
            )
        return dataset
    for find in (find_named, find_coco, find_folders):
        if (dataset := find(files, config, folder)) is not None:
            return dataset
    return find_unlabelled(files)


def _notes(dataset: LabelledDataset, config: LabelMapsConfig) -> list[str]:
    """Classes without a label map to mean something in may be a mistake."""
    if config.classes is None or dataset.table is not None:
        return []
    return [
        f"label_maps.classes names {config.classes}, but {config.folder} has no label maps: name the folder above both, or "
        "label_maps.labels"
    ]


def _with_sequence(image: LabelledImage, config: LabelMapsConfig) -> LabelledImage:
    if config.sequence_pattern is None:
        return image
    stem = PurePosixPath(image.name).stem
    match = re.match(config.sequence_pattern, stem)
    return replace(image, sequence=(match[1] if match else "") or stem)
