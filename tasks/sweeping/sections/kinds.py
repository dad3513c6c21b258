"""The thesis's experiments as sections of a sweep's page: which tables and figures each named section has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from models.judging.comparisons import Evidence
from tasks.sweeping.blocks import Section
from tasks.sweeping.contrasts import Judged, evidence_of, judge_different
from tasks.sweeping.points import Group, Point, group_section
from tasks.sweeping.scores import failure_notes, own_pairs
from tasks.sweeping.sections import detectors, inversion, plain, refiners, reproduction, sizes, style


@dataclass(frozen=True)
class Kind:
    """How a section is written, and which arms it compares beside those with their baselines."""

    title: str
    describe: Callable[[str, Sequence[Group], Judged], Section]
    pairs: tuple[tuple[str, str], ...] = ()


KINDS = {
    "refiners": Kind("Which refiner?", refiners.describe, refiners.PAIRS),
    "sizes": Kind("How many synthetic images?", sizes.describe),
    "style": Kind("Realism, or only variety?", style.describe, style.PAIRS),
    "inversion": Kind("Does it still help with more real images?", inversion.describe),
    "reproduction": Kind("Does it come out again?", reproduction.describe),
    "detectors": Kind("Do other detectors gain, too?", detectors.describe),
}
_PLAIN = Kind("", plain.describe)


def describe_sections(points: Sequence[Point], titles: dict[str, str]) -> list[Section]:
    """Every section of the sweep, in order; `titles` by name, "" for the one that the section brings."""
    groups = {name: group_section(points, name) for name in titles}
    sections = []
    for name, title in titles.items():
        kind = KINDS.get(name, _PLAIN)
        judged = judge_different(_wanted(kind, groups[name]))
        section = kind.describe(title or kind.title or name, groups[name], judged)
        sections.append(replace(section, name=name, notes=(*failure_notes(groups[name]), *section.notes)))
    return sections


def _wanted(kind: Kind, groups: Sequence[Group]) -> list[Evidence]:
    """What the section compares."""
    pairs = [(group, *pair) for group in groups for pair in own_pairs(group)]
    pairs += [
        (group, arm, baseline)
        for group in groups
        for arm, baseline in kind.pairs
        if arm in group.arms and baseline in group.arms
    ]
    return [evidence_of(*item) for item in pairs]
