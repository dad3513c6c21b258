"""Annotated images in memory and as COCO JSON: heads and persons, linked by a person number.

Boxes are xyxy in pixels here and xywh in COCO. Beyond COCO an annotation holds `person_id`, `visibility`, `rotated_bbox`
(centre x, centre y, width, height, degrees clockwise) and `distance_m`, an image `nadir_px`, `mask_name`, `parts_name`,
`depth_name`, `camera` and `clip`.
"""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

from pycocotools import mask as coco_mask

from blender_assets.coco_keypoints import KEYPOINT_NAMES, SKELETON

Box = tuple[float, float, float, float]
# centre x, centre y, width, height, degrees clockwise; a person's height points away from the image's nadir
RotatedBox = tuple[float, float, float, float, float]
Target = Literal["head", "person"]
TARGETS: tuple[Target, ...] = ("head", "person")
LEAST_SIDE_PX = 1.0  # of a box in the image
CATEGORY_IDS: dict[Target, int] = {"head": 1, "person": 2}


@dataclass(frozen=True)
class Rle:
    """The visible pixels as COCO's compressed run lengths."""

    height_px: int
    width_px: int
    counts: str

    def record(self) -> dict[str, Any]:
        """As in a COCO file."""
        return {"size": [self.height_px, self.width_px], "counts": self.counts}

    def area_px(self) -> int:
        return int(coco_mask.area(cast(Any, self.record())))


@dataclass(frozen=True)
class Annotation:
    """One box of one person; `visibility` is the share of it that can be seen, 0 to 1.

    `keypoints` are COCO's 17 times x, y, flag (0 not in the image, 1 hidden, 2 visible), of persons only.
    """

    target: Target
    box_xyxy: Box
    person_id: int
    visibility: float = 1.0
    is_estimated: bool = False
    is_crowd: bool = False
    rotated_box: RotatedBox | None = None
    distance_m: float | None = None
    segmentation: Rle | None = None
    keypoints: tuple[float, ...] | None = None


@dataclass(frozen=True)
class AnnotatedImage:
    """One image of a dataset; `file_name` and `mask_name` are relative to the dataset's folder.

    So are `parts_name` and `depth_name`, the maps of a person's parts and of distances in millimetres. `nadir_px` is the
    image of the point straight below the camera, from which people stand upwards. `left_out` says of a user's image
    what else was annotated and is not read: a category for every box.
    """

    file_name: str
    width_px: int
    height_px: int
    nadir_px: tuple[float, float]
    annotations: tuple[Annotation, ...] = ()
    mask_name: str | None = None
    parts_name: str | None = None
    depth_name: str | None = None
    camera: str = ""
    clip: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def maps(self) -> dict[str, str]:
        """Files of values for every pixel, by the name of their field."""
        names = {field: getattr(self, field) for field in _MAP_FIELDS}
        return {field: name for field, name in names.items() if name is not None}

    def with_boxes(self, boxes: Iterable[Annotation], *, left_out: Iterable[str] = ()) -> "AnnotatedImage":
        return replace(self, annotations=tuple(boxes), left_out=tuple(left_out))

    def boxes(self, target: Target) -> list[Annotation]:
        return [annotation for annotation in self.annotations if annotation.target == target]


def write_coco(path: Path, images: list[AnnotatedImage]) -> None:
    """Write valid COCO; image and annotation ids count from 1 in the given order."""
    path.write_text(json.dumps(coco_content(images), indent=1), encoding="utf-8")


def coco_content(images: list[AnnotatedImage], targets: tuple[Target, ...] = TARGETS) -> dict[str, Any]:
    """The content of a COCO file with the annotations of these targets."""
    has_keypoints = any(box.keypoints for image in images for box in image.annotations)
    annotations: list[dict[str, Any]] = []
    for image_id, image in enumerate(images, start=1):
        for annotation in image.annotations:
            if annotation.target in targets:
                record = _annotation_record(annotation, len(annotations) + 1, image_id)
                annotations.append(record | (_keypoint_record(annotation) if has_keypoints else {}))
    records = [_image_record(image, image_id) for image_id, image in enumerate(images, start=1)]
    categories = [_category(target, has_keypoints=has_keypoints) for target in targets]
    return {"images": records, "annotations": annotations, "categories": categories}


def read_coco(path: Path) -> list[AnnotatedImage]:
    """Read what `write_coco` wrote. For files of users see `tasks.datasets.real_images`."""
    content = json.loads(path.read_text(encoding="utf-8"))
    names: dict[int, Target] = {number: name for name, number in CATEGORY_IDS.items()}
    by_image: dict[int, list[Annotation]] = {}
    for record in content["annotations"]:
        by_image.setdefault(record["image_id"], []).append(_annotation(record, names[record["category_id"]]))
    return [_image(record, tuple(by_image.get(record["id"], ()))) for record in content["images"]]


