"""Reads CreateML's JSON, as labelImg and Roboflow write it: a list of images with labels and boxes around a centre."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blender_assets.both_sides.text_reading import shown
from tasks.datasets.annotations import AnnotatedImage, Annotation, Target
from tasks.datasets.layouts.dataset_files import image_size
from tasks.datasets.readers.foreign_boxes import NO_AREA, checked_box, target_of
from tasks.datasets.readers.foreign_values import number
from tasks.datasets.readers.person_links import UNKNOWN_PERSON, link_persons

_NUMBERS = ("x", "y", "width", "height")


def is_createml(content: Any) -> bool:
    """Whether the content of a JSON file is a list of images with annotations."""
    records = content if isinstance(content, list) else []
    return bool(records) and isinstance(records[0], dict) and {"image", "annotations"} <= set(records[0])


def createml_names(content: list[Any], path: Path) -> list[str]:
    """The images' names in the file; ValueError where one has none, or two have the same."""
    names: dict[str, None] = {}
    for index, record in enumerate(content, start=1):
        name = record.get("image") if isinstance(record, dict) else None
        if not isinstance(name, str) or not name:
            raise ValueError(f"{path}: image number {index} has the image {shown(name)}; give its file name")
        if name in names:
            raise ValueError(f"{path} lists the image {shown(name)} twice; merge its records into one")
        names[name] = None
    return list(names)


def createml_images(content: list[Any], path: Path, image_paths: Mapping[str, Path]) -> list[AnnotatedImage]:
    """Images named as in the file, whose sizes are looked up in their files. ValueError names image and box."""
    names = createml_names(content, path)
    return [
        _image(record, name, path, image_paths[name]) for record, name in zip(content, names, strict=True)
    ]


def _image(record: dict[str, Any], name: str, path: Path, image_path: Path) -> AnnotatedImage:
    width, height = image_size(image_path)
    boxes: list[Annotation] = []
    left_out: list[str] = []
    place = f"{path}: the image {shown(name)}"
    records = record.get("annotations")
    if not isinstance(records, list):
        raise ValueError(
            f"{place} has the annotations {shown(records)}, but a list is needed; export it again"
        )
    for index, item in enumerate(records, start=1):
        label = item.get("label") if isinstance(item, dict) else None
        if not isinstance(label, str):
            raise ValueError(f"{place}: box {index} is {shown(item)}; give it a label and coordinates")
        target = target_of(label)
        box = _annotation(f"{place}: box {index}", item, (width, height), target) if target else None
        if box is not None:
            boxes.append(box)
        else:
            left_out.append(NO_AREA if target else label)
    image = AnnotatedImage(name, width, height, (0.0, 0.0))
    return image.with_boxes(link_persons(boxes), left_out=left_out)


def _annotation(place: str, item: dict[str, Any], size: tuple[int, int], target: Target) -> Annotation | None:
    """None for a box without area."""
    coordinates = item.get("coordinates")
    values = [number(coordinates.get(name)) for name in _NUMBERS] if isinstance(coordinates, dict) else []
    x, y, width, height = values or [None] * len(_NUMBERS)
    if x is None or y is None or width is None or height is None:
        raise ValueError(
            f"{place} has the coordinates {shown(coordinates)}; allowed are x and y of the centre, width and height, in "
            "pixels"
        )
    box = checked_box(place, [x - width / 2, y - height / 2, width, height], size)
    return None if box is None else Annotation(target, box, UNKNOWN_PERSON)
