"""The mistakes that pydantic finds in a configuration, each in a line: field, value, what is allowed, and the mend."""

import re
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from pydantic import ValidationError

from blender_assets.both_sides.field_shapes import SECTION, is_short, shape_words
from blender_assets.both_sides.text_reading import printable, shown
from tasks.training.refiner_forms import FAMILY

# pydantic names the alternative in the place of a mistake; these are taken out of the message again.
TRAINED, TO_TRAIN = "a trained refiner", "a refiner to train"
# Other alternatives: a literal['a','b'], a dict[..], a text, and the one class that a union of ours has.
_TEXT = "str"
_ALTERNATIVE = re.compile(rf"(literal|dict)\[.*|WeightsFile|{_TEXT}")
# What fields that take one word of a few also take.
_OTHER_FORMS = {"weights": "{path: FILE}", "split": "patterns, e.g. {train: ['a_*.jpg'], val: ['b_*.jpg']}"}


def explain_mistakes(error: ValidationError) -> list[str]:
    """One line for every wrong field; the alternatives of one field are one mistake."""
    lines = []
    for field, group in groupby(error.errors(), key=lambda item: _field_of(item["loc"])):
        items = list(group)
        words = [item for item in items if _is_word_of_few(item)]
        if words and not isinstance(words[0]["input"], Mapping):
            lines.append(_explain_alternatives(field, words[0]))
        else:
            lines += [_explain(item) for item in _told(items, words)]
    return lines


def _told(items: list[Any], words: list[Any]) -> list[Any]:
    """Of a section's mistakes those in it; that it is no word, or no text beside words, goes without saying."""
    passed_over = [*words, *(item for item in items if words and item["loc"][-1] == _TEXT)]
    return [item for item in items if item not in passed_over] or items


def _field_of(place: tuple[int | str, ...]) -> str:
    """The field itself, also for a mistake within one of its alternatives."""
    parts = [str(part) for part in place if not _is_refiner(part)]
    end = next((k for k, part in enumerate(parts) if _ALTERNATIVE.fullmatch(part)), len(parts))
    return printable(".".join(parts[:end]))


def _is_refiner(part: int | str) -> bool:
    return part in (TRAINED, TO_TRAIN) or str(part).startswith(FAMILY)


def _is_word_of_few(item: Any) -> bool:
    return item["type"] == "literal_error" and bool(_ALTERNATIVE.fullmatch(str(item["loc"][-1])))


def _explain_alternatives(field: str, item: Any) -> str:
    form = _OTHER_FORMS.get(field.rpartition(".")[2], "a section with fields of its own")
    words = item["ctx"]["expected"].replace(" or ", ", ").replace("'", "")
    return f"{field} must be {words}, or {form}, but was {shown(item['input'])}"


def _explain(item: Any) -> str:
    kept = (str(part) for part in item["loc"] if not _is_refiner(part))
    field = printable(".".join(part for part in kept if not _ALTERNATIVE.fullmatch(part))) or "the run"
    if item["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{field} is not a known field; check its spelling, or remove it"
    if item["type"] == "missing":
        return f"{field} is missing; add it"
    value = item["input"]
    was = f", but was {shown(value)}" if is_short(value) else ""
    if shape := shape_words(item["type"], item.get("ctx", {})):
        names_file = shape == SECTION and shown(value).endswith((".yaml'", ".yml'"))
        return f"{field} {shape}{was}" + (
            "; only the grid of a sweep may name a file, so write its content here" if names_file else ""
        )
    return f"{field}: {item['msg'].removeprefix('Value error, ')}{was}"
