"""Do other detection networks gain from synthetic images, too: what the thesis hoped for in its outlook."""

from collections.abc import Sequence

from tasks.report.blocks import Table
from tasks.report.headline import say
from tasks.sweeping.blocks import Section
from tasks.sweeping.contrasts import Judged
from tasks.sweeping.points import Group
from tasks.sweeping.scores import ARM, contrast_of, score_cells, score_header

_CAPTION = "Every network on the same images, for equally many steps. Scores on R_test."
_NOTE = (
    "Networks start from other weights and suit other sizes of objects: what one gains by synthetic images may be "
    "compared, which one is best only as it was trained here."
)


def describe(title: str, groups: Sequence[Group], judged: Judged) -> Section:
    """A row a network and arm, and a sentence for what synthetic images do for each network."""
    scored = dict(zip(_networks(groups), groups, strict=True))
    rows = tuple(
        (name, arm, *score_cells(group, arm, judged)) for name, group in scored.items() for arm in group.arms
    )
    lead = tuple(
        f"{name}: {say(item)}"
        for name, group in scored.items()
        for arm in group.arms
        if (item := contrast_of(group, arm, judged))
    )
    header = next((score_header(group) for group in scored.values() if group.arms), ())
    tables = (Table(_CAPTION, ("Network", ARM, *header), rows),)
    return Section("", title, lead, (_NOTE,), tables, ())


def _networks(groups: Sequence[Group]) -> list[str]:
    """What tells the groups apart: a refiner that all share is left out."""
    named = [group.name.split(", ") for group in groups]
    shared = set(named[0]).intersection(*named) if len(named) > 1 else set[str]()
    return [", ".join(part for part in parts if part not in shared) for parts in named]
