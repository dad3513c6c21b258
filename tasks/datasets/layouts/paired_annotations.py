"""Datasets with an annotation file for every image: Pascal VOC's XML, and the text files of YOLO and its like."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from blender_assets.both_sides.text_reading import read_text, shown
from tasks.datasets.layouts.annotation_forms import CLASSES, AnnotationSource, Form, read_annotations
from tasks.datasets.layouts.class_files import has_splits, names_file
from tasks.datasets.layouts.dataset_files import FileIndex, files_below, images_of, stem
from tasks.datasets.layouts.dataset_paths import require_inside
from tasks.datasets.layouts.file_pairs import is_elsewhere, pair_files
from tasks.datasets.layouts.listed_splits import ListedSplits, read_listed_splits
from tasks.datasets.layouts.shared_annotations import Dataset
from tasks.datasets.split_names import SplitName, split_meant
from tasks.images.files import IMAGE_SUFFIXES

# text files that lie beside labels
_NO_LABELS = re.compile(
    r"(readme.*|licen[cs]e.*|notes?|(predefined_)?classes|labels|train|val|valid|test|trainval|default)\.txt"
)
_LABEL_LINE = re.compile(r"\S+(\s+[-+.\deE]+){4,}")
_ENDINGS = tuple(IMAGE_SUFFIXES)
_EMPTY = {"voc": "one with nothing but <annotation/>", "yolo": "an empty one"}


@dataclass(frozen=True)
class _Parts:
    """Annotation files by their paths in `folder`, and images by theirs in `root`, which may be the same."""

    form: Form
    folder: Path
    annotations: Mapping[str, Path]
    root: Path
    images: Mapping[str, Path]
    listed: ListedSplits
    classes: Path | None = None


def xml_files(files: Mapping[str, Path]) -> dict[str, Path]:
    return {name: path for name, path in files.items() if path.suffix.lower() == ".xml"}


def label_files(files: Mapping[str, Path]) -> dict[str, Path]:
    """The text files that may be labels: those in folders called so where there are any."""
    folders = {name: name.lower().split("/")[:-1] for name in files if name.lower().endswith(".txt")}
    texts = {name: files[name] for name in folders if "imagesets" not in folders[name]}
    apart = {name: path for name, path in texts.items() if "labels" in folders[name]}
    return apart or texts


def has_labels(texts: Mapping[str, Path]) -> bool:
    """Whether some text file is none of those that only lie beside labels."""
    return not all(map(_is_aside, texts))


def looks_labelled(texts: Mapping[str, Path]) -> bool:
    """Whether some text file begins as labels do."""
    return any(_LABEL_LINE.fullmatch(_first_line(path)) for path in texts.values())


def _is_aside(name: str) -> bool:
    return bool(_NO_LABELS.fullmatch(PurePosixPath(name).name.lower()))


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline(1000).lstrip("\ufeff").strip()


def voc_dataset(folder: Path, root: Path) -> Dataset:
    """The XML files below `folder`, of the images below `root`; VOC's lists of each split count."""
    files, images = files_below(folder), images_of(files_below(root))
    return _dataset(_Parts("voc", folder, xml_files(files), root, images, _image_sets(files, images)))


def labelled_dataset(folder: Path, classes: Path | None, root: Path) -> Dataset:
    """The labels below `folder`, of the images below `root`; `classes` says what the numbers mean."""
    texts, images = label_files(files_below(folder)), images_of(files_below(root))
    if not has_labels(texts):
        raise ValueError(
            f"{classes} names the classes of a YOLO dataset, but {folder} holds no text files; put the labels there"
        )
    listed = ListedSplits({})
    if classes is not None and has_splits(classes):
        listed = read_listed_splits(classes, files_below(classes.parent), images)
    names = None if classes is None else names_file(classes)
    texts = {name: path for name, path in texts.items() if path not in {classes, names, *listed.lists}}
    return _dataset(_Parts("yolo", folder, texts, root, images, listed, names))


def _dataset(parts: _Parts) -> Dataset:
    require_inside(parts.folder, parts.annotations.values())
    wanted = {name for name in parts.images if name in parts.listed.splits or not parts.listed.splits}
    pairs = pair_files(parts.annotations, parts.images)
    _require_images(parts, set(pairs.values()))
    pairs = {name: path for name, path in sorted(pairs.items()) if name in wanted}
    notes = [*parts.listed.notes, *_require_annotations(parts, wanted, set(pairs)), *_elsewhere(parts, pairs)]
    if unlisted := sorted(set(parts.images) - wanted):
        notes.append(
            f"{parts.root}: {len(unlisted)} images are in no listed split and are left out, e.g. {unlisted[0]}"
        )
    require_inside(parts.root, [parts.images[name] for name in pairs])
    files = {_annotation_name(name, path): path for name, path in pairs.items()}
    files |= {name: parts.images[name] for name in pairs} | (
        {CLASSES: parts.classes} if parts.classes else {}
    )
    listed = {name: (_annotation_name(name, path), "") for name, path in pairs.items()}
    source = AnnotationSource(parts.form, files, listed)
    return Dataset(source, read_annotations(source), _splits(parts.listed, pairs), tuple(notes))


