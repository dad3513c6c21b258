"""YOLO: one text file an image, a line a box: class, centre x, centre y, width, height, as shares of the image."""

from pathlib import Path

import yaml

from tasks.datasets.annotations import AnnotatedImage, Annotation, Target
from tasks.exporting.images import copy_image
from tasks.exporting.selection import Source


def write_yolo_form(out: Path, sources: list[Source], targets: tuple[Target, ...]) -> None:
    """`data.yaml` names all images as both train and val: which belong where is the user's to say.

    Crowds are left out, since the form cannot say that they are such.
    """
    (out / "labels").mkdir()
    for source in sources:
        copy_image(source, out / "images")
        lines = [
            label_line(source.image, box, targets) for box in source.image.annotations if not box.is_crowd
        ]
        (out / "labels" / f"{source.stem}.txt").write_text(
            "".join(f"{line}\n" for line in lines), encoding="utf-8"
        )
    content = {"path": ".", "train": "images", "val": "images", "names": dict(enumerate(targets))}
    (out / "data.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def label_line(image: AnnotatedImage, box: Annotation, targets: tuple[Target, ...]) -> str:
    left, top, right, bottom = box.box_xyxy
    width, height = image.width_px, image.height_px
    shares = (
        (left + right) / 2 / width,
        (top + bottom) / 2 / height,
        (right - left) / width,
        (bottom - top) / height,
    )
    return " ".join([str(targets.index(box.target)), *(f"{share:.7f}" for share in shares)])
