"""What the UI's forms say of each field: the comment beside it in the source, its one description, and its limits."""

import ast
import dataclasses
import inspect
import io
import textwrap
import tokenize
import typing
from typing import Any

from pydantic import BaseModel

_LIMITS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}


def describe_fields(schema: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """The same schema of a flow's parameters, with a description for every field that has a comment or limits.

    `parameters` are the annotations of the flow's parameters; pydantic models and dataclasses below them are described.
    """
    definitions = {
        name: _described(definition, _find_class(name, parameters))
        for name, definition in schema.get("definitions", {}).items()
    }
    return schema | {"definitions": definitions}


def field_comments(owner: type) -> dict[str, str]:
    """The comment of each field, a parent's too: behind or within its lines, else in whole lines above it."""
    found: dict[str, str] = {}
    for parent in reversed(owner.__mro__):
        if parent not in (BaseModel, object):
            found |= _own_comments(parent)
    return found


def _own_comments(owner: type) -> dict[str, str]:
    source = textwrap.dedent(inspect.getsource(owner))
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.ClassDef)
    beside, above = _comments(source)
    found = {}
    for node in body.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            words = [beside[line] for line in lines if line in beside] or _lines_above(above, node.lineno)
            if words:
                found[node.target.id] = " ".join(words)
    return found


def _described(definition: dict[str, Any], owner: type | None) -> dict[str, Any]:
    if owner is None or "properties" not in definition:
        return definition
    comments = field_comments(owner)
    aliases = {field.alias: name for name, field in getattr(owner, "model_fields", {}).items() if field.alias}
    properties = {
        name: _with_comment(content, comments.get(aliases.get(name, name)))
        for name, content in definition["properties"].items()
    }
    return definition | {"properties": properties}


def _with_comment(content: dict[str, Any], comment: str | None) -> dict[str, Any]:
    words = [*filter(None, [comment or content.get("description")]), *_limits(content)]
    return content | {"description": "; ".join(words)} if words else content


def _limits(content: dict[str, Any]) -> list[str]:
    """Limits of a number in words: a form shows them only once they are broken."""
    numbers = [content, *content.get("anyOf", [])]
    return [
        f"{words} {item[keyword]:g}"
        for keyword, words in _LIMITS.items()
        for item in numbers
        if isinstance(item.get(keyword), int | float)
    ]


def _find_class(name: str, parameters: dict[str, Any]) -> type | None:
    """The class behind a definition, which goes by its name, or by its module's too where two have the same name."""
    for item in _classes(parameters):
        if name in (item.__name__, f"{item.__module__}.{item.__qualname__}".replace(".", "__")):
            return item
    return None


def _classes(parameters: dict[str, Any]) -> list[type]:
    """Every pydantic model and dataclass in the annotations, and in those of their fields."""
    found: list[type] = []
    waiting = list(parameters.values())
    while waiting:
        item = waiting.pop()
        waiting += typing.get_args(item)
        is_owner = isinstance(item, type) and (issubclass(item, BaseModel) or dataclasses.is_dataclass(item))
        if is_owner and item not in found:
            found.append(item)
            waiting += typing.get_type_hints(item, include_extras=True).values()
    return found


def _comments(source: str) -> tuple[dict[int, str], dict[int, str]]:
    """Comments by line: those beside code, and those that fill their line."""
    beside: dict[int, str] = {}
    above: dict[int, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            fills_line = not token.line[: token.start[1]].strip()
            (above if fills_line else beside)[token.start[0]] = token.string.lstrip("# ")
    return beside, above


def _lines_above(above: dict[int, str], line: int) -> list[str]:
    words: list[str] = []
    while (line := line - 1) in above:
        words.insert(0, above[line])
    return words
