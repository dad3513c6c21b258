"""Whether trainings of two runs differ: of every arm that both have, on the same test images, judged together."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from models.judging.comparisons import Evidence, Judgement, judge
from tasks.comparing.runs import FinishedRun
from tasks.report.headline import say
from tasks.scoring.same_images import why_unlike


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
    """Why two runs' scores do not measure how their trainings differ; None where they do."""
    why = why_unlike(first.scored("A"), second.scored("B"))
    return None if why is None else f"no difference is judged: {why}"


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
        statistics=[second.scored().sorted_statistics(arm)],
        baseline_statistics=[first.scored().sorted_statistics(arm)],
        clips=first.scored().sorted_clips(),
        measure=first.measure,
        is_paired=first.counted.seeds == second.counted.seeds,
    )


def _is_same(item: Evidence) -> bool:
    return np.array_equal(item.statistics[0], item.baseline_statistics[0])
