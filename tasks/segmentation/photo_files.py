"""What `flows segment` writes of photos: index PNGs, overlays, a legend, and the share of every class."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tasks.class_tables.table import ClassTable, color_lookup, id_lookup
from tasks.images.drawing import color_mask
from tasks.images.files import encode_jpeg, write_at_once, write_png

Values = Literal["train_ids", "ids"]
FOLDERS = ("labels", "overlays")
LEGEND, SHARES = "legend.png", "shares.csv"
_SHOWN = 0.55  # of a class's colour over the photo
_ROW_PX, _SWATCH_PX, _MARGIN_PX = 26, 40, 8
_LARGEST_BYTE = 255


@dataclass(frozen=True)
class PhotoFiles:
    """Where they go, and what the pixels of index PNGs are: training ids, or the table's ids."""

    to: Path
    table: ClassTable
    values: Values

    def begin(self) -> None:
        """The legend, and a table of shares without rows. OSError where the place cannot be written."""
        legend = draw_legend(self.table, self.values)
        write_at_once(self.to / LEGEND, lambda place: write_png(place, legend))
        write_at_once(self.to / SHARES, lambda place: _append(place, ["image", *self.table.class_names()]))

    def write(self, name: str, photo: str, pixels: np.ndarray, labels: np.ndarray) -> dict[str, float]:
        """Of a photo whose pictures are called `name`; returns the share of each class that is in it."""
        write_at_once(self.to / f"labels/{name}.png", lambda place: self._write_labels(place, labels))
        overlay = encode_jpeg(lay_over(pixels, labels, self.table))
        write_at_once(self.to / f"overlays/{name}.jpg", lambda place: place.write_bytes(overlay))
        shares = class_shares(labels, self.table)
        _append(self.to / SHARES, [photo, *(f"{share:.6f}" for share in shares.values())])
        return {name: round(share, 6) for name, share in shares.items() if share > 0}

    def _write_labels(self, place: Path, labels: np.ndarray) -> None:
        """With the classes' colours as a palette, so that viewers show them; larger ids are 16-bit grey."""
        values = np.arange(256) if self.values == "train_ids" else id_lookup(self.table)
        if values[: self.table.num_classes].max() > _LARGEST_BYTE:
            write_png(place, values[labels])
            return
        colors, known = np.zeros((256, 3), np.uint8), np.arange(self.table.num_classes)
        colors[values[known]] = shown_colors(self.table)[known]
        picture = Image.fromarray(values[labels].astype(np.uint8))
        picture.putpalette(colors.tobytes())
        picture.save(place, "png")


def shown_colors(table: ClassTable) -> np.ndarray:
    """uint8 [256, 3]: the table's colours, and others for classes that have none."""
    colors = color_lookup(table)
    for train_id, label in enumerate(table.trained()):
        if label.color is None:
            colors[train_id] = color_mask(np.array([train_id + 1]))[0]
    return colors


def lay_over(pixels: np.ndarray, labels: np.ndarray, table: ClassTable) -> np.ndarray:
    """The photo uint8 [h, w, 3] under the classes' colours."""
    colors = shown_colors(table) * _SHOWN
    return np.rint(pixels * np.float32(1 - _SHOWN) + colors.astype(np.float32)[labels]).astype(np.uint8)


def class_shares(labels: np.ndarray, table: ClassTable) -> dict[str, float]:
    """Of all pixels, by the classes' names."""
    counts = np.bincount(labels.ravel(), minlength=table.num_classes)
    return dict(zip(table.class_names(), (counts / labels.size).tolist(), strict=True))


def draw_legend(table: ClassTable, values: Values) -> np.ndarray:
    """A swatch, the value in index PNGs and the name of every class."""
    ids = id_lookup(table)
    rows = [
        f"{train_id if values == 'train_ids' else ids[train_id]}  {name}"
        for train_id, name in enumerate(table.class_names())
    ]
    font, colors = ImageFont.load_default(15), shown_colors(table)
    left = _SWATCH_PX + 2 * _MARGIN_PX
    width = left + max(round(font.getlength(row)) for row in rows) + _MARGIN_PX
    picture = Image.new("RGB", (width, _ROW_PX * len(rows) + _MARGIN_PX), "white")
    drawing = ImageDraw.Draw(picture)
    for number, row in enumerate(rows):
        top = _MARGIN_PX + number * _ROW_PX
        swatch = (_MARGIN_PX, top, _MARGIN_PX + _SWATCH_PX, top + _ROW_PX - _MARGIN_PX)
        drawing.rectangle(swatch, fill=tuple(colors[number].tolist()), outline="black")
        drawing.text((left, top), row, fill="black", font=font)
    return np.asarray(picture)


def _append(path: Path, row: list[str]) -> None:
    """A line of CSV: rows of photos that were done stay, whatever happens to the next."""
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(row)
