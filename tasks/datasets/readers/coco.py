"""Reads COCO files that others wrote: what is wrong is said with its place and its mend, what is none of ours is counted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from blender_assets.both_sides.json_reading import read_json
from blender_assets.both_sides.places import is_file
from blender_assets.both_sides.text_reading import shown
from tasks.datasets.annotations import AnnotatedImage, Annotation, Target
from tasks.datasets.readers.foreign_boxes import NO_AREA, checked_box, rotated_box, target_of
from tasks.datasets.readers.foreign_values import answer, identity, number, whole
from tasks.datasets.readers.person_links import UNKNOWN_PERSON, link_persons

Record = dict[str, Any]
# of an image by its name in the file: (width, height)
SizeOf = Callable[[str], tuple[int, int]]


_SIDES = ("width", "height")


class _Category(NamedTuple):
    """A category's name, and what its boxes are of; None for others than heads and persons."""

    name: str
    target: Target | None


def read_user_coco(path: Path) -> list[AnnotatedImage]:
    """Images with head and person boxes, in the file's order, named as there; nadir_px is (0, 0) where the file has none.

    Boxes of other categories, and those without area, stand in `left_out`. ValueError names file, record and mend.
    """
    if not is_file(path):
        raise ValueError(
            f"there is no annotation file {path}; set `real_images.annotations` to a COCO JSON file, or to the folder of "
            "the annotations"
        )
    return coco_images(read_json(path), path)


def coco_images(content: Any, path: Path, size_of: SizeOf | None = None) -> list[AnnotatedImage]:
    """`read_user_coco` of a file that is read; `size_of` looks up the sizes of images that the file does not say."""
    images = _images(path, _records(path, content, "images"), size_of)
    records = _records(path, content, "annotations")
    categories = _categories(path, content.get("categories"), records)
    boxes: dict[str, list[Annotation]] = {key: [] for key in images}
    left_out: dict[str, list[str]] = {key: [] for key in images}
    for index, record in enumerate(records):
        place = _place(path, record, index)
        owner = identity(record.get("image_id"))
        if owner is None or owner not in images:
            raise ValueError(
                f"{place} belongs to the unknown image id {shown(record.get('image_id'))}; remove or mend it"
            )
        category = _category(place, record, categories)
        box = _annotation(place, record, images[owner], category.target) if category.target else None
        if box is not None:
            boxes[owner].append(box)
        else:
            left_out[owner].append(NO_AREA if category.target else category.name)
    return [
        image.with_boxes(link_persons(boxes[key]), left_out=left_out[key]) for key, image in images.items()
    ]


def _place(path: Path, record: Record, index: int) -> str:
    name = record.get("id")
    return f"{path}: annotation {f'number {index + 1}' if name is None else shown(name)}"


def _records(path: Path, content: Any, name: str) -> list[Record]:
    """A list of mappings; that of images is not empty."""
    records = content.get(name) if isinstance(content, dict) else None
    if not isinstance(records, list):
        raise ValueError(f"{path} has no list {name!r}; a COCO file has images, annotations and categories")
    for index, record in enumerate(records):
        if not isinstance(record, dict):
            raise ValueError(
                f"{path}: number {index + 1} of {name} is {shown(record)}, but {{..}} with its fields is needed; "
                "export it as COCO again"
            )
    if name == "images" and not records:
        raise ValueError(f"{path} lists no images; export it again")
    return records


def _categories(path: Path, categories: Any, annotations: list[Record]) -> dict[str, _Category]:
    """By their ids. Sets of persons alone may come without a list of categories."""
    if not categories:
        used = {str(identity(record.get("category_id"))) for record in annotations}
        if len(used) > 1:
            raise ValueError(
                f"{path} has no categories but uses the ids {shown(sorted(used))}; add `categories`"
            )
        return {key: _Category("person", "person") for key in used}
    form = 'e.g. "categories": [{"id": 1, "name": "person"}]'
    if not isinstance(categories, list) or not all(isinstance(item, dict) for item in categories):
        raise ValueError(
            f"{path} has the categories {shown(categories)}, but a list of ids with names is needed, {form}"
        )
    found: dict[str, _Category] = {}
    for item in categories:
        key, name = identity(item.get("id")), item.get("name")
        if key is None or not isinstance(name, str):
            raise ValueError(f"{path} has the category {shown(item)}; give it an id and a name, {form}")
        if key in found and found[key].target != target_of(name):
            raise ValueError(
                f"{path}: the categories {found[key].name!r} and {shown(name)} have the same id {key}; give each its own"
            )
        found[key] = _Category(name, target_of(name))
    if not any(category.target for category in found.values()):
        names = shown([category.name for category in found.values()])
        raise ValueError(
            f"{path} has the categories {names}, but `head` or `person` is needed; rename one of them"
        )
    return found


