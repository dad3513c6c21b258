"""Why an artifact would be built: the fields in which it differs from the nearest one in the store."""

import json
from collections.abc import Iterator
from typing import Any

from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store

MOST_TOLD = 8  # fields; what differs in more has no near relative in the store


def explain(store: Store, recipe: Recipe) -> list[str]:
    """Empty for a hit; else the reasons, one line each: damage, the first differing fields or "never built"."""
    if store.find(recipe.key):
        return []
    if store.manifest(recipe.key):
        return ["was built, but its files are damaged or missing"]
    others = [manifest for manifest in store.manifests() if manifest.kind == recipe.kind]
    found = [differences(manifest.parts, recipe.parts) for manifest in reversed(others)]
    nearest = min(found, key=len, default=["never built"])
    rest = len(nearest) - MOST_TOLD
    return nearest if rest <= 0 else [*nearest[:MOST_TOLD], f"and {rest} more fields"]


def differences(old_parts: dict[str, Any], new_parts: dict[str, Any]) -> list[str]:
    """The fields in which the parts of two keys differ, one line each; empty for the same key."""
    old, new = dict(_flatten(old_parts)), dict(_flatten(new_parts))
    fields = sorted(field for field in old.keys() | new.keys() if old.get(field) != new.get(field))
    return [f"{field}: {_short(old.get(field))} -> {_short(new.get(field))}" for field in fields]


def _short(text: str | None) -> str:
    if text is None:
        return "absent"
    return text if len(text) <= 40 else f"{text[:13]}..."


def _flatten(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _flatten(item, f"{field}.{name}" if field else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict | str):
        for index, item in enumerate(value):
            yield from _flatten(item, f"{field}[{index}]")
    else:
        yield field, json.dumps(value)
