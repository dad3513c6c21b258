"""Images with label maps as they lie in a user's folder: which files, of which sequence and split, in which encoding."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tasks.class_tables.table import ClassTable

# what a label map's values are: ids, training ids or colours of the table, COCO's segments, or run lengths in a JSON file
Encoding = Literal["ids", "train_ids", "colors", "coco_panoptic", "coco_stuff"]
_WORDS: dict[Encoding, str] = {
    "ids": "ids",
    "train_ids": "training ids",
    "colors": "colours",
    "coco_panoptic": "COCO's panoptic segments",
    "coco_stuff": "COCO's run lengths",
}


@dataclass(frozen=True)
class LabelledImage:
    """One image; names are relative to the dataset's folder.

    `label` is its map, None where it has none. `annotations` is the JSON file of COCO that says what the map's segments
    are, or that holds the map itself, of the image that it calls `called`.
    """

    name: str
    image: Path
    label: Path | None = None
    annotations: Path | None = None
    called: str = ""
    sequence: str = ""
    city: str = ""
    camera: str = ""
    split: str = ""

    @property
    def has_label(self) -> bool:
        return self.label is not None or self.annotations is not None


@dataclass(frozen=True)
class LabelledDataset:
    """What was recognised in a folder; `table` is None where no image has a label map."""

    layout: str
    images: tuple[LabelledImage, ...]
    table: ClassTable | None = None
    encoding: Encoding = "ids"
    has_green_strips: bool = False  # WoodScape's images: rows at the top and bottom that show nothing
    notes: tuple[str, ...] = ()

    def line(self) -> str:
        """What was recognised, in one line."""
        labelled = sum(image.has_label for image in self.images)
        parts = [f"{self.layout}: {len(self.images)} images, {labelled or 'none'} with label maps"]
        if self.table is not None:
            parts.append(f"{_WORDS[self.encoding]} of {self.table.num_classes} classes ({self.table.name})")
        for what in ("split", "city", "camera", "sequence"):
            counts = Counter(value for image in self.images if (value := getattr(image, what)))
            if what == "split" and counts:
                parts.append(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
            elif counts:
                parts.append(f"{len(counts)} {_plural(what, len(counts))}")
        return "; ".join(parts)


def _plural(word: str, count: int) -> str:
    if count == 1:
        return word
    return "cities" if word == "city" else f"{word}s"
