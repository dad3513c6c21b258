"""The sections of a configuration file: each class below its form at each place where it may stand."""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from flows.configuration.field_words import Field, classes_in, list_fields, sole_value


@dataclass(frozen=True)
class Section:
    """The fields of one class at one place of a file, which `name` tells with dots ("" for the file itself).

    `condition`: of which alternatives they are, in words that follow the name.
    """

    name: str
    condition: str
    about: str
    fields: tuple[Field, ...]


def list_sections(form: type) -> list[Section]:
    """The file's own fields first, and each section before those within it."""
    return _walk(form, "", None)


def _walk(owner: type, name: str, instance: Any) -> list[Section]:
    fields = list_fields(owner, instance)
    prefix = f"{name}." if name else ""
    below = [section for field in fields for section in _within(field, prefix + field.name)]
    return [Section(name, "", _about(owner), tuple(fields)), *below]


def _within(field: Field, name: str) -> list[Section]:
    """The sections of a field that is one, or a list or mapping of them, or one of several."""
    walked = {}
    for owner, way in classes_in(field.hint):
        instance = field.default if isinstance(field.default, owner) else None
        walked[_condition(owner)] = _walk(owner, name + way, instance)
    return next(iter(walked.values())) if len(walked) == 1 else _merge(walked)


def _condition(owner: type) -> str:
    """What a person writes to have this one of several: a field with one value, or one that must be there, or nothing."""
    fields = list_fields(owner, None)
    sole = [f"`{field.name}: {sole_value(field.hint)}`" for field in fields if sole_value(field.hint)]
    words = sole or [f"`{field.name}`" for field in fields if field.is_required]
    return f" with {' and '.join(words)}" if words else ""


def _merge(alternatives: dict[str, list[Section]]) -> list[Section]:
    """By condition: what all alternatives have once, then what each has of its own, equal fields of several together."""
    merged = []
    for name, inner in _places(alternatives):
        variants = {
            condition: section
            for condition, sections in alternatives.items()
            for section in sections
            if (section.name, section.condition) == (name, inner)
        }
        common = _common(list(variants.values())) if len(variants) == len(alternatives) else ()
        abouts = {section.about for section in variants.values()}
        about = abouts.pop() if len(abouts) == 1 else ""
        merged += [Section(name, inner, about, common)] if common else []
        merged += _own(variants, common)
    return merged


def _places(alternatives: dict[str, list[Section]]) -> dict[tuple[str, str], None]:
    """(name, condition) of every section, the alternatives' own before those within them."""
    return dict.fromkeys(
        (section.name, section.condition) for sections in alternatives.values() for section in sections
    )


def _common(sections: list[Section]) -> tuple[Field, ...]:
    first, *others = sections
    return tuple(field for field in first.fields if all(field in other.fields for other in others))


def _own(variants: dict[str, Section], common: tuple[Field, ...]) -> list[Section]:
    """What is not common, with the conditions of all that have it."""
    found: list[Section] = []
    for condition, section in variants.items():
        fields = tuple(field for field in section.fields if field not in common)
        twin = next((number for number, other in enumerate(found) if other.fields == fields), None)
        if twin is not None:
            found[twin] = replace(found[twin], condition=f"{found[twin].condition} or{condition}")
        elif fields:
            words = condition or _without(variants)
            found.append(replace(section, condition=section.condition + words, fields=fields))
    return found


def _without(conditions: Iterable[str]) -> str:
    """Of the alternative that is meant where nothing else is told."""
    others = [condition.removeprefix(" with ") for condition in conditions if condition]
    return f" without {' and '.join(others)}" if others else ""


def _about(owner: type) -> str:
    """Its docstring in one line, where it has one of its own, and where it is written."""
    words = " ".join(inspect.cleandoc(owner.__dict__.get("__doc__") or "").split())
    place = f"(`{owner.__name__}` in `{owner.__module__.replace('.', '/')}.py`)"
    return place if not words or words.startswith(f"{owner.__name__}(") else f"{words} {place}"
