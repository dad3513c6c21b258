"""Whether two evaluations scored the same images in the same way: only then do their scores measure what was trained."""

from dataclasses import dataclass

import numpy as np

from models.judging.measures import Measure
from tasks.scoring.records import Counted


@dataclass(frozen=True, order=True)
class ScoredImage:
    """What makes two images of a test set the same: names, clips and the digest of what is annotated."""

    name: str
    clip: str
    truth: str


@dataclass(frozen=True, eq=False)
class Scored:
    """What was counted in a run or at a point of a sweep, and by what it is scored; sentences call it `name`."""

    name: str
    measure: Measure
    counted: Counted

    @property
    def images(self) -> tuple[ScoredImage, ...]:
        """Of the statistics, in their order."""
        columns = (self.counted.images, self.counted.clips, self.counted.truths)
        return tuple(ScoredImage(*values) for values in zip(*columns, strict=True))

    def way(self) -> str:
        """The measure and its conditions, such as "F1 at IoU 0.5"."""
        conditions = [f"{name} {value}" for name, value in self.counted.conditions.items()]
        return self.measure.title + (f" at {', '.join(conditions)}" if conditions else "")

    def sorted_clips(self) -> tuple[str, ...]:
        """The clips with the images sorted, as they are for who scored the same ones."""
        return tuple(image.clip for image in sorted(self.images))

    def sorted_statistics(self, arm: str) -> np.ndarray:
        """The arm's statistics [k, n, s] in that order."""
        images = self.images
        return self.counted.arms[arm][:, sorted(range(len(images)), key=images.__getitem__)]


def why_unlike(first: Scored, second: Scored) -> str | None:
    """Why the scores of two do not measure how their trainings differ; None where they do."""
    if first.way() != second.way():
        return f"{first.name} is scored by {first.way()}, {second.name} by {second.way()}"
    if sorted(first.images) == sorted(second.images):
        return None
    shared = len(set(first.images) & set(second.images))
    return (
        f"of {first.name}'s {len(first.images)} and {second.name}'s {len(second.images)} test images "
        f"{shared} are the same (name, clip and annotations), and other images may be easier"
    )
