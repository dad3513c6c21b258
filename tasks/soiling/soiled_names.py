"""Records of images that were made of clean ones."""

from dataclasses import replace
from pathlib import PurePosixPath

from tasks.formats.label_maps import LabelMapRecord


def renamed(record: LabelMapRecord, ending: str) -> LabelMapRecord:
    """The record with `ending` behind the name; each pixel of such an image is annotated."""
    path = PurePosixPath(record.name)
    return replace(record, name=str(path.with_stem(f"{path.stem}_{ending}")), has_label=True)