def read_datasets(folders: list[Path]) -> list[tuple[Path, AnnotatedImage]]:
    """All images of several datasets, each with the folder that its file names are relative to."""
    return [(folder, image) for folder in folders for image in read_coco(folder / "annotations.json")]


def person_boxes(person: dict[str, Any]) -> list[Annotation]:
    """Head and person box of one rendered person.

    A part that is wholly hidden or outside has none, nor one of which less than a pixel's width is in the image.
    """
    return [_rendered_box(person, target) for target in TARGETS if _is_annotated(person, target)]


def _is_annotated(person: dict[str, Any], target: Target) -> bool:
    left, top, right, bottom = person[f"{target}_box_xyxy"]
    return person[f"{target}_visibility"] > 0 and min(right - left, bottom - top) >= LEAST_SIDE_PX


def _rendered_box(person: dict[str, Any], target: Target) -> Annotation:
    rotated_box, rle = person[f"{target}_rotated_box"], person[f"{target}_rle"]
    keypoints = person["keypoints"] if target == "person" else None
    return Annotation(
        target=target,
        box_xyxy=tuple(person[f"{target}_box_xyxy"]),
        person_id=person["person_id"],
        visibility=person[f"{target}_visibility"],
        rotated_box=tuple(rotated_box) if rotated_box else None,
        distance_m=person[f"{target}_distance_m"],
        segmentation=_rle(rle) if rle else None,
        keypoints=tuple(keypoints) if keypoints else None,
    )


def copy_maps(image: AnnotatedImage, source: Path, target: Path) -> None:
    """The image's maps from one dataset's folder to another's, under the same names."""
    for name in image.maps().values():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)


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
        "parts_name": image.parts_name,
        "depth_name": image.depth_name,
        "camera": image.camera,
        "clip": image.clip,
        **({"left_out": list(image.left_out)} if image.left_out else {}),
        **image.extra,
    }


_MAP_FIELDS = ("mask_name", "parts_name", "depth_name")
_IMAGE_FIELDS = ("id", "file_name", "width", "height", "nadir_px", *_MAP_FIELDS, "camera", "clip", "left_out")


def _image(record: dict[str, Any], annotations: tuple[Annotation, ...]) -> AnnotatedImage:
    return AnnotatedImage(
        file_name=record["file_name"],
        width_px=record["width"],
        height_px=record["height"],
        nadir_px=(record["nadir_px"][0], record["nadir_px"][1]),
        annotations=annotations,
        **{name: record[name] for name in _MAP_FIELDS},
        camera=record["camera"],
        clip=record["clip"],
        extra={name: value for name, value in record.items() if name not in _IMAGE_FIELDS},
        left_out=tuple(record.get("left_out", ())),
    )


def _annotation_record(annotation: Annotation, number: int, image_id: int) -> dict[str, Any]:
    left, top, right, bottom = annotation.box_xyxy
    rle, rotated_box = annotation.segmentation, annotation.rotated_box
    optional = {
        "segmentation": rle.record() if rle else None,
        "rotated_bbox": list(rotated_box) if rotated_box else None,
        "distance_m": annotation.distance_m,
    }
    return {
        "id": number,
        "image_id": image_id,
        "category_id": CATEGORY_IDS[annotation.target],
        "bbox": [left, top, right - left, bottom - top],
        "area": rle.area_px() if rle else (right - left) * (bottom - top),
        "iscrowd": int(annotation.is_crowd),
        "person_id": annotation.person_id,
        "visibility": annotation.visibility,
        "is_estimated": annotation.is_estimated,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _keypoint_record(annotation: Annotation) -> dict[str, Any]:
    """Heads have none, which pycocotools wants to be said."""
    values = annotation.keypoints or (0.0,) * (3 * len(KEYPOINT_NAMES))
    return {"keypoints": list(values), "num_keypoints": sum(flag > 0 for flag in values[2::3])}


def _category(target: Target, *, has_keypoints: bool) -> dict[str, Any]:
    category = {"id": CATEGORY_IDS[target], "name": target}
    if target == "person" and has_keypoints:
        return {**category, "keypoints": list(KEYPOINT_NAMES), "skeleton": [list(pair) for pair in SKELETON]}
    return category


def _annotation(record: dict[str, Any], target: Target) -> Annotation:
    left, top, width, height = record["bbox"]
    rotated_box, rle = record.get("rotated_bbox"), record.get("segmentation")
    return Annotation(
        target=target,
        box_xyxy=(left, top, left + width, top + height),
        person_id=record["person_id"],
        visibility=record["visibility"],
        is_estimated=record["is_estimated"],
        is_crowd=bool(record["iscrowd"]),
        rotated_box=tuple(rotated_box) if rotated_box else None,
        distance_m=record.get("distance_m"),
        segmentation=_rle(rle) if rle else None,
        keypoints=tuple(record["keypoints"]) if record.get("num_keypoints") else None,
    )


def _rle(record: dict[str, Any]) -> Rle:
    height_px, width_px = record["size"]
    return Rle(height_px, width_px, record["counts"])
