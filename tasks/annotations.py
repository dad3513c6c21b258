"""Annotated images in memory and as COCO JSON: heads and persons, linked by a person number.

Boxes are xyxy in pixels here and xywh in COCO. Beyond COCO an annotation holds `person_id` and `visibility`, an image
`nadir_px`, `mask_name`, `camera` and `clip`.
"""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

Box = tuple[float, float, float, float]
Target = Literal["head", "person"]
CATEGORY_IDS: dict[Target, int] = {"head": 1, "person": 2}


@dataclass(frozen=True)
class Annotation:
    """One box of one person; `visibility` is the share of it that can be seen, 0 to 1."""

    target: Target
    box_xyxy: Box
    person_id: int
    visibility: float = 1.0
    is_estimated: bool = False
    is_crowd: bool = False


@dataclass(frozen=True)
class AnnotatedImage:
    """One image of a dataset; `file_name` and `mask_name` are relative to the dataset's folder.

    `nadir_px` is the image of the point straight below the camera, from which people stand upwards.
    """

    file_name: str
    width_px: int
    height_px: int
    nadir_px: tuple[float, float]
    annotations: tuple[Annotation, ...] = ()
    mask_name: str | None = None
    camera: str = ""
    clip: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def boxes(self, target: Target) -> list[Annotation]:
        return [annotation for annotation in self.annotations if annotation.target == target]


def write_coco(path: Path, images: list[AnnotatedImage]) -> None:
    """Write valid COCO; image and annotation ids count from 1 in the given order."""
    annotations: list[dict[str, Any]] = []
    for image_id, image in enumerate(images, start=1):
        for annotation in image.annotations:
            annotations.append(_annotation_record(annotation, len(annotations) + 1, image_id))
    records = [_image_record(image, image_id) for image_id, image in enumerate(images, start=1)]
    categories = [{"id": number, "name": name} for name, number in CATEGORY_IDS.items()]
    content = {"images": records, "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(content, indent=1))


def read_coco(path: Path) -> list[AnnotatedImage]:
    """Read what `write_coco` wrote. For files of users see `tasks.real_images`."""
    content = json.loads(path.read_text())
    names: dict[int, Target] = {number: name for name, number in CATEGORY_IDS.items()}
    by_image: dict[int, list[Annotation]] = {}
    for record in content["annotations"]:
        by_image.setdefault(record["image_id"], []).append(_annotation(record, names[record["category_id"]]))
    return [_image(record, tuple(by_image.get(record["id"], ()))) for record in content["images"]]


def read_datasets(folders: list[Path]) -> list[tuple[Path, AnnotatedImage]]:
    """All images of several datasets, each with the folder that its file names are relative to."""
    return [(folder, image) for folder in folders for image in read_coco(folder / "annotations.json")]


def person_boxes(person: dict[str, Any]) -> list[Annotation]:
    """Head and person box of one rendered person; a part that is wholly hidden or outside has none."""
    boxes = []
    targets: tuple[Target, ...] = ("head", "person")
    for target in targets:
        box, visibility = person[f"{target}_box_xyxy"], person[f"{target}_visibility"]
        if box is not None and visibility > 0:
            boxes.append(Annotation(target, tuple(box), person["person_id"], visibility))
    return boxes


def renamed(image: AnnotatedImage, prefix: str) -> AnnotatedImage:
    """The same image with `prefix` before its file's base name, so that datasets can share a folder."""
    path = Path(image.file_name)
    return replace(image, file_name=(path.parent / f"{prefix}{path.name}").as_posix())


def _image_record(image: AnnotatedImage, image_id: int) -> dict[str, Any]:
    return {
        "id": image_id,
        "file_name": image.file_name,
        "width": image.width_px,
        "height": image.height_px,
        "nadir_px": list(image.nadir_px),
        "mask_name": image.mask_name,
        "camera": image.camera,
        "clip": image.clip,
        **image.extra,
    }


_IMAGE_FIELDS = ("id", "file_name", "width", "height", "nadir_px", "mask_name", "camera", "clip")


def _image(record: dict[str, Any], annotations: tuple[Annotation, ...]) -> AnnotatedImage:
    return AnnotatedImage(
        file_name=record["file_name"],
        width_px=record["width"],
        height_px=record["height"],
        nadir_px=(record["nadir_px"][0], record["nadir_px"][1]),
        annotations=annotations,
        mask_name=record["mask_name"],
        camera=record["camera"],
        clip=record["clip"],
        extra={name: value for name, value in record.items() if name not in _IMAGE_FIELDS},
    )


def _annotation_record(annotation: Annotation, number: int, image_id: int) -> dict[str, Any]:
    left, top, right, bottom = annotation.box_xyxy
    return {
        "id": number,
        "image_id": image_id,
        "category_id": CATEGORY_IDS[annotation.target],
        "bbox": [left, top, right - left, bottom - top],
        "area": (right - left) * (bottom - top),
        "iscrowd": int(annotation.is_crowd),
        "person_id": annotation.person_id,
        "visibility": annotation.visibility,
        "is_estimated": annotation.is_estimated,
    }


def _annotation(record: dict[str, Any], target: Target) -> Annotation:
    left, top, width, height = record["bbox"]
    return Annotation(
        target=target,
        box_xyxy=(left, top, left + width, top + height),
        person_id=record["person_id"],
        visibility=record["visibility"],
        is_estimated=record["is_estimated"],
        is_crowd=bool(record["iscrowd"]),
    )
