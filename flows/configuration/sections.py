"""The sections of a configuration file: each class below its form at each place where it may stand."""

import inspect
from dataclasses import dataclass
from typing import Any

from flows.configuration.field_words import Field, classes_in, list_fields, sole_value

_WORTH_A_TABLE = 5  # fields that several alternatives share; fewer are said with each of them


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
    return _merge(walked) if len(walked) > 1 else [section for found in walked.values() for section in found]


def _condition(owner: type) -> str:
    """What a person writes to have this one of several: a field with one value, or one that must be there, or nothing."""
    fields = list_fields(owner, None)
    sole = [f"`{field.name}: {sole_value(field.hint)}`" for field in fields if sole_value(field.hint)]
    words = sole or [f"`{field.name}`" for field in fields if field.is_required]
    return f" with {' and '.join(words)}" if words else ""


def _merge(alternatives: dict[str, list[Section]]) -> list[Section]:
    """By condition: what several alternatives share, then what each has of its own."""
    merged = []
    top = next(iter(alternatives.values()))[0].name
    for name, inner in _places(alternatives):
        variants = {
            condition: section
            for condition, sections in alternatives.items()
            for section in sections
            if (section.name, section.condition) == (name, inner)
        }
        for owners, fields in _shared(variants):
            abouts = {variants[owner].about for owner in owners}
            about = abouts.pop() if len(abouts) == 1 else ""
            # Below the place itself only what not all of them have in common has to be told apart.
            is_plain = name != top and ("" in owners or 1 < len(owners) == len(variants))
            words = "" if is_plain else _words(owners, list(alternatives))
            merged.append(Section(name, inner + words, about, fields))
    return merged


def _places(alternatives: dict[str, list[Section]]) -> dict[tuple[str, str], None]:
    """(name, condition) of every section, the alternatives' own before those within them."""
    return dict.fromkeys(
        (section.name, section.condition) for sections in alternatives.values() for section in sections
    )


def _shared(variants: dict[str, Section]) -> list[tuple[tuple[str, ...], tuple[Field, ...]]]:
    """Fields by the conditions of all that have them, where these are many or a whole section; else each one's own."""
    groups: dict[tuple[str, ...], list[Field]] = {}
    for condition, section in variants.items():
        for field in section.fields:
            owners = tuple(other for other, its in variants.items() if field in its.fields)
            if owners[0] == condition:
                groups.setdefault(owners, []).append(field)
    shared = {
        owners: fields
        for owners, fields in groups.items()
        if len(owners) > 1
        and len(fields) >= min([_WORTH_A_TABLE, *(len(variants[owner].fields) for owner in owners)])
    }
    said = {
        owner: [field for owners, fields in shared.items() if owner in owners for field in fields]
        for owner in variants
    }
    own = {
        (owner,): [field for field in its.fields if field not in said[owner]]
        for owner, its in variants.items()
    }
    found = sorted([*shared.items(), *own.items()], key=lambda item: -len(item[0]))
    return [(owners, tuple(fields)) for owners, fields in found if fields]


def _words(owners: tuple[str, ...], alternatives: list[str]) -> str:
    """Which alternatives are meant; one without a condition is told by what it has not."""
    if len(owners) == len(alternatives):
        return ""
    others = tuple(condition for condition in alternatives if condition and condition not in owners)
    named, link, begin = (others, " and ", " without ") if "" in owners else (owners, " or ", " with ")
    words = [condition.removeprefix(" with ") for condition in named]
    return begin + link.join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _about(owner: type) -> str:
    """Its docstring in one line, where it has one of its own, and where it is written."""
    words = " ".join(inspect.cleandoc(owner.__dict__.get("__doc__") or "").split())
    place = f"(`{owner.__name__}` in `{owner.__module__.replace('.', '/')}.py`)"
    return place if not words or words.startswith(f"{owner.__name__}(") else f"{words} {place}"
