"""The layouts of published data sets: how their files are called, of which table they are, and what their names say."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tasks.label_maps import sequences
from tasks.label_maps.annotated import Encoding
from tasks.label_maps.sequences import Origin

_IMAGE = r"(?:png|jpg|jpeg)"
_MAP = r"(?:png|bmp|tif|tiff|gif)"


@dataclass(frozen=True)
class NamedLayout:
    """Patterns of whole names in the folder, without case; their group `stem` is what an image and its map share.

    `labels`: by encoding, the one that is read first. `is_plain`: the names alone do not tell the layout, so that maps
    have to be there too. `table` is None where the folder brings its own.
    """

    name: str
    title: str
    table: str | None
    image: str
    labels: Mapping[Encoding, str]
    origin: Callable[[str, str], Origin]
    is_plain: bool = False
    has_green_strips: bool = False

    def image_stem(self, name: str) -> str | None:
        return _stem(self.image, name)

    def label_stem(self, encoding: Encoding, name: str) -> str | None:
        return _stem(self.labels[encoding], name) if encoding in self.labels else None


def _stem(pattern: str, name: str) -> str | None:
    match = re.fullmatch(pattern, name, re.IGNORECASE)
    return match["stem"] if match else None


def _maps(start: str, ids: str, train_ids: str, colors: str) -> dict[Encoding, str]:
    """The three encodings that Cityscapes' tools write beside one another."""
    ends: dict[Encoding, str] = {"ids": ids, "train_ids": train_ids, "colors": colors}
    return {encoding: rf"{start}(?P<stem>[^/]+){end}\.{_MAP}" for encoding, end in ends.items()}


_ANY = r"(?:.*/)?"
_SPLIT = r"(?:train|val|test)"
# The first that fits counts: what is told by more comes before what is told by less.
NAMED_LAYOUTS: tuple[NamedLayout, ...] = (
    NamedLayout(
        "nighttime_driving", "Nighttime Driving", "cityscapes",
        rf"{_ANY}night/(?P<stem>[^/]+)_leftImg8bit\.{_IMAGE}",
        _maps(rf"{_ANY}night/", "_gtCoarse_labelIds", "_gtCoarse_labelTrainIds", "_gtCoarse_color"),
        sequences.of_nothing,
    ),
    NamedLayout(
        "cityscapes", "Cityscapes", "cityscapes",
        rf"{_ANY}(?P<stem>[^/]+)_leftImg8bit\.{_IMAGE}",
        _maps(_ANY, "_gt(?:Fine|Coarse)_labelIds", "_gt(?:Fine|Coarse)_labelTrainIds", "_gt(?:Fine|Coarse)_color"),
        sequences.of_cityscapes,
    ),
    NamedLayout(
        "acdc", "ACDC", "cityscapes",
        rf"{_ANY}(?:fog|night|rain|snow)/{_SPLIT}/(?:[^/]+/)?(?P<stem>[^/]+)_rgb_anon\.{_IMAGE}",
        _maps(rf"{_ANY}(?:fog|night|rain|snow)/{_SPLIT}/(?:[^/]+/)?", "_gt_labelIds", "_gt_labelTrainIds", "_gt_labelColor"),
        sequences.of_gopro,
    ),
    NamedLayout(
        "dark_zurich", "Dark Zurich", "cityscapes",
        rf"(?!.*_ref/){_ANY}(?P<stem>[^/]+)_rgb_anon\.{_IMAGE}",
        _maps(_ANY, "_gt_labelIds", "_gt_labelTrainIds", "_gt_labelColor"),
        sequences.of_gopro,
    ),
    NamedLayout(
        "woodscape_soiling", "WoodScape soiling", "woodscape_soiling",
        rf"{_ANY}rgb_?images/(?P<stem>[^/]+)\.{_IMAGE}",
        {
            "ids": rf"{_ANY}gt_?labels/(?P<stem>[^/]+)\.{_MAP}",
            "colors": rf"{_ANY}rgb_?labels/(?P<stem>[^/]+)\.{_MAP}",
        },
        sequences.of_woodscape, is_plain=True, has_green_strips=True,
    ),
    NamedLayout(
        "kitti", "KITTI semantics", "cityscapes",
        rf"{_ANY}(?:training|testing)/image_0?2/(?P<stem>[^/]+)\.{_IMAGE}",
        {
            "ids": rf"{_ANY}training/semantic/(?P<stem>[^/]+)\.{_MAP}",
            "colors": rf"{_ANY}training/semantic_rgb/(?P<stem>[^/]+)\.{_MAP}",
        },
        sequences.of_nothing, is_plain=True,
    ),
    NamedLayout(
        "bdd100k", "BDD100K", "cityscapes",
        rf"{_ANY}images/(?:10k/)?{_SPLIT}/(?P<stem>[^/]+)\.{_IMAGE}",
        {
            "train_ids": rf"{_ANY}(?:sem_seg/masks|seg/labels)/{_SPLIT}/(?P<stem>[^/]+?)(?:_train_id)?\.{_MAP}",
            "colors": rf"{_ANY}(?:sem_seg/colormaps|seg/color_labels)/{_SPLIT}/(?P<stem>[^/]+?)(?:_train_color)?\.{_MAP}",
        },
        sequences.of_single_images, is_plain=True,
    ),
    NamedLayout(
        "mapillary", "Mapillary Vistas", None,
        rf"{_ANY}(?:training|validation|testing)/images/(?P<stem>[^/]+)\.{_IMAGE}",
        {"ids": rf"{_ANY}(?:training|validation)/(?:v[\d.]+/)?labels/(?P<stem>[^/]+)\.{_MAP}"},
        sequences.of_single_images, is_plain=True,
    ),
    NamedLayout(
        "camvid_segnet", "CamVid in SegNet's folders", "camvid11",
        rf"{_ANY}{_SPLIT}/(?P<stem>[^/]+)\.{_IMAGE}",
        {"ids": rf"{_ANY}{_SPLIT}annot/(?P<stem>[^/]+)\.{_MAP}"},
        sequences.of_camvid, is_plain=True,
    ),
    NamedLayout(
        "camvid", "CamVid", "camvid32",
        rf"{_ANY}(?P<stem>[0-9A-Za-z]+_f?\d+)\.{_IMAGE}",
        {"colors": rf"{_ANY}(?P<stem>[0-9A-Za-z]+_f?\d+)_L\.{_MAP}"},
        sequences.of_camvid, is_plain=True,
    ),
)  # fmt: skip
