"""All comparisons of a section, judged together."""

from collections.abc import Iterable, Mapping

from models.judging import comparisons as judging
from models.judging.comparisons import Evidence, Judgement, judge
from tasks.sweeping.points import Group

Judged = Mapping[str, Judgement]  # by the digest of the evidence


def evidence_of(group: Group, arm: str, baseline: str) -> Evidence:
    """One arm against another of the same group."""
    sides = (group.statistics(arm), group.statistics(baseline))
    return Evidence(arm, baseline, *sides, group.clips, group.measure)


def judge_different(wanted: Iterable[Evidence]) -> Judged:
    """Every different comparison once."""
    different = {item.digest(): item for item in wanted}
    return dict(zip(different, judge(list(different.values())), strict=True))


def score_interval(group: Group, arm: str) -> tuple[float, float] | None:
    """95 % interval of an arm's mean score."""
    return judging.score_interval(group.measure, group.statistics(arm), group.clips)
