"""Which boxes of an image are exported."""

from dataclasses import dataclass, replace
from pathlib import Path

from tasks.datasets.annotations import AnnotatedImage, Target


@dataclass(frozen=True)
class Source:
    """An image of a dataset with the folder that its names are relative to; `name` is what it is called in the export."""

    folder: Path
    image: AnnotatedImage
    name: str

    @property
    def stem(self) -> str:
        return Path(self.name).stem


def select_boxes(image: AnnotatedImage, targets: tuple[Target, ...], min_visibility: float) -> AnnotatedImage:
    """Without other targets, without boxes seen less than min_visibility (0 to 1), and without estimated boxes."""
    kept = [
        box
        for box in image.annotations
        if box.target in targets and box.visibility >= min_visibility and not box.is_estimated
    ]
    return replace(image, annotations=tuple(kept))
