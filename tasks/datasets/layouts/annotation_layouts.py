"""Finds what a person points at: the form of its annotations, the image of each, and the splits that its layout names.

Layouts of the common tools are known by what lies in them, not by names: JSON files of all images, of a split or of one
image (COCO, CreateML), XML files (Pascal VOC), text files with a data.yaml, obj.data or classes.txt (YOLO), beside their
images or apart.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from blender_assets.both_sides.json_reading import read_json
from blender_assets.both_sides.places import is_file, is_folder
from tasks.datasets.layouts.annotation_forms import Form
from tasks.datasets.layouts.class_files import find_class_file, is_class_file
from tasks.datasets.layouts.dataset_files import files_below, images_of
from tasks.datasets.layouts.dataset_paths import require_inside
from tasks.datasets.layouts.file_pairs import KIND_FOLDERS
from tasks.datasets.layouts.paired_annotations import (
    has_labels,
    label_files,
    labelled_dataset,
    looks_labelled,
    voc_dataset,
    xml_files,
)
from tasks.datasets.layouts.shared_annotations import Dataset, json_form, refuse_other_tools, shared_dataset
from tasks.datasets.split_names import split_meant

_PACKED = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")
_DEPTH = 2  # of the folders below the named one in which JSON files are looked for
_ALLOWED = (
    "allowed are a COCO file, a folder of Pascal VOC's XML files, one of YOLO's text files with data.yaml or classes.txt in "
    "it or above it, or the unpacked folder that Roboflow, CVAT, Label Studio or Ultralytics wrote"
)


def find_dataset(place: Path, images: Path | None = None) -> Dataset:
    """The annotations at `place`, a file or a folder, with their images below `images` or where the layout has them.

    Images are named relative to `images`, or to the dataset's folder. ValueError says what was found and what to write.
    """
    if images is not None and not is_folder(images):
        raise ValueError(
            f"real_images.images is {str(images)!r}, but there is no such folder; name the folder of the images"
        )
    return _in_folder(place, images) if is_folder(place) else _of_file(place, images)


def _of_file(place: Path, images: Path | None) -> Dataset:
    suffix, folder = place.suffix.lower(), place.parent
    if not is_file(place):
        raise ValueError(
            f"there is no annotation file {place}; set `real_images.annotations` to a COCO JSON file, or to the folder of "
            "the annotations"
        )
    if suffix in _PACKED:
        raise ValueError(
            f"real_images.annotations names {place}, which is packed; unpack it and name its folder"
        )
    if suffix == ".xml":
        raise ValueError(
            f"real_images.annotations names {place}, but Pascal VOC has such a file for every image; name their folder: "
            f"{folder}"
        )
    if is_class_file(place):
        return labelled_dataset(folder, place, images or _images_root(folder))
    if suffix == ".txt":
        return _in_folder(folder, images)
    if suffix != ".json":
        raise ValueError(
            f"real_images.annotations names {place}, which is of no kind that is read; {_ALLOWED}"
        )
    return shared_dataset([place], folder.parent if folder.name.lower() in KIND_FOLDERS else folder, images)


def _in_folder(place: Path, images: Path | None) -> Dataset:
    files = files_below(place)
    texts, classes = label_files(files), find_class_file(place, files)
    shared, broken = _shared_files(place, files)
    root = images or _images_root(place)
    found: dict[str, Callable[[], Dataset]] = {
        f"{form} in {paths[0].relative_to(place)}": lambda paths=paths: shared_dataset(paths, place, images)
        for form, paths in shared.items()
    }
    if xmls := xml_files(files):
        found[f"XML files such as {next(iter(xmls))}"] = lambda: voc_dataset(place, root)
    if classes is not None and (has_labels(texts) or not found):
        found[f"text files with {classes.name}"] = lambda: labelled_dataset(place, classes, root)
    if not found and looks_labelled(texts):
        found["text files"] = lambda: labelled_dataset(place, None, root)
    if len(found) > 1:
        raise ValueError(
            f"{place} holds annotations of several kinds: {'; '.join(found)}; name the file or folder of those that are "
            "meant as real_images.annotations, or move the others away"
        )
    if found:
        return next(iter(found.values()))()
    if broken:
        raise broken[0]
    raise ValueError(
        f"real_images.annotations names the folder {place}, which holds no annotations: {_ALLOWED}"
    )


def _images_root(place: Path) -> Path:
    """Where the images of annotations at `place` are: there, or above a folder that is named for one kind or split."""
    root = place
    while not images_of(files_below(root)) and (root.name.lower() in KIND_FOLDERS or split_meant(root.name)):
        root = root.parent
    return root


def _shared_files(place: Path, files: Mapping[str, Path]) -> tuple[dict[Form, list[Path]], list[ValueError]]:
    """The JSON files that annotate images, by their form, and what is wrong with those that cannot be read."""
    found: dict[Form, dict[str, Path]] = {}
    broken = []
    for name, path in files.items():
        if path.suffix.lower() == ".json" and name.count("/") <= _DEPTH:
            require_inside(place, [path])
            try:
                content = read_json(path)
                if (form := json_form(content)) is None:
                    refuse_other_tools(content, path)
            except ValueError as error:
                broken.append(error)
                continue
            if form is not None:
                found.setdefault(form, {})[name] = path
    return {form: list(_of_boxes(own).values()) for form, own in found.items()}, broken


def _of_boxes(files: Mapping[str, Path]) -> Mapping[str, Path]:
    """COCO's own folder of annotations holds boxes (instances), keypoints and captions of the same images."""
    return {name: path for name, path in files.items() if "instances" in path.name} or files
