"""Which annotation file is of which image, where every image has one of its own: VOC, YOLO and the like."""

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

from blender_assets.both_sides.text_reading import shown
from tasks.datasets.layouts.dataset_files import folded, stem, without_upload_hash

# Folders that say what lies in them, not which part of the dataset: train/images/a.jpg is of train/labels/a.txt, and
# images/train/a.jpg of labels/train/a.txt.
KIND_FOLDERS = frozenset(
    {
        *("image", "images", "img", "imgs", "jpegimages", "photos"),
        *("label", "labels", "annotation", "annotations", "xml", "xmls", "txt"),
    }
)
_Key = tuple[str, ...]


def pair_files(annotations: Mapping[str, Path], images: Collection[str]) -> dict[str, Path]:
    """The annotation file of every image that has one, by the image's name.

    Paths count without their endings and without folders that only name a kind; where these do not meet, a file's own
    name does, if it is there once, also without what Label Studio puts before it, but not in another folder than the
    images of the files beside it. ValueError for two images of one file.
    """
    keys = _image_keys(images)
    by_last = _unique_last(images)
    pairs: dict[str, Path] = {}
    late: dict[str, Path] = {}
    folders: set[_Key] = set()  # whose files are beside their images, by their paths
    for name, path in annotations.items():
        if (image := keys.get(_key(name))) is not None:
            pairs[image] = path
            folders.add(_key(name)[:-1])
        else:
            late[name] = path
    counts = Counter(_last(name) for name in late)
    for name, path in late.items():
        last = _last(name)
        image = by_last.get(last) or by_last.get(without_upload_hash(last))
        if image is None or image in pairs or counts[last] > 1:
            continue
        if _key(name)[:-1] not in folders or not is_elsewhere(name, image):
            pairs[image] = path
    return pairs


def is_elsewhere(annotation: str, image: str) -> bool:
    """Whether the folders of both name different things: day1/a.txt and day2/a.jpg, but not a.txt and day2/a.jpg."""
    ours, theirs = set(_key(annotation)[:-1]), set(_key(image)[:-1])
    return not (ours <= theirs or theirs <= ours)


def _image_keys(images: Collection[str]) -> dict[_Key, str]:
    keys: dict[_Key, str] = {}
    for name in sorted(images):
        other = keys.setdefault(_key(name), name)
        if other != name:
            raise ValueError(
                f"the images {shown(other)} and {shown(name)} share one annotation file; rename one of them, or set "
                "real_images.images to the folder of those that are meant"
            )
    return keys


def _unique_last(images: Collection[str]) -> dict[str, str]:
    counts = Counter(map(_last, images))
    return {_last(name): name for name in images if counts[_last(name)] == 1}


def _key(name: str) -> _Key:
    *folders, last = stem(name).split("/")
    return (*(folded(part) for part in folders if folded(part) not in KIND_FOLDERS), folded(last))


def _last(name: str) -> str:
    return folded(PurePosixPath(name).stem)
