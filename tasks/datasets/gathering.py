"""Gathers shards of scenes into one dataset in COCO form, the form in which S and S+ leave the journey."""

import os
from dataclasses import replace
from pathlib import Path

from tasks.building.steps import step
from tasks.datasets.annotations import AnnotatedImage, read_coco, renamed, write_coco


@step("dataset")
def gather_dataset(out: Path, config: None, parts: list[Path]) -> None:
    """`images/`, `masks/` and other maps, and `annotations.json`; files are hard links and cost no space."""
    images = []
    for part in parts:
        for image in read_coco(part / "annotations.json"):
            gathered = renamed(image, f"{image.extra['background']}_")
            _link(part / image.file_name, out / gathered.file_name)
            images.append(replace(gathered, **_link_maps(part, image, out, Path(gathered.file_name).name)))
    write_coco(out / "annotations.json", images)


def _link_maps(part: Path, image: AnnotatedImage, out: Path, name: str) -> dict[str, str]:
    """Link the image's maps under a new base name; returns their new names by field."""
    names = {}
    for field, source in image.maps().items():
        names[field] = f"{Path(source).parent.as_posix()}/{name}"
        _link(part / source, out / names[field])
    return names


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(source, target)
