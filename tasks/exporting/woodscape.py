"""WoodScape's layout of soiled images: rgbImages, gtLabels and rgbLabels, and beside them the exact opacity as `alpha`."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from tasks.class_tables.known import LEVELS_TABLE, known_table
from tasks.class_tables.table import ClassTable, color_lookup
from tasks.exporting.label_map_card import LabelCounts
from tasks.exporting.labelled import Labelled
from tasks.images.files import write_png

ALPHA_STEPS = 2**16 - 1  # of a stored alpha of 1
IMAGES, LEVELS, COLORS, ALPHA = "rgbImages", "gtLabels", "rgbLabels", "alpha"  # folders


def write_woodscape_form(out: Path, images: Sequence[Labelled], table: ClassTable | None) -> LabelCounts:
    """The layout has no splits: `names.json` says of each file which split it is of and what the image was called.

    ValueError for label maps that are no levels of soiling, and for names that come twice.
    """
    levels = known_table(LEVELS_TABLE)
    if table not in (None, levels):
        raise ValueError(
            f"the label maps have the classes of {table.name}, not levels of soiling; choose folders"
        )
    names = ["_".join(PurePosixPath(image.record.name).with_suffix("").parts) for image in images]
    twice, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise ValueError(f"{count} images would be called {twice}; export their datasets one by one")
    pixels = np.zeros(256, np.int64)
    for image, name in zip(images, names, strict=True):
        write_png(out / IMAGES / f"{name}.png", image.image)
        if image.labels is not None:
            pixels += np.bincount(image.labels.ravel(), minlength=256)
            write_levels(out, name, image.labels)
        if image.alpha is not None:
            write_alpha(out, name, image.alpha)
    called = {
        name: {"split": image.record.split, "name": image.record.name}
        for name, image in zip(names, images, strict=True)
    }
    (out / "names.json").write_text(json.dumps(called, indent=1), encoding="utf-8")
    return LabelCounts(levels, pixels, ())


def write_levels(out: Path, name: str, levels: NDArray[np.uint8]) -> None:
    """uint8 [h, w] of 0 to 3, and 255 where nothing is known, as they are and as colours."""
    write_png(out / LEVELS / f"{name}.png", levels)
    write_png(out / COLORS / f"{name}.png", color_lookup(known_table(LEVELS_TABLE))[levels])


def write_alpha(out: Path, name: str, alpha: NDArray[np.float32]) -> None:
    """[h, w] in 0..1, with 16 bits."""
    write_png(out / ALPHA / f"{name}.png", np.rint(alpha * ALPHA_STEPS).astype(np.uint16))
