"""The forms that annotations of users have, and their reading once it is known which files are theirs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from blender_assets.both_sides.json_reading import read_json
from tasks.datasets.annotations import AnnotatedImage
from tasks.datasets.layouts.dataset_files import image_size
from tasks.datasets.readers.coco import coco_images
from tasks.datasets.readers.createml import createml_images
from tasks.datasets.readers.voc import read_voc_image
from tasks.datasets.readers.yolo import NO_CLASSES, read_classes, read_label_image

Form = Literal["coco", "createml", "voc", "yolo"]
_ANY_SIZE = (10**7, 10**7)
CLASSES = "classes"  # name of the file that says what a YOLO dataset's numbers mean


@dataclass(frozen=True)
class AnnotationSource:
    """Images and their annotation files, both by names that do not depend on their place.

    `listed` has for every image the name of its annotation file, and what the image is called in there ("" where the file
    is of this image alone).
    """

    form: Form
    files: Mapping[str, Path]
    listed: Mapping[str, tuple[str, str]]

    def of_images(self, names: Collection[str]) -> "AnnotationSource":
        """Without other images, and the annotation files that only these need."""
        listed = {name: self.listed[name] for name in names}
        needed = {*names, CLASSES, *(file for file, _ in listed.values())}
        files = {name: path for name, path in self.files.items() if name in needed}
        return replace(self, files=files, listed=listed)


def read_annotations(source: AnnotationSource) -> list[AnnotatedImage]:
    """The images with head and person boxes, by their names in `source`. ValueError names file, line and mend."""
    if source.form in ("coco", "createml"):
        return _read_shared_files(source)
    if source.form == "voc":
        return [
            read_voc_image(source.files[file], name, source.files[name])
            for name, (file, _) in source.listed.items()
        ]
    classes = read_classes(source.files[CLASSES]) if CLASSES in source.files else NO_CLASSES
    return [
        read_label_image(source.files[file], name, source.files[name], classes)
        for name, (file, _) in source.listed.items()
    ]


def _read_shared_files(source: AnnotationSource) -> list[AnnotatedImage]:
    """From files that annotate many images each."""
    names = {called: name for name, called in source.listed.items()}
    images = []
    for file in dict.fromkeys(file for file, _ in source.listed.values()):
        own = {foreign: source.files[name] for (other, foreign), name in names.items() if other == file}
        read = _read_shared_file(source.form, source.files[file], own)
        images += [
            replace(image, file_name=names[file, image.file_name]) for image in read if image.file_name in own
        ]
    return images


def _read_shared_file(form: Form, path: Path, images: Mapping[str, Path]) -> list[AnnotatedImage]:
    """Images named as in the file; `images`: the files of those that are wanted."""
    if form == "coco":
        # Of another split's image only its own step knows the size, where the file does not say it.
        return coco_images(
            read_json(path), path, lambda name: image_size(images[name]) if name in images else _ANY_SIZE
        )
    wanted = [record for record in read_json(path) if record["image"] in images]
    return createml_images(wanted, path, images)
