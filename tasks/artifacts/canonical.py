"""One canonical JSON form for everything that may decide the identity of an artifact."""

import dataclasses
import enum
import hashlib
import json
import math
import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel


def canonical(value: Any) -> Any:
    """Reduce `value` to JSON types, or raise TypeError when it has no identity of its own.

    A path is refused: it says where bytes lie, not which bytes they are.
    """
    if isinstance(value, BaseModel):
        return {name: canonical(getattr(value, name)) for name in type(value).model_fields}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: canonical(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return canonical(value.value)
    if isinstance(value, dict):
        return {_text_key(key): canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((canonical(item) for item in value), key=to_json)
    return _scalar(value)


def to_json(value: Any) -> str:
    """Canonical text of a value that is already reduced to JSON types."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Any) -> str:
    """Sha256, in hexadecimal, of the canonical JSON of `value`."""
    return hashlib.sha256(to_json(canonical(value)).encode()).hexdigest()


def digest_file(path: Path) -> str:
    """Sha256, in hexadecimal, of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _text_key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(
            f"the keys of a mapping in an artifact's key must be text, but {key!r} is {type(key)}"
        )
    return key


def _scalar(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise TypeError(f"{value} cannot be part of an artifact's key: it has no canonical JSON form")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, os.PathLike):
        raise TypeError(
            f"the path {os.fspath(value)!r} is no identity; pass a Ref, or SourceFiles for files outside the store"
        )
    raise TypeError(
        f"{value!r} of {type(value)} has no canonical form; use JSON types, dataclasses or pydantic models"
    )
