"""Plain folders: `images/SPLIT`, `labels/SPLIT` and `classes.yaml`; a map's values are the ids in there, 255 is ignored."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import yaml
from PIL import Image

from tasks.class_tables.table import ClassTable, color_lookup
from tasks.exporting.label_map_card import LabelCounts
from tasks.exporting.labelled import Labelled
from tasks.images.files import write_png


def write_folders_form(out: Path, images: Sequence[Labelled], table: ClassTable | None) -> LabelCounts:
    """Label maps are PNGs with the table's colours as their palette, so that viewers show them; their values are ids."""
    names = [_name(image) for image in images]
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise ValueError(f"{count} images would be called {name}; export their datasets one by one")
    pixels = np.zeros(256, np.int64)
    for image, name in zip(images, names, strict=True):
        write_png(out / f"images/{name}.png", image.image)
        if image.labels is not None and table is not None:
            pixels += np.bincount(image.labels.ravel(), minlength=256)
            write_indexed(out / f"labels/{name}.png", image.labels, color_lookup(table))
    if table is not None:
        content = yaml.safe_dump(table_content(table), sort_keys=False, default_flow_style=None)
        (out / "classes.yaml").write_text(content, encoding="utf-8")
    return LabelCounts(table, pixels, ())


def _name(image: Labelled) -> str:
    path = PurePosixPath(image.record.name).with_suffix("")
    return f"{image.record.split}/{'_'.join(path.parts)}"


def write_indexed(path: Path, labels: np.ndarray, colors: np.ndarray) -> None:
    """A PNG of the values uint8 [h, w] with the palette uint8 [256, 3]."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(labels)
    picture.putpalette(colors.tobytes())
    picture.save(path)


def table_content(table: ClassTable) -> dict[str, Any]:
    """With training ids as ids: several labels of one class are one here."""
    return {
        "labels": [
            {
                "name": label.name,
                "id": train_id,
                "train_id": train_id,
                **({"color": list(label.color)} if label.color else {}),
            }
            for train_id, label in enumerate(table.trained())
        ]
    }
