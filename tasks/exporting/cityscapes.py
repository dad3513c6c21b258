"""Cityscapes' layout: leftImg8bit and gtFine, by split and city, with label ids, training ids and colours."""

import json
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from tasks.class_tables.conversion import convert_table
from tasks.class_tables.known import known_table
from tasks.class_tables.table import IGNORED, ClassTable, color_lookup, id_lookup
from tasks.exporting.label_map_card import LabelCounts
from tasks.exporting.labelled import Labelled
from tasks.formats.label_maps import LabelMapRecord
from tasks.images.files import write_png

# As it is, or as `translate images` names its translations.
_OWN_NAME = re.compile(r"([A-Za-z0-9-]+_\d{6}_\d{6})_leftImg8bit(?:_as_[a-z]+)?")


def write_cityscapes_form(out: Path, images: Sequence[Labelled], table: ClassTable | None) -> LabelCounts:
    """Classes become Cityscapes' by their names; what it has no class for becomes unlabelled, and is noted.

    `names.json` says what each image was called. ValueError where no class is one of Cityscapes'.
    """
    target = known_table("cityscapes")
    notes, lookup = (), np.arange(256, dtype=np.uint8)
    if table is not None and table != target:
        conversion = convert_table(table, target)
        notes, lookup = (conversion.line(table.name, target.name),), conversion.lookup
    names = cityscapes_names([image.record for image in images])
    pixels = np.zeros(256, np.int64)
    for image, name in zip(images, names, strict=True):
        write_png(out / f"leftImg8bit/{name}_leftImg8bit.png", image.image)
        if image.labels is not None:
            labels = lookup[image.labels]
            pixels += np.bincount(labels.ravel(), minlength=256)
            _write_maps(out / f"gtFine/{name}_gtFine", labels, target)
    called = {name: image.record.name for image, name in zip(images, names, strict=True)}
    (out / "names.json").write_text(json.dumps(called, indent=1), encoding="utf-8")
    return LabelCounts(target, pixels, notes)


def cityscapes_names(records: Sequence[LabelMapRecord]) -> list[str]:
    """split/city/city_sequence_frame of every image, with the sequences of a city and the frames of a sequence counted.

    An image that is called so already keeps its name, also where it was translated to another light.
    """
    sequences: dict[str, dict[str, int]] = {}
    frames: dict[tuple[str, str], int] = {}
    names = []
    for record in records:
        match = _OWN_NAME.fullmatch(PurePosixPath(record.name).stem)
        city = _word(record.city or record.sequence or record.split)
        own = sequences.setdefault(city, {})
        number = own.setdefault(record.sequence, len(own))
        frame = frames[city, record.sequence] = frames.get((city, record.sequence), -1) + 1
        last = match[1] if match else f"{city}_{number:06d}_{frame:06d}"
        names.append(f"{record.split}/{last.split('_')[0]}/{last}")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"two images would be called {twice}; export their datasets one by one")
    return names


def _write_maps(start: Path, labels: np.ndarray, table: ClassTable) -> None:
    ids = id_lookup(table)
    ids[IGNORED] = 0  # unlabeled
    write_png(start.with_name(f"{start.name}_labelIds.png"), ids.astype(np.uint8)[labels])
    write_png(start.with_name(f"{start.name}_labelTrainIds.png"), labels)
    write_png(start.with_name(f"{start.name}_color.png"), color_lookup(table)[labels])


def _word(name: str) -> str:
    """A name without what Cityscapes' names are parted by."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-") or "images"
