"""Which fields two configurations have otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# They name the run and say where it works, and change nothing that it makes.
_WITHOUT_EFFECT = ("name", "store", "output", "compute")
_REUSED = "from"  # only in a section that names a finished part instead of saying how to make one
ABSENT = "(absent)"


@dataclass(frozen=True)
class FieldDifference:
    """A field by its dotted name, and its value in either configuration; `ABSENT` where one has no such field."""

    field: str
    first: Any
    second: Any


def list_differences(first: dict[str, Any], second: dict[str, Any]) -> list[FieldDifference]:
    """Of two runs' configurations, in their order; fields that say only where a run works are left out."""
    kept = ({name: item[name] for name in item if name not in _WITHOUT_EFFECT} for item in (first, second))
    return list(_walk("", *kept))


def _walk(name: str, first: Any, second: Any) -> Iterator[FieldDifference]:
    if isinstance(first, dict) and isinstance(second, dict) and (_REUSED in first) == (_REUSED in second):
        for part in dict.fromkeys([*first, *second]):
            dotted = f"{name}.{part}" if name else part
            yield from _walk(dotted, first.get(part, ABSENT), second.get(part, ABSENT))
    elif first != second:
        yield FieldDifference(name, first, second)
