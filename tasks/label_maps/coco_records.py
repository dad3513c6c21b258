"""COCO's panoptic and stuff JSON files as records, and the label map of one image from them.

Panoptic (arXiv:1801.00868): a PNG in which red + 256 green + 256^2 blue is a segment, whose category the file says.
Stuff: outlines or run lengths of every category. What no segment covers is ignored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from pycocotools import mask as coco_mask

from blender_assets.both_sides.text_reading import shown
from tasks.class_tables.table import IGNORED, UNKNOWN, ClassTable, train_ids_of_ids
from tasks.datasets.readers.foreign_values import identity, whole
from tasks.label_maps.annotated import Encoding
from tasks.label_maps.decoding import colors_of, packed, unpacked
from tasks.label_maps.label_files import read_label_pixels

Record = dict[str, Any]
_MOST_POINTS = 100_000  # of one outline
_VOID = 0  # the panoptic number of pixels of no segment


@dataclass(frozen=True)
class CocoMaps:
    """One file: its images' names, and by these their annotations; `categories` in the form of a class table."""

    path: Path
    encoding: Encoding
    image_names: tuple[str, ...]
    records: dict[str, list[Record]]
    png_names: dict[str, str]
    categories: tuple[Record, ...]


def is_coco_maps(content: Any) -> bool:
    """Whether JSON is COCO with a class for every pixel: segments of PNGs, or regions without boxes' category alone."""
    if not isinstance(content, dict) or not isinstance(content.get("annotations"), list):
        return False
    first = next(iter(content["annotations"]), None)
    return (
        "images" in content
        and isinstance(first, dict)
        and ("segments_info" in first or "segmentation" in first)
    )


def coco_maps(content: Record, path: Path) -> CocoMaps:
    """The records of a file that `is_coco_maps`. ValueError names the file, the record and the mend."""
    names = _image_names(content, path)
    is_panoptic = any("segments_info" in record for record in _records(content, path, "annotations"))
    records: dict[str, list[Record]] = {}
    pngs: dict[str, str] = {}
    for number, record in enumerate(content["annotations"]):
        place = f"{path}: annotation {number + 1}"
        called = names.get(identity(record.get("image_id")) or "")
        if called is None:
            raise ValueError(
                f"{place} belongs to the unknown image id {shown(record.get('image_id'))}; remove or mend it"
            )
        if is_panoptic:
            pngs[called] = _text(record, "file_name", place)
            records[called] = _records(record, path, "segments_info")
        else:
            records.setdefault(called, []).append(record)
    encoding: Encoding = "coco_panoptic" if is_panoptic else "coco_stuff"
    return CocoMaps(path, encoding, tuple(names.values()), records, pngs, _categories(content, path))


def read_panoptic(maps: CocoMaps, called: str, png: Path, table: ClassTable) -> np.ndarray:
    """uint8 [h, w] of training ids of one image. ValueError for a segment that the file does not list."""
    segments = packed(colors_of(read_label_pixels(png), png)[..., ::-1])
    numbers, inverse = np.unique(segments, return_inverse=True)
    known = {_VOID: IGNORED}
    for number, record in enumerate(maps.records[called]):
        place = f"{maps.path}: segment {number + 1} of {shown(called)}"
        known[_whole(record, "id", place)] = _train_id(record, table, place)
    unknown = [number for number in numbers.tolist() if number not in known]
    if unknown:
        blue, green, red = unpacked(unknown[0])
        raise ValueError(
            f"{png} has the segment {unknown[0]} (colour {(red, green, blue)}), which {maps.path} does not list for it; "
            "copy the PNG and the JSON file of one version"
        )
    return np.array([known[number] for number in numbers.tolist()], np.uint8)[inverse].reshape(segments.shape)


def read_stuff(maps: CocoMaps, called: str, size: tuple[int, int], table: ClassTable) -> np.ndarray:
    """uint8 [h, w] of training ids of one image of `size` (width, height); of regions that overlap the last counts."""
    width, height = size
    labels = np.full((height, width), IGNORED, np.uint8)
    for number, record in enumerate(maps.records.get(called, [])):
        place = f"{maps.path}: region {number + 1} of {shown(called)}"
        train_id = _train_id(record, table, place)
        labels[_region(record.get("segmentation"), size, place)] = train_id
    return labels


def _region(segmentation: Any, size: tuple[int, int], place: str) -> np.ndarray:
    """bool [h, w] of run lengths, plain or compressed, or of outlines."""
    width, height = size
    if isinstance(segmentation, list):
        outlines = [_outline(one, size, place) for one in segmentation]
        return _decoded(lambda: coco_mask.frPyObjects(cast(Any, outlines), height, width), size, place)
    counts = segmentation.get("counts") if isinstance(segmentation, dict) else None
    if not isinstance(segmentation, dict) or not isinstance(counts, str | list):
        raise ValueError(
            f"{place} has the segmentation {shown(segmentation)}; run lengths or outlines are needed"
        )
    if segmentation.get("size") != [height, width]:
        raise ValueError(
            f"{place} is of the size {shown(segmentation.get('size'))}, but the image has the height {height} and width "
            f"{width}; copy the image and the JSON file of one version"
        )
    if isinstance(counts, str):
        counts = _uncompressed(counts, place)
    return _from_runs(counts, size, place)


