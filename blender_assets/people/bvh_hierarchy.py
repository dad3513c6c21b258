"""Reads the section HIERARCHY of a BVH file: a skeleton as nested braces.

Names of joints may hold spaces and words that mean something elsewhere: a name is the rest of its line.
"""

import re
from dataclasses import dataclass

POSITION_CHANNELS = {"xposition": 0, "yposition": 1, "zposition": 2}
ROTATION_CHANNELS = {"xrotation": 0, "yrotation": 1, "zrotation": 2}
MAX_JOINTS = 2000  # hands and faces included, skeletons have a few hundred
LARGEST_NUMBER = 1e7  # as an angle or a length: far beyond any clip, and safe to reckon with


@dataclass(frozen=True)
class BvhJoint:
    name: str
    parent: int  # -1 for a root
    offset: tuple[float, float, float]  # from the parent's joint, in the zero pose
    channels: tuple[str, ...]  # in lower case; none: the joint is fixed to its parent
    tip: tuple[float, float, float] | None = None  # the offset of an end site


class Cursor:
    """Where the reading of the text stands."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self.line = 1  # of the last word

    def word(self) -> str:
        """The next word or brace; "" at the end."""
        return self._take(r"\s*([{}]|[^\s{}]+|$)")

    def name(self) -> str:
        """The rest of the line up to a brace: names may hold spaces, and words that mean something elsewhere."""
        return " ".join(self._take(r"([^\n{]*)").split())

    def number(self) -> float:
        word = self.word()  # which sets the line
        return to_number(word, f"line {self.line}")

    def rest(self) -> str:
        """All text that was not read yet; its first line is that of the last word."""
        return self._text[self._at :]

    def _take(self, pattern: str) -> str:
        match = re.compile(pattern).match(self._text, self._at)
        assert match is not None, "the patterns match everywhere"
        self.line += self._text.count("\n", self._at, match.start(1))
        self._at = match.end()
        return match.group(1)


def short(word: str) -> str:
    """A word of the file as a message may show it."""
    return repr(word if len(word) <= 30 else f"{word[:30]}..")


def to_number(word: str, place: str) -> float:
    """ValueError, which names the place, for what is no number or no finite one."""
    try:
        number = float(word)
    except ValueError:
        mend = "write decimals with a point" if "," in word else "export the clip again"
        raise ValueError(f"{place} has {short(word)}, where a number is needed; {mend}") from None
    if not abs(number) <= LARGEST_NUMBER:
        raise ValueError(
            f"{place} has {short(word)}, but numbers must be finite and at most {LARGEST_NUMBER:.0e}; "
            "export the clip again, without such frames"
        )
    return number


@dataclass
class _Draft:
    """A joint while its braces are open; an end site has no name."""

    name: str | None
    line: int
    parent: int
    number: int = -1
    offset: tuple[float, float, float] | None = None
    channels: tuple[str, ...] | None = None
    tip: tuple[float, float, float] | None = None


def parse_joints(cursor: Cursor) -> tuple[BvhJoint, ...]:
    """Walks the nested braces up to MOTION; an end site (a tip) counts as no joint."""
    drafts: list[_Draft] = []
    open_drafts: list[_Draft] = []
    while (word := cursor.word()) != "":
        keyword = word.upper()
        if keyword == "MOTION":
            _require_closed(open_drafts)
            return tuple(map(_finished, drafts))
        if keyword in ("ROOT", "JOINT", "END"):
            open_drafts.append(_begin(cursor, keyword, open_drafts, drafts))
        elif not open_drafts:
            raise ValueError(f"line {cursor.line} has {short(word)}, where ROOT, JOINT or MOTION is needed")
        elif word == "}":
            open_drafts.pop()
        elif keyword == "OFFSET":
            _set_offset(open_drafts, (cursor.number(), cursor.number(), cursor.number()))
        elif keyword == "CHANNELS":
            _set_channels(cursor, open_drafts[-1])
        else:
            raise ValueError(
                f"line {cursor.line} has {short(word)}, where OFFSET, CHANNELS, JOINT, End Site or a brace is needed"
            )
    raise ValueError("it lacks the section HIERARCHY or MOTION; the file is cut off, or no BVH")


def _begin(cursor: Cursor, keyword: str, open_drafts: list[_Draft], drafts: list[_Draft]) -> _Draft:
    line = cursor.line
    name = cursor.name()
    if open_drafts and open_drafts[-1].name is None:
        raise ValueError(
            f"line {line}: an End Site holds {keyword} {short(name)}, but it ends there; export the clip again"
        )
    parent = open_drafts[-1].number if open_drafts else -1
    if cursor.word() != "{":
        raise ValueError(
            f"line {line}: {keyword} {short(name)} has no brace {{ after it; export the clip again"
        )
    draft = _Draft(None if keyword == "END" else name, line, parent)
    if draft.name is not None:
        draft.number = len(drafts)
        drafts.append(draft)
    if len(drafts) > MAX_JOINTS:
        raise ValueError(f"it has more than {MAX_JOINTS} joints; give the clip of one person")
    return draft


def _set_offset(open_drafts: list[_Draft], offset: tuple[float, float, float]) -> None:
    draft = open_drafts[-1]
    if draft.name is None and len(open_drafts) > 1:
        open_drafts[-2].tip = offset
    draft.offset = offset


def _set_channels(cursor: Cursor, draft: _Draft) -> None:
    line = cursor.line
    count = cursor.word()
    if not count.isdecimal() or len(count) > 4:
        raise ValueError(f"line {line}: CHANNELS needs a count of channels, but has {short(count)}")
    channels = tuple(cursor.word() for _ in range(int(count)))
    if "" in channels:
        raise ValueError("HIERARCHY ends in the middle of a joint; the file is cut off")
    unknown = [word for word in channels if word.lower() not in POSITION_CHANNELS | ROTATION_CHANNELS]
    if unknown:
        raise ValueError(
            f"line {line}: unknown channels [{', '.join(map(short, unknown[:3]))}]; Xposition .. Zrotation are allowed"
        )
    if draft.channels is not None:
        raise ValueError(f"line {line}: the joint {short(draft.name or '')} has CHANNELS twice; remove one")
    draft.channels = tuple(word.lower() for word in channels)


def _require_closed(open_drafts: list[_Draft]) -> None:
    if open_drafts:
        draft = open_drafts[-1]
        raise ValueError(
            f"the joint {short(draft.name or 'End Site')} of line {draft.line} has no closing brace before MOTION; "
            "export the clip again"
        )


def _finished(draft: _Draft) -> BvhJoint:
    assert draft.name is not None
    if draft.offset is None:
        raise ValueError(
            f"the joint {short(draft.name)} of line {draft.line} has no OFFSET; export the clip again"
        )
    return BvhJoint(draft.name, draft.parent, draft.offset, draft.channels or (), draft.tip)
