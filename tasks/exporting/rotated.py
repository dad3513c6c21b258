"""Rotated boxes as the ceiling-fisheye sets have them: [centre x, centre y, width, height, degrees clockwise].

`annotations.json` is like CEPDOF's (image ids are names), `labels/*.txt` like those of HABBOF and MW-R.
"""

import json
from pathlib import Path
from typing import Any

from tasks.datasets.annotations import CATEGORY_IDS, AnnotatedImage, Annotation, Target
from tasks.exporting.images import copy_image
from tasks.exporting.selection import Source


def write_rotated_form(out: Path, sources: list[Source], targets: tuple[Target, ...]) -> None:
    """Crowds are left out. ValueError where a box is known only upright."""
    (out / "labels").mkdir()
    annotations: list[dict[str, Any]] = []
    for source in sources:
        copy_image(source, out / "images")
        boxes = [box for box in source.image.annotations if not box.is_crowd]
        records = [_record(source, box, rotated_values(source.image, box)) for box in boxes]
        lines = [
            " ".join([box.target, *(f"{value:.2f}" for value in record["bbox"])])
            for box, record in zip(boxes, records, strict=True)
        ]
        (out / "labels" / f"{source.stem}.txt").write_text(
            "".join(f"{line}\n" for line in lines), encoding="utf-8"
        )
        annotations += records
    content = {
        "images": [_image_record(source) for source in sources],
        "annotations": [{"id": k + 1, **record} for k, record in enumerate(annotations)],
        "categories": [{"id": CATEGORY_IDS[target], "name": target} for target in targets],
    }
    (out / "annotations.json").write_text(json.dumps(content), encoding="utf-8")


def rotated_values(image: AnnotatedImage, box: Annotation) -> list[float]:
    """Five numbers, rounded to a hundredth."""
    if box.rotated_box is None:
        raise ValueError(
            f"{image.file_name} has a {box.target} box without a rotated one; the form `rotated` needs rendered scenes or "
            "annotations with five numbers, so choose coco, yolo or voc"
        )
    return [round(value, 2) for value in box.rotated_box]


def _record(source: Source, box: Annotation, values: list[float]) -> dict[str, Any]:
    return {
        "image_id": source.stem,
        "category_id": CATEGORY_IDS[box.target],
        "bbox": values,
        "area": round(values[2] * values[3], 1),
        "iscrowd": 0,
        "segmentation": [],
        "person_id": box.person_id,
    }


def _image_record(source: Source) -> dict[str, Any]:
    image = source.image
    size = {"width": image.width_px, "height": image.height_px}
    return {"id": source.stem, "file_name": source.name, **size, "nadir_px": list(image.nadir_px)}
