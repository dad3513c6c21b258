"""Arms of a run: what is trained and compared, each with fields of its own."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from flows.configuration.files import put
from models.configs import to_plain

Config = TypeVar("Config")


def require_different(arms: Mapping[str, BaseModel]) -> None:
    """ValueError where two arms are the same training, which would be compared with itself."""
    seen: dict[str, str] = {}
    for name, arm in arms.items():
        other = seen.setdefault(arm.model_dump_json(), name)
        if other != name:
            raise ValueError(f"arms {other} and {name} are the same training; remove one")


def with_fields(config: Config, values: Mapping[str, Any], *, source: str) -> Config:
    """`config`, a dataclass of `models`, with fields by dotted name, e.g. {"losses.pixel": "focal"}.

    `source` names where they stand. ValueError for a field inside one that has none, pydantic's ValidationError for others
    that there are not and for wrong values.
    """
    content = to_plain(config)
    for name, value in values.items():
        put(content, name, value, source=f"{source}.{name}")
    return TypeAdapter(type(config)).validate_python(content)
