"""Which form annotations of users have, COCO, Pascal VOC or YOLO, and their reading: one line for every mistake."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tasks.annotations import AnnotatedImage
from tasks.coco_reading import read_user_coco
from tasks.dataset_paths import require_inside
from tasks.voc_reading import read_voc_image
from tasks.yolo_reading import read_class_targets, read_yolo_image

Form = Literal["coco", "voc", "yolo"]
_COCO_FILE, _CLASSES = "annotations.json", "classes"
_CLASS_FILES = ("data.yaml", "data.yml", "classes.txt")
_IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")


@dataclass(frozen=True)
class AnnotationSource:
    """Annotation files by names that do not depend on their place; of VOC and YOLO a file an image, named as it is."""

    form: Form
    files: Mapping[str, Path]

    def of_images(self, names: Collection[str]) -> "AnnotationSource":
        """Without the files of other images; a COCO file is of all."""
        stems = {_stem(name) for name in names} | {_COCO_FILE, _CLASSES}
        return replace(self, files={name: path for name, path in self.files.items() if name in stems})


def find_annotations(place: Path) -> AnnotationSource:
    """By what lies there: a JSON file, a folder of XML files, or of text files with their classes beside or above it.

    A YOLO dataset may also be named by its data.yaml, or by the folder that holds this and `labels`. ValueError where it
    is none of these.
    """
    if place.suffix.lower() in (".yaml", ".yml"):
        return _yolo_source(place.parent / "labels", place)
    if not place.is_dir():
        return AnnotationSource("coco", {_COCO_FILE: place})
    if xml_files := _by_stem(place, (".xml",)):
        return AnnotationSource("voc", xml_files)
    folder = place / "labels" if (place / "labels").is_dir() else place
    for parent in (folder, folder.parent):
        for name in _CLASS_FILES:
            if (parent / name).is_file():
                return _yolo_source(folder, parent / name)
    raise ValueError(
        f"real_images.annotations names the folder {place}, which holds no annotations: allowed are a COCO file, a folder "
        "of Pascal VOC's XML files, or one of YOLO's text files with data.yaml or classes.txt in it or above it"
    )


def read_annotations(
    source: AnnotationSource, image_paths: Mapping[str, Path] | Path
) -> list[AnnotatedImage]:
    """Images with head and person boxes, named relative to their folder.

    `image_paths` is that folder, or the images' files by name. ValueError names file, line and mend.
    """
    if source.form == "coco":
        return read_user_coco(source.files[_COCO_FILE])
    paths = _by_suffixed_name(image_paths) if isinstance(image_paths, Path) else dict(image_paths)
    read_one = _reader(source)
    names = _pair(source, paths)
    return [read_one(source.files[stem], name, paths[name]) for stem, name in names.items()]


def _reader(source: AnnotationSource) -> Callable[[Path, str, Path], AnnotatedImage]:
    """(annotation file, the image's name and its file) -> annotated image."""
    if source.form == "voc":
        return lambda path, name, _: read_voc_image(path, name)
    targets = read_class_targets(source.files[_CLASSES])
    return lambda path, name, image_path: read_yolo_image(path, name, image_path, targets)


def _yolo_source(folder: Path, classes: Path) -> AnnotationSource:
    files = {name: path for name, path in _by_stem(folder, (".txt",)).items() if path != classes}
    if not files:
        raise ValueError(
            f"{classes} names the classes of a YOLO dataset, but {folder} holds no text files; put the labels there"
        )
    return AnnotationSource("yolo", {**files, _CLASSES: classes})


def _pair(source: AnnotationSource, image_paths: Mapping[str, Path]) -> dict[str, str]:
    """Names of images by the stems of their annotation files; ValueError where one is without the other."""
    images: dict[str, str] = {}
    for name in sorted(image_paths):
        other = images.setdefault(_stem(name), name)
        if other != name:
            raise ValueError(
                f"the images {other!r} and {name!r} share one annotation file; rename one of them"
            )
    annotated = {name for name in source.files if name != _CLASSES}
    if lonely := sorted(annotated - set(images)):
        raise ValueError(
            f"{source.files[lonely[0]]} is of no image in real_images.images ({len(lonely)} such files); "
            "add the image or remove the file"
        )
    if bare := sorted(set(images) - annotated):
        raise ValueError(
            f"the image {images[bare[0]]!r} has no annotation file ({len(bare)} such images); add one, an empty one "
            "where nobody is seen, or remove the image"
        )
    return images


def _by_stem(folder: Path, suffixes: tuple[str, ...]) -> dict[str, Path]:
    """Files below a folder by their path in it, without ending."""
    return {_stem(name): path for name, path in _below(folder, suffixes).items()}


def _by_suffixed_name(folder: Path) -> dict[str, Path]:
    return _below(folder, _IMAGE_SUFFIXES)


def _below(folder: Path, suffixes: tuple[str, ...]) -> dict[str, Path]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in suffixes)
    found = {path.relative_to(folder).as_posix(): path for path in paths}
    require_inside(folder, found)
    return found


def _stem(name: str) -> str:
    return Path(name).with_suffix("").as_posix()
