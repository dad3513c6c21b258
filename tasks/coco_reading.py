"""Reads COCO files that others wrote, strictly: what is wrong is said with its place and its mend.

Also understands the rotated boxes of the ceiling-fisheye sets (CEPDOF, HABBOF, MW-R): five values
[centre x, centre y, width, height, degrees clockwise].
"""

import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tasks.annotations import LEAST_SIDE_PX, AnnotatedImage, Annotation, Box, RotatedBox, Target

TARGET_NAMES: dict[str, Target] = {
    "head": "head",
    "heads": "head",
    "person": "person",
    "persons": "person",
    "people": "person",
    "human": "person",
    "pedestrian": "person",
}
_OUTSIDE_TOLERANCE_PX = 2.0
UNKNOWN_PERSON = -1  # person_id of a box that the file links to nobody


def read_user_coco(path: Path) -> list[AnnotatedImage]:
    """Images with head and person boxes, in the file's order; nadir_px is (0, 0) where the file has none.

    Raises ValueError naming the file, the record and the mend.
    """
    content = _load(path)
    for record in content["images"]:
        _check_image(path, record)
    _check_names(path, content["images"])
    images = {record.get("id"): record for record in content["images"]}
    if len(images) < len(content["images"]):
        raise ValueError(f"{path}: two images have the same id; give every image an id of its own")
    targets = _targets(path, content)
    boxes: dict[Any, list[Annotation]] = {number: [] for number in images}
    for index, record in enumerate(content["annotations"]):
        place = f"{path}: annotation {record.get('id', f'number {index + 1}')}"
        image = images.get(record.get("image_id"))
        if image is None:
            raise ValueError(
                f"{place} belongs to the unknown image id {record.get('image_id')!r}; remove or mend it"
            )
        boxes[image["id"]].append(_annotation(place, record, image, targets))
    return [_image(record, boxes[number]) for number, record in images.items()]


