"""Whether detectors of two runs differ: of every arm that both have, on the same test images, judged together."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from models.judging.comparisons import Evidence, Judgement, judge
from models.judging.resampling import Counts
from tasks.comparing.runs import FinishedRun
from tasks.report.headline import say


@dataclass(frozen=True)
class ArmDifference:
    """An arm in the second run, which is called B, against the same in the first, A.

    `judged`: None where both found the same in every image; then nothing is tested.
    """

    arm: str
    judged: Judgement | None

    def sentence(self) -> str:
        if self.judged is None:
            return f"{self.arm}: A and B found the same in every image."
        words, p = say(self.judged), self.judged.p_value
        return words if p is None else f"{words.removesuffix('.')} (p = {p:.2g})."

    def record(self) -> dict[str, Any]:
        """For JSON."""
        found = {"difference": 0.0} if self.judged is None else self.judged.record()
        return found | {"arm": self.arm, "is_same": self.judged is None, "sentence": self.sentence()}


def why_unjudged(first: FinishedRun, second: FinishedRun) -> str | None:
    """Why two runs' scores do not measure how their detectors differ; None where they do."""
    if first.iou != second.iou:
        return f"no difference is judged: a box counts as found from IoU {first.iou:g} on in A, {second.iou:g} in B"
    if sorted(first.images) == sorted(second.images):
        return None
    shared = len(set(first.images) & set(second.images))
    return (
        f"no difference is judged: of A's {len(first.images)} and B's {len(second.images)} test images "
        f"{shared} are the same (name, clip and boxes), and other images may be easier"
    )


def judge_arms(first: FinishedRun, second: FinishedRun) -> list[ArmDifference]:
    """Every arm that both have; the test images must be the same, whatever their order.

    Trainings of the same seeds are compared seed by seed.
    """
    evidence = {arm: _evidence(arm, first, second) for arm in first.counts if arm in second.counts}
    differing = {arm: item for arm, item in evidence.items() if not _is_same(item)}
    judged = dict(zip(differing, judge(list(differing.values())), strict=True))
    return [ArmDifference(arm, judged.get(arm)) for arm in evidence]


def _evidence(arm: str, first: FinishedRun, second: FinishedRun) -> Evidence:
    return Evidence(
        arm=f"B's {arm}",
        baseline=f"A's {arm}",
        counts=[_in_order(second, arm)],
        baseline_counts=[_in_order(first, arm)],
        clips=[image.clip for image in sorted(first.images)],
        is_paired=first.seeds == second.seeds,
    )


def _is_same(item: Evidence) -> bool:
    (counts,), (base,) = item.counts, item.baseline_counts
    return np.array_equal(base.num_true, counts.num_true) and np.array_equal(base.num_found, counts.num_found)


def _in_order(run: FinishedRun, arm: str) -> Counts:
    """The arm's counts with the images sorted, as they are for the other run."""
    order, counts = sorted(range(len(run.images)), key=run.images.__getitem__), run.counts[arm]
    return Counts(counts.num_true[:, order], counts.num_found[:, order], counts.num_boxes[order])
