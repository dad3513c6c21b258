"""The images that are to be soiled, with the labels that come with them: a photo, a folder, label maps, COCO's boxes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from blender_assets.both_sides.places import is_file
from tasks.class_tables.known import LEVELS_TABLE
from tasks.datasets.layouts.dataset_files import files_below
from tasks.datasets.split_names import SplitName, split_meant
from tasks.images.files import IMAGE_SUFFIXES
from tasks.label_maps.annotated import LabelledImage
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.folder_layout import plain_image
from tasks.label_maps.layouts import find_label_maps
from tasks.label_maps.reading import LabelReader
from tasks.soiling.coco_boxes import CocoBoxes, find_coco_boxes


@dataclass(frozen=True)
class LabelMeaning:
    """What the values of label maps in plain folders mean, where nothing in there says it; as `LabelMapsConfig` has it."""

    classes: str | None = None
    encoding: Literal["auto", "ids", "train_ids", "colors"] = "auto"


@dataclass(frozen=True)
class CleanSet:
    """Images, and of their labels at most one kind: `reader` of label maps, or `boxes` by the images' names."""

    about: str
    images: tuple[LabelledImage, ...]
    reader: LabelReader | None = None
    boxes: CocoBoxes | None = None

    @property
    def has_labels(self) -> bool:
        return self.reader is not None or self.boxes is not None

    def camera_of(self, image: LabelledImage) -> str:
        """The camera that COCO's record or a layout's name says; "" where nothing does."""
        said = self.boxes.images[image.name].get("camera") if self.boxes is not None else None
        return said if isinstance(said, str) else image.camera

    def split_of(self, image: LabelledImage) -> SplitName | None:
        """The split that COCO's record or a layout says; None where nothing does."""
        said = self.boxes.images[image.name].get("split") if self.boxes is not None else None
        return split_meant(said) or split_meant(image.split)


def find_clean_images(place: Path, meaning: LabelMeaning = LabelMeaning()) -> CleanSet:
    """What lies at `place`: an image, a COCO file, or a folder with either. ValueError says what was found instead."""
    if is_file(place) and place.suffix.lower() == ".json":
        return _of_boxes_file(place)
    if is_file(place):
        return _of_photo(place)
    if not place.is_dir():
        raise ValueError(f"there is no image and no folder {place}; check the path")
    files = files_below(place)
    boxes = find_coco_boxes(place, files) if meaning.classes is None else None
    return _of_label_maps(place, meaning) if boxes is None else _of_boxes(boxes, files)


def _of_photo(path: Path) -> CleanSet:
    if path.suffix.lower() not in IMAGE_SUFFIXES:
        raise ValueError(f"{path} is no image by its ending; {', '.join(IMAGE_SUFFIXES)} are read")
    return CleanSet("one image", (plain_image(path.name, path, None),))


def _of_boxes_file(path: Path) -> CleanSet:
    root = path.parent.parent if path.parent.name == "annotations" else path.parent
    files = {
        name: own for name, own in files_below(root).items() if own.suffix.lower() != ".json" or own == path
    }
    boxes = find_coco_boxes(root, files)
    if boxes is None:
        raise ValueError(f"{path} is no COCO file with boxes; name one, or the folder of the images")
    return _of_boxes(boxes, files)


def _of_boxes(boxes: CocoBoxes, files: Mapping[str, Path]) -> CleanSet:
    images = tuple(plain_image(name, files[name], None) for name in boxes.images)
    if not images:
        raise ValueError(f"{boxes.path} lists no images; export it again")
    count = sum(map(len, boxes.boxes.values()))
    return CleanSet(f"COCO: {len(images)} images with {count} boxes", images, boxes=boxes)


def _of_label_maps(place: Path, meaning: LabelMeaning) -> CleanSet:
    config = LabelMapsConfig(folder=str(place), classes=meaning.classes, encoding=meaning.encoding)
    found = find_label_maps(config, Path())
    if found.table is None:
        return CleanSet(found.line(), found.images)
    if found.table.name == LEVELS_TABLE:
        raise ValueError(f"{place} has maps of soiling already ({found.layout}); name clean images")
    return CleanSet(found.line(), found.images, reader=LabelReader(found.table, found.encoding))
