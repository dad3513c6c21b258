"""Which label map is of which image, by their paths without what only names a kind, or by a name that is there once."""

import re
from collections import Counter
from collections.abc import Mapping

from blender_assets.both_sides.text_reading import shown
from tasks.datasets.layouts.dataset_files import folded

# Folders that say what lies in them and not which part: leftImg8bit/train/a and gtFine/train/a belong together.
KIND_FOLDERS = frozenset({
    *("image", "images", "img", "imgs", "jpegimages", "photos", "rgb", "frames", "image_2", "image_02"),
    *("label", "labels", "mask", "masks", "annotation", "annotations", "gt", "seg", "semantic", "semantic_rgb"),
    *("segmentation", "segmentations", "segmentationclass", "labelmaps", "label_maps", "ground_truth", "groundtruth"),
    *("leftimg8bit", "gtfine", "gtcoarse", "gtcoarse_daytime_trainvaltest", "leftimg8bit_trainvaltest"),
    *("gtfine_trainvaltest", "rgb_anon", "rgbimages", "rgb_images", "gtlabels", "gt_labels", "rgblabels", "rgb_labels"),
    *("701_stillsraw_full", "labeledapproved_full", "10k", "sem_seg", "color_labels", "colormaps", "v1.2", "v2.0"),
})  # fmt: skip
_KIND_END = re.compile(r"(?<=[a-z])(annot|_labels|_masks|_images)$")  # of trainannot beside train
_Key = tuple[str, ...]


def pair_maps(images: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str]:
    """The label map of every image that has one; both by name, with what the names have in common.

    `images` and `labels` give each file's name in the folder -> its stem without what only says its kind. Paths count
    first; then stems alone, if they are there once on both sides. ValueError for two files of one key.
    """
    keys = _by_key(images, "images")
    owners = _by_key(labels, "label maps")
    pairs = {name: owners[key] for key, name in keys.items() if key in owners}
    taken = set(pairs.values())
    late = {name: stem for name, stem in labels.items() if name not in taken}
    by_stem, free = _unique(late), _unique({name: stem for name, stem in images.items() if name not in pairs})
    return pairs | {name: by_stem[stem] for stem, name in free.items() if stem in by_stem}


def _by_key(stems: Mapping[str, str], what: str) -> dict[_Key, str]:
    keys: dict[_Key, str] = {}
    for name, stem in stems.items():
        other = keys.setdefault(_key(name, stem), name)
        if other != name:
            raise ValueError(
                f"the {what} {shown(other)} and {shown(name)} would be of one pair; rename or remove one of them"
            )
    return keys


def _key(name: str, stem: str) -> _Key:
    folders = [folded(part) for part in name.split("/")[:-1]]
    parts = (_KIND_END.sub("", part) for part in folders if part not in KIND_FOLDERS)
    return (*parts, folded(stem))


def _unique(stems: Mapping[str, str]) -> dict[str, str]:
    counts = Counter(map(folded, stems.values()))
    return {folded(stem): name for name, stem in stems.items() if counts[folded(stem)] == 1}
