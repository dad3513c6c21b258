"""What becomes of labels under soiling: label maps ignore what is hidden, boxes say how much of them can be seen."""

import json
from pathlib import Path
from typing import Protocol

import numpy as np
import yaml
from numpy.typing import NDArray

from tasks.class_tables.table import IGNORED, color_lookup
from tasks.exporting.plain_label_maps import table_content, write_indexed
from tasks.exporting.woodscape import IMAGES
from tasks.label_maps.annotated import LabelledImage
from tasks.label_maps.reading import LabelReader
from tasks.soiling.clean_images import CleanSet
from tasks.soiling.coco_boxes import CocoBoxes, SoiledCoco

LABELS, TABLE, BOXES = "labels", "classes.yaml", "annotations.json"


class DirtyLabels(Protocol):
    """The labels of a soiled set, written beside its images."""

    def add(self, source: LabelledImage, name: str, alpha: NDArray[np.float32]) -> None:
        """Those of one soiled image, called `name`."""
        ...

    def close(self) -> None:
        """Writes what all images share."""
        ...


def open_labels(clean: CleanSet, out: Path, ignore_from_alpha: float) -> DirtyLabels:
    """Of the kind that the set has."""
    if clean.reader is not None:
        return _DirtyMaps(clean.reader, out, ignore_from_alpha)
    return _NoLabels() if clean.boxes is None else _DirtyBoxes(clean.boxes, out)


class _NoLabels:
    def add(self, source: LabelledImage, name: str, alpha: NDArray[np.float32]) -> None:
        pass

    def close(self) -> None:
        pass


class _DirtyMaps:
    """Label maps of training ids, 255 ignored, with their class table."""

    def __init__(self, reader: LabelReader, out: Path, ignore_from_alpha: float) -> None:
        self._reader, self._out, self._ignore_from_alpha = reader, out, ignore_from_alpha

    def add(self, source: LabelledImage, name: str, alpha: NDArray[np.float32]) -> None:
        if source.has_label:
            labels = self._reader.read(source, (alpha.shape[1], alpha.shape[0]))
            soiled = np.where(alpha >= self._ignore_from_alpha, IGNORED, labels).astype(np.uint8)
            write_indexed(self._out / LABELS / f"{name}.png", soiled, color_lookup(self._reader.table))

    def close(self) -> None:
        content = yaml.safe_dump(table_content(self._reader.table), sort_keys=False, default_flow_style=None)
        (self._out / TABLE).write_text(content, encoding="utf-8")


class _DirtyBoxes:
    """COCO's file with all that it held, and `visible_share` for every box."""

    def __init__(self, clean: CocoBoxes, out: Path) -> None:
        self._coco, self._out = SoiledCoco(clean), out

    def add(self, source: LabelledImage, name: str, alpha: NDArray[np.float32]) -> None:
        self._coco.add(source.name, f"{IMAGES}/{name}.png", alpha)

    def close(self) -> None:
        (self._out / BOXES).write_text(json.dumps(self._coco.content(), indent=1), encoding="utf-8")
