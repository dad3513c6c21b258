"""Gathers shards of scenes into one dataset in COCO form, the form in which S and S+ leave the journey."""

import os
from dataclasses import replace
from pathlib import Path

from tasks.annotations import read_coco, renamed, write_coco
from tasks.steps import step


@step("dataset")
def gather_dataset(out: Path, config: None, parts: list[Path]) -> None:
    """`images/`, `masks/` and `annotations.json`; files are hard links into the shards and cost no space."""
    images = []
    for part in parts:
        for image in read_coco(part / "annotations.json"):
            gathered = renamed(image, f"{image.extra['background']}_")
            assert image.mask_name is not None
            mask_name = f"masks/{Path(gathered.file_name).name}"
            _link(part / image.file_name, out / gathered.file_name)
            _link(part / image.mask_name, out / mask_name)
            images.append(replace(gathered, mask_name=mask_name))
    write_coco(out / "annotations.json", images)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(source, target)
