"""Pascal VOC: `JPEGImages/`, `Annotations/*.xml` and the list of names in `ImageSets/Main/all.txt`.

Coordinates are whole pixels that count from 1 and belong to the box, as in VOC's own files.
"""

from pathlib import Path
from xml.etree import ElementTree

from tasks.datasets.annotations import AnnotatedImage, Annotation, Target
from tasks.exporting.images import copy_image
from tasks.exporting.selection import Source

TRUNCATION_PX = 0.5
OCCLUDED_BELOW = 0.95


def write_voc_form(out: Path, sources: list[Source], targets: tuple[Target, ...]) -> None:
    """The folder keeps the name JPEGImages, whatever the format of the images."""
    (out / "Annotations").mkdir()
    (out / "ImageSets" / "Main").mkdir(parents=True)
    for source in sources:
        copy_image(source, out / "JPEGImages")
        tree = ElementTree.ElementTree(_image_element(source))
        ElementTree.indent(tree)
        tree.write(out / "Annotations" / f"{source.stem}.xml", encoding="utf-8")
    names = "".join(f"{source.stem}\n" for source in sources)
    (out / "ImageSets" / "Main" / "all.txt").write_text(names, encoding="utf-8")


def _image_element(source: Source) -> ElementTree.Element:
    image = source.image
    root = ElementTree.Element("annotation")
    _add(root, folder="JPEGImages", filename=source.name)
    _add(ElementTree.SubElement(root, "size"), width=image.width_px, height=image.height_px, depth=3)
    _add(root, segmented=0)
    for box in image.annotations:
        root.append(_object_element(image, box))
    return root


def _object_element(image: AnnotatedImage, box: Annotation) -> ElementTree.Element:
    left, top, right, bottom = box.box_xyxy
    is_cut = (
        min(left, top, image.width_px - right, image.height_px - bottom) < TRUNCATION_PX
        and box.visibility < OCCLUDED_BELOW
    )
    element = ElementTree.Element("object")
    _add(element, name=box.target, pose="Unspecified", truncated=int(is_cut), difficult=int(box.is_crowd))
    _add(element, occluded=int(box.visibility < OCCLUDED_BELOW))
    xmin, ymin = round(left) + 1, round(top) + 1
    corners = {"xmin": xmin, "ymin": ymin, "xmax": max(round(right), xmin), "ymax": max(round(bottom), ymin)}
    _add(ElementTree.SubElement(element, "bndbox"), **corners)
    return element


def _add(parent: ElementTree.Element, **texts: object) -> None:
    for name, text in texts.items():
        ElementTree.SubElement(parent, name).text = str(text)
