"""Datasets whose annotations stand in one JSON file or several, each of one image or more: COCO, CreateML."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from blender_assets.both_sides.json_reading import read_json
from blender_assets.both_sides.text_reading import shown
from tasks.datasets.annotations import AnnotatedImage
from tasks.datasets.layouts.annotation_forms import AnnotationSource, Form
from tasks.datasets.layouts.dataset_files import (
    FileIndex,
    files_below,
    image_size,
    leaves_folder,
    path_parts,
    stem,
)
from tasks.datasets.layouts.dataset_paths import require_inside
from tasks.datasets.readers.coco import coco_images
from tasks.datasets.readers.createml import createml_images, createml_names, is_createml
from tasks.datasets.split_names import SplitName, split_in

_ONE_FILE = "annotations.json"  # what a single file is called in keys, wherever it lies
# by a field that each of them has
_OTHER_JSON = {
    "shapes": "labelme's own JSON; export it as COCO",
    "_via_img_metadata": "a project of the VGG Image Annotator; export it as COCO",
    "regions": "the VGG Image Annotator's own JSON; export it as COCO",
    "data": "Label Studio's own JSON; export the project as COCO or YOLO",
    "annotation_id": "Label Studio's own JSON; export the project as COCO or YOLO",
    "classTitle": "Supervisely's own JSON; export it as COCO",
    "objects": "Supervisely's own JSON; export it as COCO",
}


@dataclass(frozen=True)
class Dataset:
    """What was found: annotated images, where they can be read again, and what the layout says of splits.

    `splits` holds the images that the layout puts into one; `notes` say what was found and is not used.
    """

    source: AnnotationSource
    images: list[AnnotatedImage]
    splits: Mapping[str, SplitName]
    notes: tuple[str, ...] = ()


class _Images(NamedTuple):
    """The folder in which images are looked for, and what lies there."""

    folder: Path
    index: FileIndex


def json_form(content: Any) -> Form | None:
    """The form of a JSON file; None for one that annotates no images in a form that is read."""
    if is_createml(content):
        return "createml"
    is_coco = isinstance(content, dict) and {"images", "annotations"} <= set(content)
    return "coco" if is_coco else None


def shared_dataset(paths: Sequence[Path], root: Path, images: Path | None) -> Dataset:
    """From one file or several of the same form, e.g. one for each split or image.

    Images are looked for below `images`, or else `root`.

    ValueError where an image is not there, or several files may be meant.
    """
    found = _Images(images or root, FileIndex(files_below(images or root)))
    files: dict[str, Path] = {}
    listed: dict[str, tuple[str, str]] = {}
    splits: dict[str, SplitName] = {}
    read: list[AnnotatedImage] = []
    form: Form = "coco"
    for path in paths:
        inside = path.relative_to(root).as_posix()
        file = _ONE_FILE if len(paths) == 1 else inside
        form, own = _read(path, found, near=_near(inside) if images is None else [])
        if twice := next((name for name in own if name in listed), None):
            raise ValueError(
                f"{path} and {files[listed[twice][0]]} both annotate the image {shown(twice)}; name one of these files as "
                "real_images.annotations, or remove the image from one"
            )
        files |= {file: path} | {name: found.index.files[name] for name in own}
        listed |= {name: (file, image.file_name) for name, image in own.items()}
        read += [replace(image, file_name=name) for name, image in own.items()]
        if split := split_in(inside):
            splits |= dict.fromkeys(own, split)
    require_inside(found.folder, [files[name] for name in listed])
    notes = _notes({name: foreign for name, (_, foreign) in listed.items()})
    return Dataset(AnnotationSource(form, files, listed), read, splits, notes)


def _read(path: Path, found: _Images, *, near: list[str]) -> tuple[Form, dict[str, AnnotatedImage]]:
    """The file's form and its images, named as in the file, by the names of theirs that were found."""
    content = read_json(path)
    if is_createml(content):
        places = {foreign: _find(foreign, path, found, near) for foreign in createml_names(content, path)}
        own = {foreign: found.index.files[name] for foreign, name in places.items()}
        images = createml_images(content, path, own)
    else:
        refuse_other_tools(content, path)
        images = coco_images(
            content, path, lambda foreign: image_size(found.index.files[_find(foreign, path, found, near)])
        )
        places = {image.file_name: _find(image.file_name, path, found, near) for image in images}
    by_name: dict[str, AnnotatedImage] = {}
    for image in images:
        name = places[image.file_name]
        other = by_name.setdefault(name, image)
        if other is not image:
            raise ValueError(
                f"{path} lists the images {shown(other.file_name)} and {shown(image.file_name)}, but {found.folder} holds "
                f"only {shown(name)} for both; put the images there under these paths, or rename them"
            )
    return "createml" if is_createml(content) else "coco", by_name


def _find(foreign: str, path: Path, found: _Images, near: list[str]) -> str:
    names = found.index.find(foreign, near=near)
    if len(names) == 1 and not _has_another_folder(names[0], foreign, found.index):
        return names[0]
    if len(names) > 1:
        raise ValueError(
            f"{path} lists the image {shown(foreign)}, which may be {shown(names[0])} or {shown(names[1])} in "
            f"{found.folder}; set real_images.images to the folder that its names are relative to"
        )
    why = ", and the name leaves its folder" if leaves_folder(foreign) else ""
    raise ValueError(
        f"there is no image {shown(foreign)[1:-1]} in {found.folder}, which {path} lists{why}; check the file name, or set "
        "real_images.images to the folder of the images"
    )


def _has_another_folder(name: str, foreign: str, index: FileIndex) -> bool:
    """Whether an image was found by its last name alone, though the folder that the file says is there."""
    return _is_elsewhere(name, foreign) and index.has_folder(path_parts(foreign)[:-1])


def _near(inside: str) -> list[str]:
    """Folders in which the images of a file may lie, by its path below the root."""
    *folders, name = inside.split("/")
    own = "/".join(folders)
    subset = re.split(r"[_.-]", stem(name))[-1]  # train2017 of instances_train2017.json
    beside = f"{own}/images" if own else "images"
    return [f"images/{subset}", subset, own, beside, "images"]


def refuse_other_tools(content: Any, path: Path) -> None:
    """ValueError for the JSON of another tool, with the name of what to export."""
    records = (
        content if isinstance(content, list) else list(content.values()) if isinstance(content, dict) else []
    )
    for fields in (content, *records[:1]):
        if isinstance(fields, dict) and "images" not in fields:
            for field, words in _OTHER_JSON.items():
                if field in fields:
                    raise ValueError(f"{path} is {words}")


def _notes(foreign: Mapping[str, str]) -> tuple[str, ...]:
    """Of images that were found by their last name alone, in another folder than the annotations say."""
    moved = [(name, other) for name, other in foreign.items() if _is_elsewhere(name, other)]
    if not moved:
        return ()
    name, other = moved[0]
    return (
        f"{len(moved)} of {len(foreign)} images were found by their file name alone, e.g. {shown(other)} as {shown(name)}",
    )


def _is_elsewhere(name: str, foreign: str) -> bool:
    *ours, _ = name.split("/")
    *theirs, _ = foreign.replace("\\", "/").split("/")
    common = min(len(ours), len(theirs))
    return common > 0 and ours[-1:] != theirs[-1:]
