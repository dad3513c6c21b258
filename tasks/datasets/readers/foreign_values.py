"""Numbers, answers and ids as other programs write them: 100, 100.0 and "100" mean the same."""

import math
import re
from typing import Any

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_PLAIN = re.compile(r"(0|-?[1-9]\d*)(\.0*)?")  # a whole number as text; "007" is none, but a name
_WHOLE_TOLERANCE = 0.01
_MOST = 2.0**53  # beyond it a float is no longer every whole number
_ANSWERS = {"0": False, "1": True, "false": False, "true": True, "no": False, "yes": True}


def number(value: Any) -> float | None:
    """A finite number, also one written as text; None for anything else."""
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value := value.strip()) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < _MOST else None  # also false for nan


def whole(value: Any) -> int | None:
    """A whole number, also one with a rounding of up to a hundredth; None for anything else."""
    found = number(value)
    is_whole = found is not None and math.isclose(found, round(found), rel_tol=0, abs_tol=_WHOLE_TOLERANCE)
    return round(found) if found is not None and is_whole else None


def answer(value: Any) -> bool | None:
    """Yes or no: true, 1, 1.0, "1", "true" and "yes", or their opposites; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _ANSWERS:
        return _ANSWERS[value.strip().lower()]
    found = number(value)
    return bool(found) if found in (0.0, 1.0) else None


def identity(value: Any) -> str | None:
    """What an id means: that of 1, 1.0 and "1" is one; None for what is no number and no text."""
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value.strip())
        return plain[1] if plain else value.strip() or None
    found = whole(value)
    return None if found is None else str(found)
