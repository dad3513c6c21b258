"""Is it realism that helps, or only variety of texture: Table 5.1."""

from collections.abc import Sequence

from tasks.detection.arms import parse_arm
from tasks.report.headline import say
from tasks.sweeping.blocks import Section
from tasks.sweeping.contrasts import Judged
from tasks.sweeping.points import Group
from tasks.sweeping.scores import contrast_of, score_table

PAIRS = (("S+", "S_style"), ("S_style", "S"), ("R_train + S+", "R_train + S_style"))
_CAPTION = (
    "Table 5.1{name}. S_style has the people of S in random textures: as varied as can be, and like nothing real. Where it "
    "does as well as S+, variety explains what S+ gains."
)


def describe(title: str, groups: Sequence[Group], judged: Judged) -> Section:
    """S_style beside S and S+."""
    scored = [group for group in groups if group.arms]
    tables = tuple(
        score_table(
            group,
            sorted(group.arms, key=lambda arm: "S_style" in _names(arm)),
            judged,
            caption=_CAPTION.format(name=f": {group.name}" if group.name else ""),
        )
        for group in scored
    )
    lead = tuple(sentence for group in scored for sentence in _lead(group, judged))
    return Section("", title, lead, (), tables, ())


def _names(arm: str) -> list[str]:
    return [part.name for part in parse_arm(arm)]


def _lead(group: Group, judged: Judged) -> list[str]:
    found = (
        contrast_of(group, arm, judged, baseline=baseline)
        for arm, baseline in PAIRS
        if arm in group.arms and baseline in group.arms
    )
    return [say(contrast) for contrast in found if contrast is not None]