def _category(place: str, record: Record, categories: dict[str, _Category]) -> _Category:
    key = identity(record.get("category_id"))
    if key is None or key not in categories:
        ours = sorted(key for key, category in categories.items() if category.target)
        raise ValueError(
            f"{place} has the category id {shown(record.get('category_id'))}, but head and person have "
            f"{shown(', '.join(ours))[1:-1]}; remove it, or add it to the categories"
        )
    return categories[key]


def _annotation(place: str, record: Record, image: AnnotatedImage, target: Target) -> Annotation | None:
    """None for a box without area."""
    says = record.get("person_id")
    # Tools that leave nothing out write null for a person whom nobody told apart.
    person = UNKNOWN_PERSON if says is None else whole(says)
    visibility = number(record.get("visibility", 1.0))
    if person is None or visibility is None or not 0 <= visibility <= 1:
        raise ValueError(
            f"{place} has the person_id {shown(UNKNOWN_PERSON if says is None else says)} and visibility "
            f"{shown(record.get('visibility', 1.0))}; both are optional, an integer and a number from 0 to 1"
        )
    answers = {name: _answer(place, record, name) for name in ("iscrowd", "is_estimated")}
    box = checked_box(place, record.get("bbox"), (image.width_px, image.height_px))
    if box is None:
        return None
    return Annotation(
        target=target,
        box_xyxy=box,
        person_id=person,
        visibility=visibility,
        is_estimated=answers["is_estimated"],
        is_crowd=answers["iscrowd"],
        rotated_box=rotated_box(record["bbox"]),
    )


def _answer(place: str, record: Record, name: str) -> bool:
    value = record.get(name)
    found = False if value is None else answer(value)
    if found is None:
        raise ValueError(f"{place} has the {name} {shown(value)}; allowed are 0 and 1, or leave it out")
    return found


def _images(path: Path, records: list[Record], size_of: SizeOf | None) -> dict[str, AnnotatedImage]:
    """By their ids, without boxes."""
    images: dict[str, AnnotatedImage] = {}
    names: set[str] = set()
    for record in records:
        key, image = _image(path, record, size_of)
        if key in images:
            raise ValueError(
                f"{path}: two images have the same id {shown(record['id'])}; give every image an id of its own"
            )
        if image.file_name in names:
            raise ValueError(
                f"{path} lists the image {shown(image.file_name)} twice; merge its records into one"
            )
        names.add(image.file_name)
        images[key] = image
    return images


def _image(path: Path, record: Record, size_of: SizeOf | None) -> tuple[str, AnnotatedImage]:
    place = f"{path}: the image {shown(record.get('id'))}"
    name, key = record.get("file_name"), identity(record.get("id"))
    if not isinstance(name, str) or not name:
        words = f"has the file_name {shown(name)}, but text is needed" if name else "has no file_name; add it"
        raise ValueError(f"{place} {words}")
    if key is None:
        raise ValueError(
            f"{path}: the image {shown(name)} has the id {shown(record.get('id'))}; give a number or text"
        )
    width, height = _size(place, record) or (size_of(name) if size_of else _no_size(place, record))
    return key, AnnotatedImage(
        file_name=name,
        width_px=width,
        height_px=height,
        nadir_px=_nadir(place, record.get("nadir_px")),
        camera=_word(place, record, "camera"),
        clip=_word(place, record, "clip"),
        extra={"split": record["split"]} if record.get("split") is not None else {},
    )


def _size(place: str, record: Record) -> tuple[int, int] | None:
    """(width, height); None where one is not there, or 0."""
    sides = [whole(record.get(side) or 0) for side in _SIDES]
    for side, value in zip(_SIDES, sides, strict=True):
        if value is None or value < 0:
            raise ValueError(
                f"{place} has the {side} {shown(record[side])}, but a whole number of pixels is needed"
            )
    return (sides[0], sides[1]) if sides[0] and sides[1] else None


def _no_size(place: str, record: Record) -> tuple[int, int]:
    side = next(side for side in _SIDES if not whole(record.get(side) or 0))
    raise ValueError(f"{place} has no {side}; add it")


def _nadir(place: str, value: Any) -> tuple[float, float]:
    if value is None:
        return (0.0, 0.0)
    numbers = [number(item) for item in value] if isinstance(value, list) else []
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        raise ValueError(f"{place} has the nadir_px {shown(value)}; give [x, y] in pixels, or leave it out")
    return (numbers[0], numbers[1])


def _word(place: str, record: Record, field: str) -> str:
    """A name, also one that is a number; "" where there is none."""
    value = record.get(field)
    if isinstance(value, bool | list | dict | float):
        raise ValueError(f"{place} has the {field} {shown(value)}; give its name as text, or leave it out")
    return "" if value is None else str(value)