def _from_runs(counts: list[Any], size: tuple[int, int], place: str) -> np.ndarray:
    """Runs of 0 and 1 in turn, column by column."""
    width, height = size
    runs = [count if type(count) is int and 0 <= count <= width * height else -1 for count in counts]
    if -1 in runs or sum(runs) != width * height:
        raise ValueError(
            f"{place} has run lengths that do not fill {width} x {height} pixels; export it again"
        )
    values = np.arange(len(runs)) % 2 == 1
    return np.repeat(values, runs).reshape(width, height).T


def _uncompressed(text: str, place: str) -> list[int]:
    """COCO's letters as run lengths (rleFrString of its API): 5 bits a letter, the third run on as differences."""
    counts: list[int] = []
    value = shift = 0
    for letter in text:
        code = ord(letter) - 48
        if not 0 <= code < 64 or shift > 30:
            raise ValueError(
                f"{place} has run lengths with the letter {shown(letter)}, which are damaged; export it again"
            )
        value |= (code & 31) << shift
        shift += 5
        if not code & 32:
            value -= (code & 16) << (shift - 4)
            counts.append(value + (counts[-2] if len(counts) > 2 else 0))
            value = shift = 0
    return counts


def _decoded(encode: Callable[[], Any], size: tuple[int, int], place: str) -> np.ndarray:
    width, height = size
    try:
        found = coco_mask.decode(encode())
    except Exception as error:  # what pycocotools raises of odd outlines has no order
        raise ValueError(
            f"{place} has outlines that cannot be drawn ({shown(str(error))}); export it again"
        ) from None
    return np.asarray(found).reshape(height, width, -1).max(axis=2, initial=0) > 0


def _outline(value: Any, size: tuple[int, int], place: str) -> list[float]:
    """x, y of points in the image, give or take a pixel: pycocotools walks along every outline pixel by pixel."""
    numbers = value if isinstance(value, list) else []
    if (
        not 6 <= len(numbers) <= _MOST_POINTS
        or len(numbers) % 2
        or not all(type(one) in (int, float) for one in numbers)
    ):
        raise ValueError(f"{place} has the outline {shown(value)}; x, y of at least three points are needed")
    limits = np.tile(size, len(numbers) // 2) + 1
    points = np.array([float(max(-2, min(one, 1e6))) for one in numbers])
    if not bool(((points >= -1) & (points <= limits)).all()):
        raise ValueError(
            f"{place} has the outline {shown(value)}, which leaves the image of {size[0]} x {size[1]}; mend it"
        )
    return points.tolist()


def _train_id(record: Record, table: ClassTable, place: str) -> int:
    number, lookup = _whole(record, "category_id", place), train_ids_of_ids(table)
    known = int(lookup[number]) if 0 <= number < len(lookup) else UNKNOWN
    if known == UNKNOWN:
        raise ValueError(
            f"{place} has the category_id {number}, which {table.name} does not have; add it to the categories"
        )
    return known


def _image_names(content: Record, path: Path) -> dict[str, str]:
    names: dict[str, str] = {}
    for number, record in enumerate(_records(content, path, "images")):
        place = f"{path}: image {number + 1}"
        key, name = identity(record.get("id")), _text(record, "file_name", place)
        if key is None or key in names:
            raise ValueError(
                f"{place} has the id {shown(record.get('id'))}; give every image an id of its own"
            )
        names[key] = name
    if len(set(names.values())) < len(names) or not names:
        raise ValueError(f"{path} lists {'an image twice' if names else 'no images'}; export it again")
    return names


def _categories(content: Record, path: Path) -> tuple[Record, ...]:
    records = _records(content, path, "categories")
    return tuple(
        {
            "name": _text(record, "name", f"{path}: category {number + 1}"),
            "id": _whole(record, "id", f"{path}: category {number + 1}"),
            **({"color": record["color"]} if record.get("color") is not None else {}),
        }
        for number, record in enumerate(records)
    )


def _records(content: Record, path: Path, field: str) -> list[Record]:
    records = content.get(field)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError(f"{path} has no list {field} of records with fields; export it as COCO again")
    return records


def _text(record: Record, field: str, place: str) -> str:
    value = record.get(field)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{place} has the {field} {shown(value)}, but text is needed")
    return value


def _whole(record: Record, field: str, place: str) -> int:
    value = whole(record.get(field))
    if value is None:
        raise ValueError(f"{place} has the {field} {shown(record.get(field))}, but a whole number is needed")
    return value
