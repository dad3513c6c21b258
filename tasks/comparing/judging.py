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
    """An arm in the second run against the same in the first; `names` are what these are called.

    `judged`: None where both found the same in every image; then nothing is tested.
    """

    arm: str
    judged: Judgement | None
    names: tuple[str, str] = ("A", "B")

    def sentence(self) -> str:
        if self.judged is None:
            return f"{self.arm}: {' and '.join(self.names)} found the same in every image."
        words, p = say(self.judged), self.judged.p_value
        return words if p is None else f"{words.removesuffix('.')} (p = {p:.2g})."

    def record(self) -> dict[str, Any]:
        """For JSON."""
        found = {"difference": 0.0} if self.judged is None else self.judged.record()
        return found | {"arm": self.arm, "is_same": self.judged is None, "sentence": self.sentence()}


def why_unjudged(first: FinishedRun, second: FinishedRun, names: tuple[str, str] = ("A", "B")) -> str | None:
    """Why two runs' scores do not measure how their trainings differ; None where they do."""
    why = why_unlike(first.scored(names[0]), second.scored(names[1]))
    return None if why is None else f"no difference is judged: {why}"


def judge_arms(
    first: FinishedRun, second: FinishedRun, names: tuple[str, str] = ("A", "B")
) -> list[ArmDifference]:
    """Every arm that both have; the test images must be the same, whatever their order.

    Trainings of the same seeds are compared seed by seed. Sentences call the runs by `names`.
    """
    common = [arm for arm in first.counted.arms if arm in second.counted.arms]
    evidence = {arm: _evidence(arm, first, second, names) for arm in common}
    differing = {arm: item for arm, item in evidence.items() if not _is_same(item)}
    judged = dict(zip(differing, judge(list(differing.values())), strict=True))
    return [ArmDifference(arm, judged.get(arm), names) for arm in evidence]


def _evidence(arm: str, first: FinishedRun, second: FinishedRun, names: tuple[str, str]) -> Evidence:
    return Evidence(
        arm=f"{names[1]}'s {arm}",
        baseline=f"{names[0]}'s {arm}",
        statistics=[second.scored().sorted_statistics(arm)],
        baseline_statistics=[first.scored().sorted_statistics(arm)],
        clips=first.scored().sorted_clips(),
        measure=first.measure,
        is_paired=first.counted.seeds == second.counted.seeds,
    )


def _is_same(item: Evidence) -> bool:
    return np.array_equal(item.statistics[0], item.baseline_statistics[0])
