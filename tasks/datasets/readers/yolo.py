"""Reads text files of labels: one an image, a line a box, as YOLO has them (shares of the image) or HABBOF (turned boxes).

A line is `class x y width height` in shares, an outline `class x y x y ..`, keypoints after a box, or
`class x y width height degrees` in pixels.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from blender_assets.both_sides.text_reading import read_text, shown
from blender_assets.both_sides.yaml_reading import read_yaml
from tasks.datasets.annotations import AnnotatedImage, Annotation, Target
from tasks.datasets.layouts.dataset_files import image_size
from tasks.datasets.readers.foreign_boxes import NO_AREA, bounds_xywh, checked_box, rotated_box, target_of
from tasks.datasets.readers.foreign_values import number, whole
from tasks.datasets.readers.person_links import UNKNOWN_PERSON, link_persons

_SHARES = 4  # of a box
_ROTATED = 5  # numbers of a turned box
_MOST_OF_SHARES = 2.0  # a box whose numbers are all below it is one of shares, not of pixels
_FEWEST_OF_OUTLINE = 6  # numbers of three points
_OVERHANG_PX = 2.0  # by which shares may leave 0 to 1
_FLAGS = (0.0, 1.0, 2.0)  # of a keypoint: not annotated, hidden, visible


class Classes(NamedTuple):
    """The classes of a dataset by number, and how many numbers each of a box's keypoints has: (keypoints, 2 or 3)."""

    names: Mapping[int, str]
    keypoint_shape: tuple[int, int] | None = None


NO_CLASSES = Classes({})


def read_classes(path: Path) -> Classes:
    """From `names` of a data.yaml, or the lines of a classes.txt or an obj.names. ValueError where none is of ours."""
    is_yaml = path.suffix.lower() in (".yaml", ".yml")
    content = read_yaml(path) if is_yaml else {"names": read_text(path).splitlines()}
    names = {key: text for key, name in _names(path, content).items() if (text := str(name).strip())}
    if not any(map(target_of, names.values())):
        raise ValueError(
            f"{path} has the classes {shown(list(names.values()))}, but `head` or `person` is needed; rename one of them"
        )
    return Classes(names, _keypoint_shape(path, content.get("kpt_shape")))


def _names(path: Path, content: Any) -> dict[int, Any]:
    names = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, list):
        return dict(enumerate(names))
    if isinstance(names, dict):
        numbers = {whole(key): name for key, name in names.items()}
        if None not in numbers and len(numbers) == len(names):
            return {key: name for key, name in numbers.items() if key is not None}
    raise ValueError(f"{path} has no list of `names`; add the classes, e.g. names: [person, head]")


def _keypoint_shape(path: Path, shape: Any) -> tuple[int, int] | None:
    if shape is None:
        return None
    sides = [whole(side) for side in shape] if isinstance(shape, list) else []
    if len(sides) != 2 or not sides[0] or sides[0] < 0 or sides[1] not in (2, 3):
        raise ValueError(
            f"{path} has the kpt_shape {shown(shape)}; allowed is [keypoints, 2 or 3], e.g. [17, 3]"
        )
    return (sides[0], sides[1])


def read_label_image(path: Path, name: str, image_path: Path, classes: Classes) -> AnnotatedImage:
    """The boxes of the image called `name`, whose size is looked up in its file. ValueError names file and line."""
    width, height = image_size(image_path)
    image = AnnotatedImage(name, width, height, (0.0, 0.0))
    boxes, left_out = [], []
    for index, line in enumerate(read_text(path).splitlines(), start=1):
        if not (words := line.split()):
            continue
        place = f"{path}: line {index}"
        label = _label(place, words[0], classes)
        target = target_of(label)
        box = _annotation(place, words, (width, height), target, classes) if target else None
        if box is not None:
            boxes.append(box)
        else:
            left_out.append(NO_AREA if target else label)
    return image.with_boxes(link_persons(boxes), left_out=left_out)


