"""Reads Pascal VOC's XML files: one an image; whole pixels that count from 1 and belong to the box."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from blender_assets.both_sides.text_reading import shown
from tasks.datasets.annotations import AnnotatedImage, Annotation, Target
from tasks.datasets.layouts.dataset_files import image_size
from tasks.datasets.readers.foreign_boxes import NO_AREA, checked_box, target_of
from tasks.datasets.readers.foreign_values import answer, number, whole
from tasks.datasets.readers.person_links import UNKNOWN_PERSON, link_persons


def read_voc_image(path: Path, name: str, image_path: Path) -> AnnotatedImage:
    """The boxes of the image called `name`; difficult objects are neither required nor counted wrong (as crowds).

    Where the file says no size, or 0 x 0, that of `image_path` counts. ValueError names the file, the object and the mend.
    """
    root = _root(path)
    size = _size(path, root) or image_size(image_path)
    image = AnnotatedImage(name, *size, (0.0, 0.0))
    boxes, left_out = [], []
    for place, element in _objects(path, root):
        label = (element.findtext("name") or "").strip()
        target = target_of(label)
        box = _annotation(place, element, size, target) if target else None
        if box is not None:
            boxes.append(box)
        else:
            left_out.append(NO_AREA if target else label)
    return image.with_boxes(link_persons(boxes), left_out=left_out)


def _objects(path: Path, root: ElementTree.Element) -> Iterator[tuple[str, ElementTree.Element]]:
    """The objects and their parts, as VOC's layouts of persons have heads, hands and feet."""
    for index, element in enumerate(root.iter("object"), start=1):
        yield f"{path}: object {index}", element
        for own, part in enumerate(element.findall("part"), start=1):
            yield f"{path}: object {index}, part {own}", part


def _root(path: Path) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except ElementTree.ParseError as error:
        raise ValueError(f"{path} is not valid XML ({error}); export it again") from None
    except (ValueError, LookupError) as error:  # of an encoding that Python does not know
        raise ValueError(f"{path} cannot be read ({error}); save it in UTF-8") from None
    if root.tag == "annotations" and root.find("image") is not None:
        raise ValueError(
            f"{path} is CVAT's own XML of all images; export the task as COCO 1.0 or PASCAL VOC 1.1"
        )
    if root.tag != "annotation":
        raise ValueError(
            f"{path} is no file of Pascal VOC (it begins with <{shown(root.tag)[1:-1]}>, not <annotation>); export it as "
            "PASCAL VOC"
        )
    return root


def _size(path: Path, root: ElementTree.Element) -> tuple[int, int] | None:
    """(width, height); None where they are not said."""
    texts = [root.findtext(f"size/{side}") for side in ("width", "height")]
    sides = [whole(text or "0") for text in texts]
    for side, text, value in zip(("width", "height"), texts, sides, strict=True):
        if value is None or value < 0:
            raise ValueError(
                f"{path} has the size/{side} {shown(text)}, but a number of pixels is needed; mend it"
            )
    return (sides[0], sides[1]) if sides[0] and sides[1] else None


def _annotation(
    place: str, element: ElementTree.Element, size: tuple[int, int], target: Target
) -> Annotation | None:
    """None for a box without area."""
    left, top, right, bottom = (
        _number(place, element, f"bndbox/{corner}") for corner in ("xmin", "ymin", "xmax", "ymax")
    )
    is_difficult = answer(element.findtext("difficult") or "0")
    if is_difficult is None:
        raise ValueError(
            f"{place} has the difficult {shown(element.findtext('difficult'))}; allowed are 0 and 1"
        )
    box = checked_box(place, [left - 1, top - 1, right - left + 1, bottom - top + 1], size)
    if box is None:
        return None
    return Annotation(target, box, UNKNOWN_PERSON, is_crowd=is_difficult)


def _number(place: str, element: ElementTree.Element, field: str) -> float:
    value = number(element.findtext(field))
    if value is None:
        raise ValueError(
            f"{place} has the {field} {shown(element.findtext(field))}, but a number is needed; mend it"
        )
    return value
