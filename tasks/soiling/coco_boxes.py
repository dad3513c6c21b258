"""Boxes of a COCO file, whatever is in them, and what can still be seen of them through soiling."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blender_assets.both_sides.json_reading import read_json
from blender_assets.both_sides.text_reading import shown
from tasks.datasets.layouts.dataset_files import FileIndex, images_of
from tasks.datasets.layouts.dataset_paths import require_inside
from tasks.datasets.readers.foreign_values import identity, number

Record = dict[str, Any]
_DEPTH = 2  # of the folders in which JSON files are looked for
_MAP_FIELDS = ("mask_name", "parts_name", "depth_name")  # of Verisim's own sets: files that are not soiled


@dataclass(frozen=True)
class CocoBoxes:
    """One file: `content` but images and annotations, the image records by file, and by these their annotations."""

    path: Path
    content: Record
    images: dict[str, Record]
    boxes: dict[str, list[Record]]


def find_coco_boxes(place: Path, files: Mapping[str, Path]) -> CocoBoxes | None:
    """Of the only JSON file among `files`, by their names in `place`, that has boxes; None where there is none.

    ValueError for several, and in one line for what is wrong with the one.
    """
    found = {}
    for name, path in files.items():
        if path.suffix.lower() == ".json" and name.count("/") <= _DEPTH:
            require_inside(place, [path])
            if _has_boxes(content := _json_or_none(path)):
                found[name] = content
    if len(found) > 1:
        raise ValueError(f"{place} has several COCO files: {', '.join(found)}; name the one that is meant")
    for name, content in found.items():
        return _coco_boxes(files[name], content, FileIndex(images_of(files)), name.rpartition("/")[0])
    return None


def _json_or_none(path: Path) -> Any:
    """What is no JSON is no COCO either."""
    try:
        return read_json(path)
    except ValueError:
        return None


def _has_boxes(content: Any) -> bool:
    """Whether annotations have boxes; panoptic segments, which have some too, are label maps."""
    if not isinstance(content, dict) or not isinstance(content.get("images"), list):
        return False
    annotations = content.get("annotations")
    return isinstance(annotations, list) and any(
        isinstance(record, dict) and "bbox" in record and "segments_info" not in record
        for record in annotations
    )


def _coco_boxes(path: Path, content: Record, index: FileIndex, near: str) -> CocoBoxes:
    names: dict[str, str] = {}
    images: dict[str, Record] = {}
    for record in content["images"]:
        key = identity(record.get("id")) if isinstance(record, dict) else None
        if key is None or not isinstance(record.get("file_name"), str) or key in names:
            raise ValueError(
                f"{path}: the image {shown(record)} needs an id of its own and a file_name; export it again"
            )
        name = _file_of(record["file_name"], index, near, path)
        if name in images:
            raise ValueError(f"{path} lists the image {shown(name)} twice; merge its records into one")
        names[key], images[name] = name, record
    boxes: dict[str, list[Record]] = {name: [] for name in images}
    for count, record in enumerate(content["annotations"], start=1):
        key = identity(record.get("image_id")) if isinstance(record, dict) else None
        if key not in names or _box(record) is None:
            raise ValueError(
                f"{path}: annotation {count} needs the image_id of an image and a bbox of four numbers, but was "
                f"{shown(record)}; mend or remove it"
            )
        boxes[names[key]].append(record)
    rest = {field: value for field, value in content.items() if field not in ("images", "annotations")}
    return CocoBoxes(path, rest, images, boxes)


def _file_of(called: str, index: FileIndex, near: str, path: Path) -> str:
    found = index.find(called, near=[near, f"{near}/images".strip("/")])
    if len(found) != 1:
        words = (
            f"may be {shown(found[:3])}; remove all but one"
            if found
            else "is not there; copy it, or mend the name"
        )
        raise ValueError(f"{path} lists the image {shown(called)}, which {words}")
    return found[0]


def _box(record: Record) -> tuple[float, ...] | None:
    """x, y, width and height; rotated boxes have the angle behind."""
    values = record.get("bbox")
    numbers = [number(value) for value in values] if isinstance(values, list) else []
    found = tuple(value for value in numbers if value is not None)
    return found if len(found) == len(numbers) and len(found) in (4, 5) else None


def visible_share(alpha: NDArray[np.float32], record: Record) -> float:
    """Mean of 1 - alpha over the box's pixels, or the pixel nearest to one that lies beside the image.

    Of a rotated box (centre, size, angle) over the upright one around it.
    """
    box = _box(record)
    assert box is not None
    left, top, width, height = box[:4]
    if len(box) == 5:
        cosine, sine = abs(np.cos(np.radians(box[4]))), abs(np.sin(np.radians(box[4])))
        around = width * cosine + height * sine, width * sine + height * cosine
        left, top, width, height = left - around[0] / 2, top - around[1] / 2, *around
    columns = _pixels(left, width, alpha.shape[1])
    return float(1 - alpha[_pixels(top, height, alpha.shape[0]), columns].mean())


def _pixels(start: float, length: float, size: int) -> slice:
    first = int(np.clip(np.floor(start), 0, size - 1))
    return slice(first, int(np.clip(np.ceil(start + length), first + 1, size)))


class SoiledCoco:
    """The COCO file of soiled images, which grows image by image."""

    def __init__(self, clean: CocoBoxes) -> None:
        self._clean = clean
        self._images: list[Record] = []
        self._annotations: list[Record] = []

    def add(self, source: str, file_name: str, alpha: NDArray[np.float32]) -> None:
        """The boxes of the clean image `source`, for a soiled one of it. ValueError where it has another size than said."""
        record = copy.deepcopy(self._clean.images[source])
        _check_size(self._clean.path, record, (alpha.shape[1], alpha.shape[0]))
        number_of_image = len(self._images) + 1
        record |= {"id": number_of_image, "file_name": file_name}
        record |= {"height": alpha.shape[0], "width": alpha.shape[1]}
        record |= {field: None for field in _MAP_FIELDS if field in record}
        self._images.append(record)
        for box in self._clean.boxes[source]:
            own = copy.deepcopy(box) | {"id": len(self._annotations) + 1, "image_id": number_of_image}
            own["visible_share"] = round(visible_share(alpha, box), 4)
            if (visibility := number(box.get("visibility"))) is not None:
                own["visibility"] = round(visibility * own["visible_share"], 4)
            self._annotations.append(own)

    def content(self) -> Record:
        return {**self._clean.content, "images": self._images, "annotations": self._annotations}


def _check_size(path: Path, record: Record, size: tuple[int, int]) -> None:
    given = tuple(number(record.get(side)) for side in ("width", "height"))
    if all(given) and given != size:
        raise ValueError(
            f"{path} says that {shown(record['file_name'])} has {given[0]:g} x {given[1]:g} pixels, but it has {size[0]} x "
            f"{size[1]}, so that its boxes mean another image; export both at one size"
        )
