"""What a segmenter's file says of the images that it learnt from, beside its weights."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from tasks.class_tables.table import ClassTable, Label
from tasks.formats.label_maps import LabelMapRecord

KEY = "trained_on"  # in a state and in the metadata of a graph


class TrainedOn(BaseModel):
    """The classes, and the size of the images after they were scaled.

    `stretch`: how much wider than high a pixel of the users' files became, 1 where their shape was kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    classes: ClassTable
    width_px: int
    height_px: int
    stretch: float = 1.0


def describe_training_set(
    table: ClassTable, records: Sequence[LabelMapRecord], image_hw: tuple[int, int]
) -> TrainedOn:
    """Of a set whose images have one size now; `stretch` is that of its first image."""
    height, width = image_hw
    stretch = (width / height) / (records[0].width_px / records[0].height_px)
    return TrainedOn(classes=table, width_px=width, height_px=height, stretch=stretch)


def read_trained_on(found: Mapping[str, Any], *, num_classes: int, image_hw: tuple[int, int]) -> TrainedOn:
    """What stands under KEY; numbered classes and images of `image_hw` where nothing does, as in a library's training."""
    if KEY in found:
        return TrainedOn.model_validate(found[KEY])
    height, width = image_hw
    return TrainedOn(classes=numbered_table(num_classes), width_px=width, height_px=height)


def numbered_table(num_classes: int) -> ClassTable:
    """Classes without names."""
    labels = tuple(Label(name=f"class {number}", id=number, train_id=number) for number in range(num_classes))
    return ClassTable(name="numbers", labels=labels)
