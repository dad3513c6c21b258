"""A section without a form of its own: what every point's arms reached."""

from collections.abc import Sequence

from tasks.report.headline import say
from tasks.sweeping.blocks import Section
from tasks.sweeping.contrasts import Judged
from tasks.sweeping.points import Group
from tasks.sweeping.scores import contrasts_of, score_table


def describe(title: str, groups: Sequence[Group], judged: Judged) -> Section:
    """A table a point."""
    scored = [group for group in groups if group.arms]
    tables = tuple(score_table(group, group.arms, judged, caption=group.name) for group in scored)
    found = [
        (group.name, contrast)
        for group in scored
        for arm in group.arms
        for contrast in contrasts_of(group, arm, judged)
    ]
    lead = tuple(f"{name}: {say(contrast)}" if name else say(contrast) for name, contrast in found)
    return Section("", title, lead, (), tables, ())
