"""Images with label maps as trainings take them, and what a segmenter's file says of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.formats.label_maps import read_label_maps
from tasks.formats.segmenters import describe_training_set

if TYPE_CHECKING:
    from models.segmentation.data import SegmentationSet


def describe_segmentation_set(train: Path) -> dict[str, Any]:
    """So that the file can be used where its training images are not."""
    data = read_label_maps(train)
    assert data.table is not None, "a journey trains on images with label maps only"
    height, width = data.images.shape[1:3]
    return describe_training_set(data.table, data.records, (height, width)).model_dump(mode="json")


def load_segmentation_set(folder: Path) -> "SegmentationSet":
    from models.segmentation.data import SegmentationSet

    data = read_label_maps(folder)
    assert data.labels is not None, "a journey trains on images with label maps only"
    return SegmentationSet(data.images, data.labels)
