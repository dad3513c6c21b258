"""The thesis's experiments as sections of a sweep's page: which tables and figures each named section has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from models.judging.comparisons import Evidence
from tasks.sweeping.between import Between, compare_points, say_between, table_between
from tasks.sweeping.blocks import Section
from tasks.sweeping.contrasts import Judged, evidence_of, judge_different
from tasks.sweeping.points import Group, Point, group_grid, group_section
from tasks.sweeping.scores import failure_notes, own_pairs
from tasks.sweeping.sections import detectors, inversion, noises, plain, refiners, reproduction, sizes, style


@dataclass(frozen=True)
class Kind:
    """How a section is written, and which arms it compares beside those with their baselines."""

    title: str
    describe: Callable[[str, Sequence[Group], Judged], Section]
    pairs: tuple[tuple[str, str], ...] = ()
    compares_points: bool = False  # with the first one


KINDS = {
    "refiners": Kind("Which refiner?", refiners.describe, refiners.PAIRS),
    "sizes": Kind("How many synthetic images?", sizes.describe),
    "style": Kind("Realism, or only variety?", style.describe, style.PAIRS),
    "inversion": Kind("Does it still help with more real images?", inversion.describe),
    "reproduction": Kind("Does it come out again?", reproduction.describe),
    "noises": Kind("Which noise in the cycle?", noises.describe, compares_points=True),
    "detectors": Kind("Do other detectors gain, too?", detectors.describe),
}
_PLAIN = Kind("", plain.describe, compares_points=True)


def describe_sections(points: Sequence[Point], titles: dict[str, str]) -> list[Section]:
    """Every section of the sweep, in order; `titles` by name, "" for the one that the section brings."""
    groups = {name: group_section(points, name) for name in titles}
    sections = []
    for name, title in titles.items():
        kind = KINDS.get(name, _PLAIN)
        between = compare_points(groups[name] if kind.compares_points else ())
        judged = judge_different([*_wanted(kind, groups[name]), *between.wanted])
        section = kind.describe(title or kind.title or name, groups[name], judged)
        section = _with_points_compared(section, between, judged)
        sections.append(replace(section, name=name, notes=(*failure_notes(groups[name]), *section.notes)))
    return sections


def describe_grid(points: Sequence[Point]) -> Section:
    """Of a sweep without sections, what is told of its points beside one another."""
    between = compare_points(group_grid(points))
    return _with_points_compared(Section("", "", (), (), (), ()), between, judge_different(between.wanted))


def _with_points_compared(section: Section, between: Between, judged: Judged) -> Section:
    """What is told of the points beside one another comes first."""
    found = tuple(judged[item.digest()] for item in between.wanted)
    return replace(
        section,
        lead=(*say_between(found), *section.lead),
        notes=(*section.notes, *between.notes),
        tables=(*([table_between(between, found)] if found else []), *section.tables),
        between=found,
    )


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