def _label(place: str, word: str, classes: Classes) -> str:
    """The class that a line begins with, by its number or its name."""
    key = whole(word)
    is_name = key is None and number(word) is None
    if not classes.names and not is_name:
        raise ValueError(
            f"{place} has the class {shown(word)}, but no file says what the numbers mean; write classes.txt into the "
            "folder of the labels, a name a line from class 0 on, e.g. person"
        )
    if key is not None and key in classes.names:
        return classes.names[key]
    if is_name and (not classes.names or word.lower() in map(str.lower, classes.names.values())):
        return word
    known = sorted(key for key, name in classes.names.items() if target_of(name))
    raise ValueError(
        f"{place} has the class {shown(word)}, but head and person have {known} of {len(classes.names)} classes; mend "
        "the line, or add the class to the list of classes"
    )


def _annotation(
    place: str, words: list[str], size: tuple[int, int], target: Target, classes: Classes
) -> Annotation | None:
    """None for a box without area."""
    values = [value for word in words[1:] if (value := number(word)) is not None]
    if len(values) < len(words) - 1:
        raise ValueError(
            f"{place} has the values {shown(' '.join(words))}; a class number and four shares are needed"
        )
    bbox = _bbox(place, words, values, size, classes.keypoint_shape)
    box = checked_box(place, bbox, size)
    return None if box is None else Annotation(target, box, UNKNOWN_PERSON, rotated_box=rotated_box(bbox))


def _bbox(
    place: str, words: list[str], values: list[float], size: tuple[int, int], shape: tuple[int, int] | None
) -> list[float]:
    """[left, top, width, height] in pixels, or the five numbers of a turned box."""
    if len(values) == _ROTATED and max(values[:4]) > _MOST_OF_SHARES:
        return values
    if len(values) != _SHARES and not _has_keypoints(values, shape):
        if len(values) < _FEWEST_OF_OUTLINE or len(values) % 2:
            raise ValueError(
                f"{place} has {len(words)} values, but a box has 5: class, centre x, centre y, width, height; an outline "
                "has an x and a y for each of 3 points or more, a turned box degrees after its size in pixels, and "
                "predictions with scores are no annotations"
            )
        _require_shares(place, words, values, size)
        return bounds_xywh([x * size[0] for x in values[::2]], [y * size[1] for y in values[1::2]])
    x, y, width, height = values[:_SHARES]
    _require_shares(place, words, values[:_SHARES], size)
    return [(x - width / 2) * size[0], (y - height / 2) * size[1], width * size[0], height * size[1]]


def _require_shares(place: str, words: list[str], shares: list[float], size: tuple[int, int]) -> None:
    """ValueError for what is no share of the image, but for a rounding."""
    overhangs = [max(-share, share - 1) * size[index % 2] for index, share in enumerate(shares)]
    if max(overhangs) > _OVERHANG_PX:
        raise ValueError(
            f"{place} has the values {shown(' '.join(words))}, but shares of the image are from 0 to 1; divide by its size"
        )


def _has_keypoints(values: list[float], shape: tuple[int, int] | None) -> bool:
    """Whether a box with keypoints is meant, as `shape` says, or flags after each that no outline would have.

    An outline along the image's edge may have 0 and 1 in the places of flags; its points are in no such box.
    """
    if shape is not None:
        return len(values) == _SHARES + shape[0] * shape[1]
    rest = values[_SHARES:]
    has_flags = len(rest) >= 3 and len(rest) % 3 == 0 and all(flag in _FLAGS for flag in rest[2::3])
    points = zip(rest[::3], rest[1::3], rest[2::3], strict=True) if has_flags else ()
    return has_flags and all(_is_near(values, x, y) for x, y, flag in points if flag or x or y)


def _is_near(box: list[float], x: float, y: float) -> bool:
    """Whether a point lies in a box of shares, or a quarter of its size beside it."""
    return abs(x - box[0]) <= 0.75 * box[2] and abs(y - box[1]) <= 0.75 * box[3]
