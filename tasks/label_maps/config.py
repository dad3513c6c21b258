"""Where images with label maps are, what their values mean, and how they are split."""

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tasks.datasets.split_names import SplitName

LayoutName = Literal[
    "auto", "acdc", "bdd100k", "camvid", "camvid_segnet", "cityscapes", "coco", "dark_zurich", "folders", "kitti",
    "mapillary", "nighttime_driving", "unlabelled", "woodscape_soiling",
]  # fmt: skip


class LabelMapsConfig(BaseModel):
    """One folder of images, with label maps or without."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: str  # the images with their label maps, as a data set or a tool laid them out
    labels: str | None = None  # where the label maps lie, if that is not below `folder`
    # a CSV file of the light of images, by file name, such as NEXET's train.csv (image_filename, timeofday)
    conditions: str | None = None
    layout: LayoutName = "auto"  # auto: by the names of folders and files
    # a known table (cityscapes, camvid11, camvid32, woodscape_soiling) or a file with your own; left out: the layout's,
    # or that of a file in the folder
    classes: str | None = None
    encoding: Literal["auto", "ids", "train_ids", "colors"] = "auto"  # what the label maps' values are
    convert_to: str | None = None  # another class table, into which classes are taken by their names
    # given: by folders (train, val, test); sequence or city: whole ones, by shares; or file-name patterns for each split
    split: Literal["given", "sequence", "city"] | dict[SplitName, list[str]] = "given"
    # of the images, for a split by sequence or city
    shares: dict[SplitName, float] = Field(default={"train": 0.6, "val": 0.2, "test": 0.2})
    # on the file name without suffix; its first group names the sequence. Left out: as the layout's names say it
    sequence_pattern: str | None = None
    seed: int = 0  # another one puts other sequences or cities into each split
    leaks: Literal["warn", "error"] = (
        "warn"  # images of two splits that look like copies, sequences in several splits
    )
    # width, height to which images are scaled (their maps by the nearest pixel); left out: all have one size, and keep it
    size_px: tuple[int, int] | None = None

    def placed(self, folder: Path) -> Self:
        """With relative places below `folder`."""
        places = {"folder": self.folder, "labels": self.labels, "conditions": self.conditions}
        found = {name: None if place is None else str(folder / place) for name, place in places.items()}
        return self.model_copy(update=found)

    @field_validator("sequence_pattern")
    @classmethod
    def _has_a_group(cls, pattern: str | None) -> str | None:
        try:
            groups = 1 if pattern is None else re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"sequence_pattern is not a valid regular expression ({error})") from None
        if groups < 1:
            raise ValueError("sequence_pattern needs a group that names the sequence, e.g. ^(.*?)_[0-9]+$")
        return pattern

    @field_validator("shares")
    @classmethod
    def _train_has_a_share(cls, shares: dict[SplitName, float]) -> dict[SplitName, float]:
        if min(shares.values(), default=0) < 0 or shares.get("train", 0) <= 0:
            raise ValueError(
                "shares must be >= 0, and that of train > 0, e.g. {train: 0.6, val: 0.2, test: 0.2}"
            )
        return shares

    @field_validator("size_px")
    @classmethod
    def _is_a_size(cls, size_px: tuple[int, int] | None) -> tuple[int, int] | None:
        if size_px is not None and not all(1 <= side <= 16_384 for side in size_px):
            raise ValueError(
                f"size_px must be width and height from 1 to 16384, but was {list(size_px)}, e.g. [512, 256]"
            )
        return size_px