def _load(path: Path) -> dict[str, list[dict[str, Any]]]:
    if not path.is_file():
        raise ValueError(
            f"there is no annotation file {path}; set `real_images.annotations` to a COCO JSON file"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON ({error}); export it again") from error
    for name in ("images", "annotations"):
        if not isinstance(content, dict) or not isinstance(content.get(name), list):
            raise ValueError(
                f"{path} has no list {name!r}; a COCO file has images, annotations and categories"
            )
    if not content["images"]:
        raise ValueError(f"{path} lists no images; export it again")
    return content


def _targets(path: Path, content: Mapping[str, Any]) -> dict[Any, Target]:
    """What each category id means. Sets of persons alone may come without a list of categories."""
    categories = content.get("categories")
    if not categories:
        used = {record.get("category_id") for record in content["annotations"]}
        if len(used) > 1:
            raise ValueError(
                f"{path} has no categories but uses the ids {sorted(map(str, used))}; add `categories`"
            )
        return dict.fromkeys(used, "person")
    targets: dict[Any, Target] = {}
    for category in categories:
        name = str(category.get("name", "")).lower()
        if name in TARGET_NAMES:
            targets[category.get("id")] = TARGET_NAMES[name]
    if not targets:
        found = [category.get("name") for category in categories]
        raise ValueError(
            f"{path} has the categories {found}, but `head` or `person` is needed; rename one of them"
        )
    return targets


def _annotation(
    place: str, record: dict[str, Any], image: dict[str, Any], targets: dict[Any, Target]
) -> Annotation:
    category = record.get("category_id")
    if category not in targets:
        raise ValueError(
            f"{place} has the category id {category!r}, but head and person have {sorted(targets, key=str)}; "
            "remove it or name its category head or person"
        )
    person, visibility = record.get("person_id", UNKNOWN_PERSON), record.get("visibility", 1.0)
    if not isinstance(person, int) or not isinstance(visibility, int | float):
        raise ValueError(
            f"{place} has the person_id {person!r} and visibility {visibility!r}; "
            "both are optional, an integer and a number from 0 to 1"
        )
    return Annotation(
        target=targets[category],
        box_xyxy=checked_box(place, record.get("bbox"), image),
        person_id=person,
        visibility=float(visibility),
        is_estimated=bool(record.get("is_estimated", False)),
        is_crowd=bool(record.get("iscrowd", 0)),
        rotated_box=_rotated_box(record["bbox"]),
    )


def checked_box(place: str, bbox: Any, image: dict[str, Any]) -> Box:
    """The upright box xyxy, clipped to its image (`width`, `height`), of four or five numbers as COCO has them.

    ValueError, which begins with `place`, for what is no box, or none in the image.
    """
    is_numbers = isinstance(bbox, list) and all(isinstance(v, int | float) and math.isfinite(v) for v in bbox)
    if not is_numbers or len(bbox) not in (4, 5):
        raise ValueError(
            f"{place} has the bbox {bbox!r}; allowed are 4 numbers [left, top, width, height] or, for rotated boxes, "
            "5 numbers [centre x, centre y, width, height, degrees clockwise]"
        )
    if bbox[2] <= 0 or bbox[3] <= 0:
        raise ValueError(
            f"{place} has a bbox of width {bbox[2]:g} and height {bbox[3]:g}; both must be positive"
        )
    if len(bbox) == 5:
        return _clipped(ellipse_box(*bbox), image, place)
    box = (float(bbox[0]), float(bbox[1]), float(bbox[0] + bbox[2]), float(bbox[1] + bbox[3]))
    excess = max(-box[0], -box[1], box[2] - image["width"], box[3] - image["height"])
    if excess > _OUTSIDE_TOLERANCE_PX:
        raise ValueError(
            f"{place} has the bbox {bbox}, which reaches {excess:.1f} px outside its image of "
            f"{image['width']} x {image['height']}; clip it to the image"
        )
    return _clipped(box, image, place)


def _rotated_box(bbox: list[float]) -> RotatedBox | None:
    if len(bbox) != 5:
        return None
    center_x, center_y, width, height, clockwise_deg = map(float, bbox)
    return (center_x, center_y, width, height, clockwise_deg)


def ellipse_box(center_x: float, center_y: float, width: float, height: float, clockwise_deg: float) -> Box:
    """The upright box around the ellipse inscribed in a rotated box: nearer to a person's outline than the
    upright box around the rotated box itself."""
    cosine, sine = math.cos(math.radians(clockwise_deg)), math.sin(math.radians(clockwise_deg))
    half_x = math.hypot(width / 2 * cosine, height / 2 * sine)
    half_y = math.hypot(width / 2 * sine, height / 2 * cosine)
    return (center_x - half_x, center_y - half_y, center_x + half_x, center_y + half_y)


def _clipped(box: Box, image: dict[str, Any], place: str) -> Box:
    left, top = max(box[0], 0.0), max(box[1], 0.0)
    right, bottom = min(box[2], float(image["width"])), min(box[3], float(image["height"]))
    if min(right - left, bottom - top) < LEAST_SIDE_PX:
        raise ValueError(f"{place} lies outside its image of {image['width']} x {image['height']}; remove it")
    return (left, top, right, bottom)


def _check_image(path: Path, record: dict[str, Any]) -> None:
    for name in ("file_name", "width", "height"):
        if not record.get(name):
            raise ValueError(f"{path}: the image {record.get('id')!r} has no {name}; add it")
        kind = str if name == "file_name" else int
        if not isinstance(record[name], kind):
            raise ValueError(
                f"{path}: the image {record.get('id')!r} has the {name} {record[name]!r}, no {kind.__name__}"
            )
    if not isinstance(record.get("id"), int | str):
        raise ValueError(
            f"{path}: the image {record['file_name']!r} has the id {record.get('id')!r}; give a number or text"
        )
    name = record["file_name"]
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(
            f"{path}: the image {name!r} leaves its folder; use names relative to real_images.images"
        )


def _check_names(path: Path, records: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for record in records:
        if record["file_name"] in seen:
            raise ValueError(
                f"{path} lists the image {record['file_name']!r} twice; merge its records into one"
            )
        seen.add(record["file_name"])


def link_persons(annotations: list[Annotation]) -> tuple[Annotation, ...]:
    """Give boxes without a person number one: a head that of the smallest free person box around its centre."""
    numbers = itertools.count(1 + max((box.person_id for box in annotations), default=0))
    linked = [box for box in annotations if box.person_id != UNKNOWN_PERSON]
    unknown = [box for box in annotations if box.person_id == UNKNOWN_PERSON]
    persons = [replace(box, person_id=next(numbers)) for box in unknown if box.target == "person"]
    free = sorted((box for box in persons if not box.is_crowd), key=lambda box: _area(box.box_xyxy))
    heads = []
    for head in (box for box in unknown if box.target == "head"):
        owner = next((person for person in free if _holds(person.box_xyxy, head.box_xyxy)), None)
        if owner is not None:
            free.remove(owner)
        heads.append(replace(head, person_id=owner.person_id if owner else next(numbers)))
    return (*linked, *persons, *heads)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _holds(outer: Box, inner: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _image(record: dict[str, Any], annotations: list[Annotation]) -> AnnotatedImage:
    nadir = record.get("nadir_px") or (0.0, 0.0)
    return AnnotatedImage(
        file_name=record["file_name"],
        width_px=int(record["width"]),
        height_px=int(record["height"]),
        nadir_px=(float(nadir[0]), float(nadir[1])),
        annotations=link_persons(annotations),
        camera=str(record.get("camera", "")),
        clip=str(record.get("clip", "")),
        extra={"split": record["split"]} if "split" in record else {},
    )
