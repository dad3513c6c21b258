"""Why an artifact would be built: the fields in which it differs from the nearest one in the store."""

import functools
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from tasks.artifacts.manifest import Manifest
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store

MOST_TOLD = 8  # fields; what differs in more has no near relative in the store


class Explainer:
    """Compares recipes with what a store held when it was first asked; a plan asks thousands of times."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._relatives: dict[str, _Relatives] = {}

    def explain(self, recipe: Recipe) -> list[str]:
        """Empty for a hit; else the reasons, one line each: damage, the first differing fields or "never built"."""
        if self._store.find(recipe.key):
            return []
        if self._store.manifest(recipe.key):
            return ["was built, but its files are damaged or missing"]
        others = self._by_kind.get(recipe.kind)
        if not others:
            return ["never built"]
        if recipe.kind not in self._relatives:
            self._relatives[recipe.kind] = _Relatives(others)
        found = differences(self._relatives[recipe.kind].nearest(recipe.parts).parts, recipe.parts)
        rest = len(found) - MOST_TOLD
        return found if rest <= 0 else [*found[:MOST_TOLD], f"and {rest} more fields"]

    @functools.cached_property
    def _by_kind(self) -> dict[str, list[Manifest]]:
        """All artifacts, the newest first."""
        found: dict[str, list[Manifest]] = {}
        for manifest in reversed(list(self._store.manifests())):
            found.setdefault(manifest.kind, []).append(manifest)
        return found


class _Relatives:
    """Artifacts of one kind as a table of numbers, a row each: equal numbers in a column stand for equal texts."""

    def __init__(self, manifests: list[Manifest]) -> None:
        self._manifests = manifests
        rows = [dict(_flatten(manifest.parts)) for manifest in manifests]
        self._columns = {
            field: index for index, field in enumerate(dict.fromkeys(f for row in rows for f in row))
        }
        texts = dict.fromkeys((field, text) for row in rows for field, text in row.items())
        self._numbers = {pair: number for number, pair in enumerate(texts, start=1)}
        self._table = np.stack([self._encode(row) for row in rows])

    def nearest(self, parts: dict[str, Any]) -> Manifest:
        """The one that differs in the fewest fields; of several the first. Fields that none has are no nearer to any."""
        encoded = self._encode(dict(_flatten(parts)))
        return self._manifests[int(np.argmin((self._table != encoded).sum(axis=1)))]

    def _encode(self, fields: dict[str, str]) -> np.ndarray:
        """int32 [columns]: 0 where the field is absent, -1 for a text that no artifact has."""
        encoded = np.zeros(len(self._columns), np.int32)
        for field in fields.keys() & self._columns.keys():
            encoded[self._columns[field]] = self._numbers.get((field, fields[field]), -1)
        return encoded


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
