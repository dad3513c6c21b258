"""Whether detectors of two runs differ: of every arm that both have, on the same test images, judged together."""

from dataclasses import asdict, dataclass, replace

import numpy as np

from models.detection.resampling import (
    Counts,
    Draws,
    draw_chances,
    estimate_difference,
    estimate_unpaired_difference,
)
from models.detection.verdicts import Needed, Verdict, decide, find_needed, holm
from tasks.comparing.runs import FinishedRun
from tasks.report.headline import Size, say

_DRAWS = 5000


@dataclass(frozen=True)
class ArmDifference:
    """F1 of an arm in the second run minus that in the first; `p_value` after Holm's correction over the runs' arms.

    `is_same`: both found the same in every image; then nothing is tested, and where there is no interval neither.
    """

    arm: str
    difference: float
    size: Size
    is_same: bool = False
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    verdict: Verdict = "cannot tell"
    needed: Needed | None = None

    def sentence(self) -> str:
        """Calls the first run A and the second B."""
        if self.is_same:
            return f"{self.arm}: A and B found the same in every image."
        words = say(asdict(self) | {"arm": f"B's {self.arm}", "baseline": f"A's {self.arm}"}, self.size)
        return words if self.p_value is None else f"{words.removesuffix('.')} (p = {self.p_value:.2g})."


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
    draws = _draws(first, second)
    arms = [arm for arm in first.counts if arm in second.counts]
    found = [_difference(arm, first, second, draws) for arm in arms]
    count = sum(not item.is_same for item in found)
    adjusted = iter(holm([item.p_value for item in found if item.p_value is not None]))
    return [_adjusted(item, None if item.p_value is None else next(adjusted), count) for item in found]


def _draws(first: FinishedRun, second: FinishedRun) -> Draws | None:
    """The fewer seeds say how wide Student's t is."""
    clips = [image.clip for image in sorted(first.images)]
    num_seeds = min(len(first.seeds), len(second.seeds))
    return draw_chances(clips, num_seeds=num_seeds, draws=_DRAWS, rng=np.random.default_rng(0))


def _difference(arm: str, first: FinishedRun, second: FinishedRun, draws: Draws | None) -> ArmDifference:
    """With p as it is alone."""
    base, counts = _in_order(first, arm), _in_order(second, arm)
    size = Size(len(first.images), min(len(first.seeds), len(second.seeds)), 0)
    difference = float(counts.f1_by_seed().mean() - base.f1_by_seed().mean())
    is_same = np.array_equal(base.num_true, counts.num_true) and np.array_equal(
        base.num_found, counts.num_found
    )
    unjudged = ArmDifference(arm, difference, size, is_same)
    if is_same or draws is None:
        return unjudged
    estimate = estimate_difference if first.seeds == second.seeds else estimate_unpaired_difference
    result = estimate(counts, base, draws)
    needed = find_needed(result, num_images=size.num_images, num_seeds=size.num_seeds)
    return replace(unjudged, interval=result.interval, p_value=result.p_value, needed=needed)


def _adjusted(item: ArmDifference, p: float | None, count: int) -> ArmDifference:
    size = replace(item.size, num_comparisons=count)
    if p is None:
        return replace(item, size=size)
    return replace(item, size=size, p_value=p, verdict=decide(item.difference, p, num_seeds=size.num_seeds))


def _in_order(run: FinishedRun, arm: str) -> Counts:
    """The arm's counts with the images sorted, as they are for the other run."""
    order, counts = sorted(range(len(run.images)), key=run.images.__getitem__), run.counts[arm]
    return Counts(counts.num_true[:, order], counts.num_found[:, order], counts.num_boxes[order])
