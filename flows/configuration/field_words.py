"""The fields of a configuration's class, and what may stand in each, in words for people."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from flows.configuration.forms import field_comments
from models.configs import WeightsOfRun

_PLAIN = {
    bool: ("true or false", "true or false"),
    int: ("whole number", "whole numbers"),
    float: ("number", "numbers"),
    str: ("text", "texts"),
    Any: ("anything", "anything"),
    type(None): ("null", "null"),
    WeightsOfRun: ("`run:NAME`", "`run:NAME`"),
}
_LIMITS = {Ge: ("ge", "at least"), Gt: ("gt", "more than"), Le: ("le", "at most"), Lt: ("lt", "less than")}
_LENGTHS = {MinLen: ("min_length", "at least"), MaxLen: ("max_length", "at most")}


@dataclass(frozen=True)
class Field:
    """One field as a person writes it; `default` is None, too, where it is required."""

    name: str
    hint: Any
    limits: tuple[Any, ...]
    comment: str
    default: Any
    is_required: bool


def list_fields(owner: type, instance: Any) -> list[Field]:
    """The fields of a pydantic model or a dataclass; their defaults are the values of `instance` where there is one."""
    listed = _of_model(owner) if issubclass(owner, BaseModel) else _of_dataclass(owner)
    if instance is None:
        return [field for _, field in listed]
    return [
        dataclasses.replace(field, default=getattr(instance, name), is_required=False)
        for name, field in listed
    ]


def _of_model(owner: type[BaseModel]) -> list[tuple[str, Field]]:
    comments = field_comments(owner)
    found = []
    for name, info in owner.model_fields.items():
        default = info.get_default(call_default_factory=True)
        is_required = default is PydanticUndefined
        comment = comments.get(name) or info.description or ""
        shown = Field(
            name=info.alias or name,
            hint=info.annotation,
            limits=tuple(info.metadata),
            comment=comment,
            default=None if is_required else default,
            is_required=is_required,
        )
        found.append((name, shown))
    return found


def _of_dataclass(owner: Any) -> list[tuple[str, Field]]:
    comments, hints = field_comments(owner), get_type_hints(owner, include_extras=True)
    found = []
    for item in dataclasses.fields(owner):
        made = item.default_factory is not dataclasses.MISSING
        default = item.default_factory() if made else item.default  # type: ignore[misc]
        is_required = default is dataclasses.MISSING
        shown = Field(
            name=item.name,
            hint=hints[item.name],
            limits=(),
            comment=comments.get(item.name, ""),
            default=None if is_required else default,
            is_required=is_required,
        )
        found.append((item.name, shown))
    return found


def classes_in(hint: Any) -> list[tuple[type, str]]:
    """The sections that a field may hold, and how a name goes on to theirs: "[]" in a list, ".NAME" in a mapping."""
    if isinstance(hint, type) and (issubclass(hint, BaseModel) or dataclasses.is_dataclass(hint)):
        return [(hint, "")]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return []
    if origin in (dict, Mapping):
        return [(owner, f".NAME{way}") for owner, way in classes_in(inner[1])]
    way = "[]" if origin in (tuple, list) else ""
    kept = inner[:1] if origin is Annotated else inner
    return [(owner, f"{way}{deeper}") for part in kept for owner, deeper in classes_in(part)]


def sole_value(hint: Any) -> str | None:
    """The only value that a field may have, which tells one alternative from others."""
    values = get_args(hint) if get_origin(hint) is Literal else ()
    return str(values[0]) if len(values) == 1 else None


def in_words(hint: Any, limits: tuple[Any, ...] = ()) -> str:
    """What may stand there: "whole number or null, at least 1"."""
    return ", ".join([_kind(hint, False), *_limit_words(limits, hint)])


def _kind(hint: Any, is_plural: bool) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if hint in _PLAIN:
        return _PLAIN[hint][is_plural]
    if origin is Annotated:
        limits = tuple(limit for note in inner[1:] for limit in getattr(note, "metadata", []))
        return " ".join([_kind(inner[0], is_plural), *_limit_words(limits, inner[0])])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_kind(part, is_plural) for part in inner))
    return _collection(origin, inner, is_plural) if origin else "sections" if is_plural else "section"


def _collection(origin: Any, inner: tuple[Any, ...], is_plural: bool) -> str:
    if origin in (dict, Mapping):
        keys = "names" if inner[0] is str else _kind(inner[0], True)
        return f"{'mappings' if is_plural else 'mapping'} of {keys} to {_kind(inner[1], True)}"
    if origin is tuple and inner[-1] is not Ellipsis:
        return f"[{', '.join(_kind(part, False) for part in inner)}]"
    return f"{'lists' if is_plural else 'list'} of {_kind(inner[0], True)}"


def _limit_words(limits: tuple[Any, ...], hint: Any) -> list[str]:
    """Those that can be said shortly; both ends of a number's range together."""
    ends = {type(limit): limit for limit in limits}
    if Ge in ends and Le in ends:
        return [f"{ends[Ge].ge:g} to {ends[Le].le:g}"]
    return [words for limit in limits if (words := _limit(limit, hint))]


def _limit(limit: Any, hint: Any) -> str:
    kind = type(limit)
    if kind in _LIMITS:
        attribute, words = _LIMITS[kind]
        return f"{words} {getattr(limit, attribute):g}"
    if kind in _LENGTHS:
        attribute, words = _LENGTHS[kind]
        return f"{words} {getattr(limit, attribute)} {'characters' if hint is str else 'of them'}"
    pattern = getattr(limit, "pattern", None)
    return f"matches `{pattern}`" if pattern else ""
