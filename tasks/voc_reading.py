"""Reads Pascal VOC's XML files: one an image; whole pixels that count from 1 and belong to the box."""

from pathlib import Path
from xml.etree import ElementTree

from tasks.annotations import AnnotatedImage, Annotation
from tasks.coco_reading import TARGET_NAMES, UNKNOWN_PERSON, checked_box, link_persons


def read_voc_image(path: Path, name: str) -> AnnotatedImage:
    """The boxes of the image called `name`; difficult objects are neither required nor counted wrong (as crowds).

    ValueError names the file, the object and the mend.
    """
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise ValueError(f"{path} is not valid XML ({error}); export it again") from None
    size = {field: int(_number(path, root, f"size/{field}")) for field in ("width", "height")}
    boxes = [
        _annotation(f"{path}: object {number}", element, size)
        for number, element in enumerate(root.iter("object"), start=1)
    ]
    return AnnotatedImage(name, size["width"], size["height"], (0.0, 0.0), link_persons(boxes))


def _annotation(place: str, element: ElementTree.Element, size: dict[str, int]) -> Annotation:
    label = (element.findtext("name") or "").strip()
    if label.lower() not in TARGET_NAMES:
        raise ValueError(f"{place} is called {label!r}, but head or person is needed; rename or remove it")
    left, top, right, bottom = (
        _number(place, element, f"bndbox/{corner}") for corner in ("xmin", "ymin", "xmax", "ymax")
    )
    xywh = [left - 1, top - 1, right - left + 1, bottom - top + 1]
    return Annotation(
        target=TARGET_NAMES[label.lower()],
        box_xyxy=checked_box(place, xywh, size),
        person_id=UNKNOWN_PERSON,
        is_crowd=(element.findtext("difficult") or "0").strip() == "1",
    )


def _number(place: object, element: ElementTree.Element, field: str) -> float:
    text = element.findtext(field)
    try:
        return float(text or "")
    except ValueError:
        raise ValueError(f"{place} has the {field} {text!r}, but a number is needed; mend it") from None
