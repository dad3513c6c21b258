"""Step: look for images of different splits that look like copies, for cut clips, and for boxes that were left out."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tasks.building.steps import step
from tasks.datasets.annotations import read_coco
from tasks.datasets.leaks import find_cut_clips, read_leaks
from tasks.datasets.left_out import describe_left_out


class LeakConfig(BaseModel):
    """The splits' names, in the order of the inputs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    splits: tuple[str, ...]


@step("leak-check", libraries=("numpy", "opencv-python-headless", "pillow"))
def check_leaks(out: Path, config: LeakConfig, splits: list[Path]) -> None:
    """`leaks.json`: the sentences of pairs, most alike first, of cut clips, and of boxes that were left out."""
    images = [
        (folder, image, split)
        for split, folder in zip(config.splits, splits, strict=True)
        for image in read_coco(folder / "annotations.json")
    ]
    leaks = read_leaks((folder / image.file_name, split) for folder, image, split in images)
    cut = find_cut_clips((image, split) for _, image, split in images)
    content = {
        "pairs": [leak.sentence() for leak in leaks],
        "cut_clips": [clip.sentence() for clip in cut],
        "left_out": list(filter(None, [describe_left_out(image for _, image, _ in images)])),
    }
    (out / "leaks.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
