"""JSON files of others: a name that is given twice is refused, where a plain reader keeps the last one without a word."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from blender_assets.both_sides.text_reading import read_text, shown

_MOST_DIGITS = 1000


def read_json(path: Path) -> Any:
    """The content of a JSON file; ValueError in one line, with the file's name, where it is none."""
    text = read_text(path)
    try:
        return json.loads(text, object_pairs_hook=_once, parse_int=_whole)
    except RecursionError:
        raise ValueError(f"{path} holds lists within lists too deep to read; export it again") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is not valid JSON ({error}); export it again") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}; mend it, or export it again") from None


def _whole(digits: str) -> int:
    """ValueError for more digits than Python reads."""
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number has {len(digits)} digits, but at most {_MOST_DIGITS} are read")
    return int(digits)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"one object has the name {shown(twice)} twice")
    return content
