"""What a field of a configuration must be, in the words of people who write YAML and not of pydantic."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel

from blender_assets.both_sides.text_reading import shown

SECTION = "must be a section with fields of its own, e.g. {FIELD: VALUE}"
_SHAPES = {
    "tuple_type": "must be a list, e.g. [1, 4] or [[S], [S+]], as the field wants it",
    "list_type": "must be a list in [..]",
    "dict_type": SECTION,
    "model_type": SECTION,
    "model_attributes_type": SECTION,
    "dataclass_type": SECTION,
    "string_type": "must be text; put it in quotes",
    "string_unicode": "must be text of whole letters",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a whole number of fewer digits",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    # only names have a pattern
    "string_pattern_mismatch": "must be of letters, digits, dots, dashes and underscores, and begin with none of .-",
}
_LARGEST = 2**63


def shape_words(kind: str, context: Mapping[str, Any]) -> str | None:
    """What a field must be whose mistake pydantic calls `kind`; None where pydantic's own words will do."""
    if kind == "too_long":
        return f"must have at most {context.get('max_length')} values, but has {context.get('actual_length')}"
    if kind == "too_short":
        return (
            f"must have at least {context.get('min_length')} values, but has {context.get('actual_length')}"
        )
    if kind == "union_tag_invalid":
        return f"must have a {str(context.get('discriminator')).strip(chr(39))} of {context.get('expected_tags')}"
    return _SHAPES.get(kind)


def is_short(value: Any) -> bool:
    """Whether a message can show the value."""
    return isinstance(value, str | int | float | bool) or value is None


def endless_numbers(value: Any, field: str = "") -> Iterator[str]:
    """One line for every number in a read configuration that is not finite, or beyond what computers count."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        if not math.isfinite(value) if isinstance(value, float) else abs(value) >= _LARGEST:
            yield f"{field} must be a finite number of less than 19 digits, but was {shown(value)}"
        return
    for name, inner in _inner(value):
        yield from endless_numbers(inner, f"{field}.{name}".lstrip("."))


def booleans_for_numbers(content: Any, validated: Any, field: str = "") -> Iterator[str]:
    """One line for every yes or no that stands where a number belongs; pydantic takes them as 1 and 0."""
    if isinstance(content, bool) and not isinstance(validated, bool | str):
        yield f"{field} must be a number, but was {content} (YAML reads yes, no, on and off so)"
    elif isinstance(content, Mapping):
        for name, value in content.items():
            inner = validated.get(name) if isinstance(validated, Mapping) else getattr(validated, name, None)
            yield from booleans_for_numbers(value, inner, f"{field}.{name}".lstrip("."))
    elif isinstance(content, list) and isinstance(validated, list | tuple):
        for number, (value, inner) in enumerate(zip(content, validated, strict=True)):
            yield from booleans_for_numbers(value, inner, f"{field}.{number}")


def _inner(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, BaseModel):
        yield from value
    elif is_dataclass(value) and not isinstance(value, type):
        yield from ((item.name, getattr(value, item.name)) for item in fields(value))
    elif isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list | tuple):
        yield from enumerate(value)
