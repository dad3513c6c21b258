"""Whether detectors of two runs differ: of every arm that both have, on the same test images, judged together."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from models.judging.comparisons import Evidence, Judgement, judge
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
    ways = [describe_scoring(run) for run in (first, second)]
    if ways[0] != ways[1]:
        return f"no difference is judged: A is scored by {ways[0]}, B by {ways[1]}"
    if sorted(first.images) == sorted(second.images):
        return None
    shared = len(set(first.images) & set(second.images))
    return (
        f"no difference is judged: of A's {len(first.images)} and B's {len(second.images)} test images "
        f"{shared} are the same (name, clip and annotations), and other images may be easier"
    )


def describe_scoring(run: FinishedRun) -> str:
    """The measure and its conditions, such as "F1 at IoU 0.5"."""
    conditions = [f"{name} {value}" for name, value in run.counted.conditions.items()]
    return run.measure.title + (f" at {', '.join(conditions)}" if conditions else "")


def judge_arms(first: FinishedRun, second: FinishedRun) -> list[ArmDifference]:
    """Every arm that both have; the test images must be the same, whatever their order.

    Trainings of the same seeds are compared seed by seed.
    """
    common = [arm for arm in first.counted.arms if arm in second.counted.arms]
    evidence = {arm: _evidence(arm, first, second) for arm in common}
    differing = {arm: item for arm, item in evidence.items() if not _is_same(item)}
    judged = dict(zip(differing, judge(list(differing.values())), strict=True))
    return [ArmDifference(arm, judged.get(arm)) for arm in evidence]


def _evidence(arm: str, first: FinishedRun, second: FinishedRun) -> Evidence:
    return Evidence(
        arm=f"B's {arm}",
        baseline=f"A's {arm}",
        statistics=[_in_order(second, arm)],
        baseline_statistics=[_in_order(first, arm)],
        clips=[image.clip for image in sorted(first.images)],
        measure=first.measure,
        is_paired=first.counted.seeds == second.counted.seeds,
    )


def _is_same(item: Evidence) -> bool:
    return np.array_equal(item.statistics[0], item.baseline_statistics[0])


def _in_order(run: FinishedRun, arm: str) -> np.ndarray:
    """The arm's statistics with the images sorted, as they are for the other run."""
    images = run.images
    return run.counted.arms[arm][:, sorted(range(len(images)), key=images.__getitem__)]
