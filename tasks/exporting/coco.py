"""COCO: `annotations.json` beside `images/` and the maps of every pixel."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

from tasks.datasets.annotations import Target, coco_content
from tasks.exporting.images import copy_image
from tasks.exporting.selection import Source


def write_coco_form(out: Path, sources: list[Source], targets: tuple[Target, ...]) -> None:
    """With segmentations and keypoints where the dataset has them."""
    images = []
    for source in sources:
        copy_image(source, out / "images")
        images.append(replace(source.image, file_name=f"images/{source.name}", **_copy_maps(source, out)))
    (out / "annotations.json").write_text(json.dumps(coco_content(images, targets)), encoding="utf-8")


def _copy_maps(source: Source, out: Path) -> dict[str, str]:
    """Copies the image's maps under its name; returns their new names by field."""
    names = {}
    for field, name in source.image.maps().items():
        place = Path(name)
        names[field] = f"{place.parent.as_posix()}/{source.stem}{place.suffix}"
        (out / names[field]).parent.mkdir(exist_ok=True)
        shutil.copyfile(source.folder / name, out / names[field])
    return names
