"""Arms: the training sets that are compared, each made of parts like "R_train", "S+" or "S+:100" (100 images of it)."""

import re
from dataclasses import dataclass

PARTS = ("R_train", "S", "S+", "S_style")
REAL_PARTS = ("R_train",)
_PART = re.compile(r"(?P<name>[^:]+)(:(?P<count>[1-9][0-9]*))?")
Arm = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A dataset, or `count` of its images."""

    name: str
    count: int | None

    @property
    def is_real(self) -> bool:
        return self.name in REAL_PARTS


def parse_part(text: str) -> Part:
    """ValueError for anything but NAME or NAME:COUNT with a known name."""
    match = _PART.fullmatch(text)
    if match is None or match["name"] not in PARTS:
        raise ValueError(
            f"a part of an arm must be one of {', '.join(PARTS)}, or so many images of it like S+:100, "
            f"but was {text!r}"
        )
    return Part(match["name"], int(match["count"]) if match["count"] else None)


def check_arm(arm: Arm) -> Arm:
    """The arm itself; ValueError for one without parts, or one that takes images of the same part twice."""
    names = [parse_part(part).name for part in arm]
    if not names or len(set(names)) < len(names):
        raise ValueError(
            f"arms must list different, non-empty training sets, each of different parts, e.g. [[S], [R_train, S+:100]], "
            f"but one was {list(arm)}"
        )
    return arm


def arm_name(arm: Arm) -> str:
    return " + ".join(arm)


def parse_arm(name: str) -> list[Part]:
    """The parts of an arm of this name."""
    return [parse_part(part) for part in name.split(" + ")]


def real_parts(arm: Arm) -> Arm:
    """What of an arm is real."""
    return tuple(part for part in arm if parse_part(part).is_real)


def main_baseline(arms: tuple[Arm, ...]) -> Arm:
    """R_train alone where it is trained, else the first arm of real images alone, else the first."""
    real = [arm for arm in arms if real_parts(arm) == arm]
    return ("R_train",) if ("R_train",) in arms else [*real, *arms][0]


def pair_arms(arms: tuple[Arm, ...]) -> tuple[tuple[str, str], ...]:
    """(arm, baseline) by name for every arm with synthetic parts: what do these add?

    Its baseline has its real parts alone where that arm is trained; else it is the main one.
    """
    main = main_baseline(arms)
    pairs = []
    for arm in arms:
        baseline = real_parts(arm) if real_parts(arm) in arms else main
        if real_parts(arm) != arm and arm != baseline:
            pairs.append((arm_name(arm), arm_name(baseline)))
    return tuple(pairs)
