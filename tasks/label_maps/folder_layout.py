"""Plain folders: images and label maps in folders that say so, or beside one another with an ending of their own."""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from blender_assets.both_sides.text_reading import shown
from tasks.class_tables.known import find_table
from tasks.class_tables.table import UNKNOWN, ClassTable, train_ids_of_ids
from tasks.datasets.layouts.dataset_files import folded, images_of
from tasks.datasets.split_names import split_in
from tasks.label_maps.annotated import LabelledDataset, LabelledImage
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.decoding import LabelDecoder, PixelEncoding, indices_of, packed
from tasks.label_maps.found_tables import found_table
from tasks.label_maps.label_files import LABEL_SUFFIXES, LabelPixels, read_label_pixels
from tasks.label_maps.pairing import pair_maps
from tasks.label_maps.sequences import of_frames

_LABEL_FOLDERS = frozenset({
    *("label", "labels", "mask", "masks", "annotation", "annotations", "gt", "seg", "semantic", "segmentation"),
    *("segmentations", "segmentationclass", "labelmaps", "label_maps", "ground_truth", "groundtruth", "gtfine", "gt_labels"),
})  # fmt: skip
_LABEL_FOLDER_END = re.compile(r".*(annot|_labels|_masks)")
_LABEL_END = re.compile(
    r"(.+?)(_mask|_labels?|_gt|_seg|_L|_semantic|_labelIds|_labelTrainIds)", re.IGNORECASE
)
_SAMPLED = 20


def find_folders(files: Mapping[str, Path], config: LabelMapsConfig, folder: Path) -> LabelledDataset | None:
    """None where no file is a label map by its name. ValueError where maps fit no image, or no table says what they mean."""
    labels = {name: stem for name in files if (stem := label_stem(name)) is not None}
    if not labels:
        return None
    images = {name: PurePosixPath(name).stem for name in images_of(files) if name not in labels}
    pairs = pair_maps(images, labels)
    if not pairs and not any(map(is_in_label_folder, labels)):
        return None  # names such as photo_L.png alone may be of a left camera
    if not pairs:
        raise ValueError(_no_pair(config.folder, sorted(images), sorted(labels)))
    table = _table(files, config, folder)
    maps = [files[label] for label in pairs.values()]
    encoding = config.encoding if config.encoding != "auto" else guess_encoding(maps, table)
    lone = sorted(set(labels) - set(pairs.values()))
    notes = (f"{len(lone)} label maps have no image, e.g. {shown(lone[0])}",) if lone else ()
    found = [
        plain_image(name, path, files.get(pairs.get(name, "")))
        for name, path in images_of(files).items()
        if name in images
    ]
    return LabelledDataset("folders of images and label maps", tuple(found), table, encoding, notes=notes)


def find_unlabelled(files: Mapping[str, Path]) -> LabelledDataset:
    """All images of a folder, of none of which anything is asked."""
    images = [plain_image(name, path, None) for name, path in images_of(files).items()]
    return LabelledDataset("images without label maps", tuple(images))


def plain_image(name: str, path: Path, label: Path | None) -> LabelledImage:
    """An image of which its path alone says the split and the sequence."""
    origin = of_frames(name, PurePosixPath(name).stem)
    return LabelledImage(name, path, label, sequence=origin.sequence, split=split_in(name) or "")


def label_stem(name: str) -> str | None:
    """What a label map's name shares with its image; None for other files."""
    path = PurePosixPath(name)
    if path.suffix.lower() not in LABEL_SUFFIXES:
        return None
    match = _LABEL_END.fullmatch(path.stem)
    return match[1] if match else path.stem if is_in_label_folder(name) else None


def is_in_label_folder(name: str) -> bool:
    """Whether some folder of a file's path says that label maps are in it."""
    folders = [folded(part) for part in name.split("/")[:-1]]
    return any(part in _LABEL_FOLDERS or _LABEL_FOLDER_END.fullmatch(part) for part in folders)


def guess_encoding(maps: list[Path], table: ClassTable) -> PixelEncoding:
    """By the values of a few maps. ValueError where ids and training ids would both be read, as different classes."""
    step = max(1, len(maps) // _SAMPLED)
    pixels = [(path, read_label_pixels(path)) for path in maps[::step][:_SAMPLED]]
    by_color = LabelDecoder(table, "colors")
    if any(_shows_colors(one, by_color) for _, one in pixels):
        return "colors"
    values = np.unique(np.concatenate([np.unique(indices_of(one, path)) for path, one in pixels]))
    by_id, size = train_ids_of_ids(table), table.num_classes
    differ = [value for value in values.tolist() if value != 255 and value < size and by_id[value] != value]
    if bool(((values < size) | (values == 255)).all()) and differ:
        raise ValueError(
            f"the label maps such as {maps[0]} hold values up to {int(values[values != 255].max(initial=0))}, which may "
            f"be ids or training ids of {table.name}; say it with label_maps.encoding: ids or train_ids"
        )
    return "ids"


def _shows_colors(pixels: LabelPixels, by_color: LabelDecoder) -> bool:
    """RGB that is not grey; or a palette whose colours the table knows, where it does not know the indices."""
    colors, indices = pixels.colors, pixels.indices
    if colors is None or indices is None:
        return colors is not None and _is_colored(colors)
    by_id = train_ids_of_ids(by_color.table)
    are_ids = int(indices.max()) < len(by_id) and bool((by_id[indices] != UNKNOWN).all())
    return not are_ids and bool((by_color.lookup[packed(colors)] != UNKNOWN).all())


def _is_colored(colors: np.ndarray) -> bool:
    return bool((colors[..., :1] != colors[..., 1:]).any())


def _table(files: Mapping[str, Path], config: LabelMapsConfig, folder: Path) -> ClassTable:
    if config.classes is not None:
        return find_table(config.classes, folder)
    table = found_table(files, folder / config.folder)
    if table is None:
        raise ValueError(
            f"label_maps.folder names {config.folder}, whose label maps have numbers or colours that nothing explains; "
            "name a class table as label_maps.classes: cityscapes, camvid11, camvid32, woodscape_soiling, or a file such as "
            "classes.yaml"
        )
    return table


def _no_pair(place: str, images: list[str], labels: list[str]) -> str:
    first = shown(images[0]) if images else "none"
    return (
        f"no label map in {place} belongs to an image: images are called like {first}, label maps like {shown(labels[0])}; "
        "give both one name, name the maps' folder as label_maps.labels, or set label_maps.layout to unlabelled"
    )