def _elsewhere(parts: _Parts, pairs: Mapping[str, Path]) -> list[str]:
    """A note of images that have their annotations by their file name alone, from a folder of another name."""
    names = {path: name for name, path in parts.annotations.items()}
    moved = [(image, names[path]) for image, path in pairs.items() if is_elsewhere(names[path], image)]
    if not moved:
        return []
    image, name = moved[0]
    return [
        f"{len(moved)} of {len(pairs)} images have their annotations by their file name alone, e.g. {shown(image)} those of "
        f"{shown(name)}"
    ]


def _annotation_name(image: str, path: Path) -> str:
    """What an image's annotation file is called in keys, wherever it lies."""
    return f"{image}{path.suffix.lower()}"


def _splits(listed: ListedSplits, names: Iterable[str]) -> dict[str, SplitName]:
    """Of the images that are in one split alone, as it is listed, or as the first folder says that is called like one."""
    found: dict[str, SplitName] = {}
    for name in names:
        own = listed.splits[name] if listed.splits else _split_of_folders(name)
        if len(own) == 1:
            found[name] = next(iter(own))
    return found


def _split_of_folders(name: str) -> frozenset[SplitName]:
    splits: list[SplitName] = [split for word in name.split("/")[:-1] if (split := split_meant(word))]
    return frozenset(splits[:1])


def _require_images(parts: _Parts, paired: set[Path]) -> None:
    """ValueError for annotations without an image."""
    lonely = [path for name, path in parts.annotations.items() if path not in paired and not _is_aside(name)]
    if lonely:
        raise ValueError(
            f"{lonely[0]} is of no image in {parts.root} ({len(lonely)} such files of {len(parts.annotations)}); add the "
            "image, remove the file, or set real_images.images to the folder of the images"
        )


def _require_annotations(parts: _Parts, wanted: set[str], annotated: set[str]) -> list[str]:
    """A note of images in folders of which none is annotated; ValueError for others without annotations."""
    folders = {PurePosixPath(name).parent for name in annotated}
    bare = sorted(wanted - annotated)
    missing = [name for name in bare if PurePosixPath(name).parent in folders]
    if missing or (bare and not annotated):
        first = (missing or bare)[0]
        raise ValueError(
            f"the image {shown(first)} has no annotation file ({len(missing or bare)} such images); add one, "
            f"{_EMPTY[parts.form]} where nobody is seen, or remove the image"
        )
    apart = f"{parts.root}: {len(bare)} images in folders without annotations are left out, e.g. {bare[0] if bare else ''}"
    return [apart] if bare else []


def _image_sets(files: Mapping[str, Path], images: Mapping[str, Path]) -> ListedSplits:
    """VOC's lists of each split, `ImageSets/Main/train.txt` and so on: a path without its ending a line.

    ValueError for a line that may mean several images; those of images that are not there are counted in a note.
    """
    names = {stem(name): name for name in images}
    index = FileIndex({name: images[image] for name, image in names.items()})
    splits: dict[str, set[SplitName]] = {}
    unknown: list[str] = []
    for name, path in files.items():
        split = split_meant(PurePosixPath(name).stem)
        if split and name.lower().endswith(".txt") and "imagesets/main" in name.lower():
            for line in filter(str.strip, read_text(path).splitlines()):
                found = _find_listed(line.strip(), index)
                if len(found) > 1:
                    raise ValueError(
                        f"{path} names {shown(line.strip())}, which may be {shown(names[found[0]])} or "
                        f"{shown(names[found[1]])}; write its path, {shown(found[0])}"
                    )
                if found:
                    splits.setdefault(names[found[0]], set()).add(split)
                else:
                    unknown.append(f"{shown(line.strip())} of {path}")
    notes = (f"{len(unknown)} listed images are not there, e.g. {unknown[0]}",) if unknown else ()
    return ListedSplits({name: frozenset(own) for name, own in splits.items()}, notes)


def _find_listed(line: str, index: FileIndex) -> list[str]:
    """The images, without endings, that a line of a list may mean; some lists have more words after a name."""
    tries = (stem(text) if text.lower().endswith(_ENDINGS) else text for text in (line, line.split()[0]))
    return next(filter(None, map(index.find, tries)), [])
